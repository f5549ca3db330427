/** The selected layer: a curve for each of its variables. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { Icon } from "../../components/icons";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { placeOfStep, type StepAxis, stepAtPlace } from "../../draw/dynamics_heat";
import {
  fitValues,
  paintLines,
  placeOfValue,
  type StepLine,
} from "../../draw/step_lines";
import { cellOfStep, type DynamicsMap } from "../../model/dynamics/dynamics_map";
import { findFollowed, followLayers } from "../../model/dynamics/dynamics_rows";
import {
  findQuantity,
  formatQuantity,
  USUAL_RATIO,
} from "../../model/dynamics/quantities";
import { formatCount } from "../../model/format";
import type { GradientsState } from "../../state/gradients";
import { shownValue } from "../../state/loadable";
import { type Store, stepsOf } from "../../state/store";
import { themeColors } from "../../theme/theme";
import { GradientHistograms } from "./gradient_histograms";
import { nameWithin } from "./name_within";

/** More curves than this are not drawn at once. */
const MAX_CURVES = 24;

/** The curves, and the ways to the layer in the other views. */
export function LayerCurves({
  store,
  state,
  variables,
}: {
  store: Store;
  state: GradientsState;
  variables: readonly string[];
}) {
  const graph = shownValue(store.graph.value);
  const map = shownValue(state.map.value);
  const path = store.layer.value;
  const layers = useMemo(
    () => followLayers(graph?.layers ?? [], variables),
    [graph, variables],
  );
  if (path === null || map === undefined) {
    return (
      <aside class="kv-layer-curves kv-layer-curves-empty">
        <p class="kv-muted">
          Click a layer to see the curves of its variables. Drag over the map to zoom
          into a range of steps.
        </p>
      </aside>
    );
  }
  const layer = findFollowed(layers, path);
  const other = shownValue(state.otherMap.value) ?? null;
  const { versus } = store.gradients.value;
  const quantity = findQuantity(map.quantity);
  const hasActivations = stepsOf(store.runInfo.value, "activations").length > 0;
  return (
    <aside class="kv-layer-curves" aria-label={`Curves of ${path.slice(0, 200)}`}>
      <header>
        <h2 class="kv-ellipsis" title={path}>
          <bdi>{path.slice(0, 500)}</bdi>
        </h2>
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label="Close the curves"
          title="Close the curves"
          onClick={() => store.selectLayer(null)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="kv-layer-links">
        <button
          type="button"
          class="kv-button"
          onClick={() => store.openArchitecture(path)}
        >
          <Icon name="graph" />
          Show in Architecture
        </button>
        {hasActivations && (
          <button
            type="button"
            class="kv-button"
            onClick={() => store.openActivations(path)}
          >
            <Icon name="grid" />
            Activations
          </button>
        )}
        {stepsOf(store.runInfo.value, "weights").length > 0 && (
          <button
            type="button"
            class="kv-button"
            onClick={() => store.openWeights(path)}
          >
            <Icon name="table" />
            Weights
          </button>
        )}
      </div>
      {layer === null ? (
        <p class="kv-muted">
          No variable of this layer is trained, so there are no gradients of it.
        </p>
      ) : (
        <>
          <p class="kv-muted" title={quantity?.definition}>
            {quantity?.title} of each variable: mean, and up to the largest
            {other !== null && `; dashed: ${(versus ?? "").slice(0, 100)}`}
          </p>
          {layer.all.slice(0, MAX_CURVES).map((at) => (
            <VariableCurve
              key={variables[at]}
              store={store}
              state={state}
              path={variables[at] ?? ""}
              at={at}
              map={map}
              other={other}
            />
          ))}
          {layer.all.length > MAX_CURVES && (
            <p class="kv-muted">
              {formatCount(MAX_CURVES)} of {formatCount(layer.all.length)} variables;
              open the layer in the map and choose one of those inside of it for the
              others.
            </p>
          )}
          <GradientHistograms
            store={store}
            variables={layer.all.map((at) => variables[at] ?? "")}
          />
        </>
      )}
    </aside>
  );
}

function rowOf(map: DynamicsMap, values: Float32Array, at: number): Float32Array {
  const count = map.steps.length;
  return values.subarray(at * count, (at + 1) * count);
}

function VariableCurve({
  store,
  state,
  path,
  at,
  map,
  other,
}: {
  store: Store;
  state: GradientsState;
  path: string;
  at: number;
  map: DynamicsMap;
  other: DynamicsMap | null;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const hover = useSignal<Hover | null>(null);
  const dark = store.page.dark.value;
  const current = store.currentStep.value;
  const range = state.range.value ?? { first: 1, last: 1 };
  const axis: StepAxis = { ...range, width };
  const theirs = other?.variables.indexOf(path) ?? -1;
  const lines = (mine: string, others: string): StepLine[] => [
    {
      cells: map,
      mean: rowOf(map, map.mean, at),
      largest: rowOf(map, map.largest, at),
      color: mine,
      isDashed: false,
    },
    ...(other === null || theirs < 0
      ? []
      : [
          {
            cells: other,
            mean: rowOf(other, other.mean, theirs),
            largest: null,
            color: others,
            isDashed: true,
          },
        ]),
  ];
  const guide = map.quantity === "update_ratio" ? USUAL_RATIO : null;
  const values = fitValues(lines("", ""), guide === null ? [] : [guide]);
  const broken = rowOf(map, map.nonfinite, at);
  const paint = useCallback<Paint>(
    (context, full, height) => {
      const color = themeColors();
      if (values !== null) {
        if (guide !== null) {
          const y = placeOfValue(values, guide, height);
          context.strokeStyle = color("border-strong");
          context.setLineDash([2, 3]);
          context.beginPath();
          context.moveTo(0, y);
          context.lineTo(full, y);
          context.stroke();
          context.setLineDash([]);
          context.fillStyle = color("muted");
          context.font = "9px system-ui, sans-serif";
          context.textBaseline = "bottom";
          context.fillText("0.001", 2, y - 1);
        }
        paintLines(
          context,
          lines(color("accent"), color("warning")),
          axis,
          values,
          height,
        );
      }
      context.fillStyle = color("error");
      context.font = "10px system-ui, sans-serif";
      context.textAlign = "center";
      context.textBaseline = "top";
      broken.forEach((count, cell) => {
        if (count > 0) {
          context.fillText("×", placeOfStep(axis, (map.steps[cell] ?? 0) + 0.5), 0);
        }
      });
      if (current !== null && current >= axis.first && current <= axis.last) {
        context.fillStyle = color("border-strong");
        context.fillRect(placeOfStep(axis, current + 0.5), 0, 1, height);
      }
    },
    [map, other, at, axis.first, axis.last, width, dark, current],
  );
  const last = rowOf(map, map.mean, at).findLast((value) => Number.isFinite(value));
  return (
    <figure class="kv-variable-curve">
      <figcaption>
        <span class="kv-ellipsis" title={path}>
          <bdi>{nameWithin(path, store.layer.value ?? "").slice(0, 100)}</bdi>
        </span>
        <strong title="Mean of the last cell of steps">
          {last === undefined ? "not measured" : formatQuantity(map.quantity, last)}
        </strong>
      </figcaption>
      <div class="kv-variable-plot">
        <div
          ref={box}
          class="kv-variable-lines"
          onPointerMove={(event) => {
            const left = event.currentTarget.getBoundingClientRect().left;
            const step = stepAtPlace(axis, event.clientX - left);
            const cell = cellOfStep(map, step);
            const text = (of: Float32Array) =>
              formatQuantity(map.quantity, rowOf(map, of, at)[cell] ?? Number.NaN);
            hover.value = {
              x: event.clientX,
              y: event.clientY,
              lines: [
                `mean ${text(map.mean)}`,
                `largest ${text(map.largest)}`,
                ...((broken[cell] ?? 0) > 0
                  ? [`${formatCount(broken[cell] ?? 0)} elements are NaN or infinite`]
                  : []),
                `step ${formatCount(map.steps[cell] ?? step)}`,
              ],
            };
          }}
          onPointerLeave={() => {
            hover.value = null;
          }}
        >
          <PaintedCanvas paint={paint} class="kv-fill" label={`${path} over steps`} />
        </div>
        {values !== null && (
          <span class="kv-variable-ends kv-muted kv-mono">
            <span>{formatQuantity(map.quantity, values.high)}</span>
            {values.isLog && <span title="The axis is logarithmic">log</span>}
            <span>{formatQuantity(map.quantity, values.low)}</span>
          </span>
        )}
      </div>
      <HoverTip hover={hover} />
    </figure>
  );
}
