/** Histograms of the gradients of a layer's variables, one of them at a time. */

import { useEffect, useMemo } from "preact/hooks";
import { StepHistograms } from "../../components/histogram_map";
import { BusyLine, ErrorNote, Loading } from "../../components/states";
import {
  type GradientTrend,
  nonfiniteCounts,
} from "../../model/gradients/gradient_trend";
import { octaveRows } from "../../model/gradients/octave_rows";
import {
  createGradientHistograms,
  type GradientHistogramsState,
} from "../../state/gradient_histograms";
import { shownValue } from "../../state/loadable";
import { stepsOf } from "../../state/steps";
import type { Store } from "../../state/store";
import { addStyle } from "../../theme/theme";
import css from "./gradient_histograms.css?inline";
import { nameWithin } from "./name_within";

addStyle(css);

const DEFINITION =
  "The true gradient of the first optimizer step, and of the first one after each " +
  "capture of weights: without a loss scale, the mean of those that were accumulated, " +
  "summed over replicas, before clipping. Every finite value is counted in a bin, a " +
  "power of two wide; zeros have one of their own, and values that are not finite are " +
  "counted apart.";

/** The histograms, or how to get them. */
export function GradientHistograms({
  store,
  variables,
}: {
  store: Store;
  /** Paths of the layer's variables, one at least. */
  variables: readonly string[];
}) {
  const wanted = store.gradients.value.histogram;
  const shown = wanted !== null && variables.includes(wanted) ? wanted : variables[0];
  const isLogged = stepsOf(store.runInfo.value, "gradients").length > 0;
  return (
    <section class="kv-gradient-histograms" aria-label="Histograms of the gradients">
      {!isLogged || shown === undefined ? (
        <NoHistograms store={store} />
      ) : (
        <>
          <label class="kv-gradient-of" title={DEFINITION}>
            Gradient of
            <select
              class="kv-input"
              value={shown}
              onChange={(event) =>
                store.setGradients({ histogram: event.currentTarget.value })
              }
            >
              {variables.map((path) => (
                <option key={path} value={path}>
                  {nameWithin(path, store.layer.value ?? "").slice(0, 200)}
                </option>
              ))}
            </select>
          </label>
          <Trend key={shown} store={store} path={shown} />
        </>
      )}
    </section>
  );
}

function Trend({ store, path }: { store: Store; path: string }) {
  const state = useMemo(() => createGradientHistograms(store, path), [store, path]);
  useEffect(() => state.dispose, [state]);
  const loadable = state.trend.value;
  const trend = shownValue(loadable);
  return (
    <>
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {loadable.state === "loading" &&
        (trend === undefined ? (
          <Loading what="the histograms" />
        ) : (
          <BusyLine what="the histograms" />
        ))}
      {trend !== undefined && <Octaves store={store} state={state} trend={trend} />}
    </>
  );
}

function Octaves({
  store,
  state,
  trend,
}: {
  store: Store;
  state: GradientHistogramsState;
  trend: GradientTrend;
}) {
  const rows = useMemo(() => octaveRows(trend), [trend]);
  const nonfinite = useMemo(() => nonfiniteCounts(trend), [trend]);
  return (
    <StepHistograms
      {...rows}
      steps={trend.steps}
      nonfinite={nonfinite}
      captures={trend.captures}
      step={state.step.value}
      dark={store.page.dark.value}
      onStep={store.setStep}
    />
  );
}

function NoHistograms({ store }: { store: Store }) {
  const notices = shownValue(store.status.value)?.notices ?? [];
  const reason = notices.find((notice) => notice.topic === "gradients");
  return (
    <p class="kv-muted">
      {reason === undefined ? (
        <>
          No histograms of gradients were logged. <code>gradient_histograms=True</code>{" "}
          logs them.
        </>
      ) : (
        <>No histograms of gradients: {reason.message}</>
      )}
    </p>
  );
}
