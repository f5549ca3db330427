/** The chosen variable: its values, histograms and statistics, and where it leads. */

import { useMemo } from "preact/hooks";
import { HistogramMap } from "../../components/histogram_map";
import { Icon } from "../../components/icons";
import { BusyLine, ErrorNote, Loading } from "../../components/states";
import { findFollowed, followLayers } from "../../model/dynamics/dynamics_rows";
import { formatCount, formatShape } from "../../model/format";
import { variableRole } from "../../model/weights/variable_roles";
import { histogramRange, statOf } from "../../model/weights/weight_curves";
import type { WeightTrend } from "../../model/weights/weight_trend";
import { shownValue } from "../../state/loadable";
import { type Store, stepsOf } from "../../state/store";
import type { WeightsState } from "../../state/weights";
import type { WeightIndex } from "../../wire/generated";
import { layerOfVariable } from "../gradients/layer_of_variable";
import { StatisticPlots } from "./statistic_plots";
import { VariableValues } from "./variable_values";

/** All of one variable. */
export function VariablePanel({
  store,
  state,
  index,
}: {
  store: Store;
  state: WeightsState;
  index: WeightIndex;
}) {
  const path = state.variable.value;
  const loadable = state.shown.value;
  const shown = shownValue(loadable);
  const trendLoadable = state.trend.value;
  const trend = shownValue(trendLoadable);
  if (path === null) {
    return <Loading what="the variable" />;
  }
  const capture = index.variables.find((one) => one.path === path);
  const isEmpty = capture?.shape.includes(0) === true;
  const role = variableRole(path);
  return (
    <article class="kv-weight-panel" aria-label={`Weights of ${path.slice(0, 200)}`}>
      <header class="kv-weight-title">
        <h2 class="kv-ellipsis" title={path}>
          <bdi>{path.slice(0, 500)}</bdi>
        </h2>
        {capture !== undefined && (
          <span class="kv-muted kv-mono">
            {formatShape(capture.shape)} {capture.dtype}
            {capture.trainable ? "" : ", not trained"}
          </span>
        )}
        <Links store={store} path={path} />
      </header>
      {role !== "" && <p class="kv-muted kv-weight-note">{role}.</p>}
      <StepNote store={store} state={state} />
      <LayerNote store={store} index={index} path={path} />
      {loadable.state === "loading" && shown !== undefined && (
        <BusyLine what="the values" />
      )}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {shown !== undefined ? (
        <VariableValues store={store} state={state} shown={shown} />
      ) : (
        loadable.state === "loading" && <Loading what="the values" />
      )}
      {trendLoadable.state === "error" && loadable.state !== "error" && (
        <ErrorNote message={trendLoadable.message} onRetry={store.reload} />
      )}
      {trend !== undefined
        ? // Of a variable without values there is nothing to say over steps.
          !isEmpty && <Trend store={store} trend={trend} step={state.step.value} />
        : trendLoadable.state === "loading" && <Loading what="the histograms" />}
    </article>
  );
}

/** Histograms and statistics of all captures. */
function Trend({
  store,
  trend,
  step,
}: {
  store: Store;
  trend: WeightTrend;
  step: number | null;
}) {
  const range = useMemo(() => histogramRange(trend), [trend]);
  const nonfinite = useMemo(() => statOf(trend, "nonfinite"), [trend]);
  return (
    <>
      <HistogramMap
        series={trend}
        range={range}
        nonfinite={nonfinite}
        captures={trend.captures}
        step={step}
        dark={store.page.dark.value}
        onStep={store.setStep}
      />
      <StatisticPlots store={store} trend={trend} step={step} />
    </>
  );
}

/** Says which capture is shown, where it is not that of the wanted step. */
function StepNote({ store, state }: { store: Store; state: WeightsState }) {
  const step = state.step.value;
  const wanted = store.step.value;
  if (step === null) {
    return null;
  }
  const text =
    wanted !== null && wanted < step
      ? `No weights were captured up to step ${formatCount(wanted)}: this is the first capture, of step ${formatCount(step)}.`
      : wanted !== null && wanted > step
        ? `Capture of step ${formatCount(step)}, the last one up to step ${formatCount(wanted)}.`
        : `Capture of step ${formatCount(step)}${wanted === null ? ", the latest" : ""}.`;
  return <p class="kv-muted kv-weight-note">{text}</p>;
}

/** Says so where the layer that one came from has no variables. */
function LayerNote({
  store,
  index,
  path,
}: {
  store: Store;
  index: WeightIndex;
  path: string;
}) {
  const layer = store.layer.value;
  const graph = shownValue(store.graph.value);
  if (layer === null || graph === undefined) {
    return null;
  }
  const paths = index.variables.map((one) => one.path);
  return findFollowed(followLayers(graph.layers, paths), layer) !== null ||
    layerOfVariable(graph.layers, path) === layer ? null : (
    <p class="kv-muted kv-weight-note">
      The layer "{layer.slice(0, 300)}" has no variables in this capture.
    </p>
  );
}

function Links({ store, path }: { store: Store; path: string }) {
  const graph = shownValue(store.graph.value);
  const layer = layerOfVariable(graph?.layers ?? [], path);
  if (layer === "") {
    return null;
  }
  const has = (kind: string) => stepsOf(store.runInfo.value, kind).length > 0;
  return (
    <div class="kv-weight-links">
      <button
        type="button"
        class="kv-button"
        onClick={() => store.openArchitecture(layer)}
      >
        <Icon name="graph" />
        Show in Architecture
      </button>
      {has("activations") && (
        <button
          type="button"
          class="kv-button"
          onClick={() => store.openActivations(layer)}
        >
          <Icon name="grid" />
          Activations
        </button>
      )}
      {has("dynamics") && (
        <button
          type="button"
          class="kv-button"
          onClick={() => store.openGradients(layer)}
        >
          <Icon name="table" />
          Gradients
        </button>
      )}
    </div>
  );
}
