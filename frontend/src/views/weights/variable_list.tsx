/** All variables by their layers, with the size of each and of its change. */

import { useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { paintSparkLine } from "../../draw/spark_line";
import type { DynamicsMap } from "../../model/dynamics/dynamics_map";
import { formatCount, formatShape, formatValue } from "../../model/format";
import { rowAfterKey } from "../../model/grid_keys";
import {
  relativeChange,
  type WeightRow,
  weightRows,
} from "../../model/weights/weight_rows";
import { scrollTo, windowRows } from "../../model/windowing";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { WeightsState } from "../../state/weights";
import { themeColors } from "../../theme/theme";
import type { WeightIndex } from "../../wire/generated";

const ROW_HEIGHT = 26;

/** Picks a variable, by mouse or by the arrow keys. */
export function VariableList({
  store,
  state,
  index,
}: {
  store: Store;
  state: WeightsState;
  index: WeightIndex;
}) {
  const find = useSignal("");
  const graph = shownValue(store.graph.value);
  const rows = useMemo(
    () => weightRows(graph?.layers ?? [], index.variables, find.value),
    [graph, index, find.value],
  );
  const previous = index.previous_step;
  return (
    <nav class="kv-weight-list" aria-label="Variables">
      <input
        type="search"
        class="kv-input"
        placeholder={`Filter ${formatCount(index.variables.length)} variables`}
        aria-label="Filter variables by path or class of the layer"
        value={find.value}
        onInput={(event) => {
          find.value = event.currentTarget.value;
        }}
      />
      <div class="kv-weight-head kv-muted" aria-hidden="true">
        <span>variable</span>
        <span>shape</span>
        <span title="The norm over all optimizer steps, where gradients are logged">
          trend
        </span>
        <span title="Euclidean norm of the finite values">norm</span>
        <span
          title={
            previous === null
              ? "This is the first capture of a training: nothing changed before it"
              : `Norm of the change since the capture of step ${formatCount(previous)}, divided by the norm`
          }
        >
          change
        </span>
      </div>
      {rows.length === 0 ? (
        <p class="kv-muted kv-weight-none">
          No variable has that in its path, and no layer in its class.
        </p>
      ) : (
        <Rows store={store} state={state} rows={rows} />
      )}
      {index.changes_cut !== "" && (
        <p class="kv-cut kv-weight-none">{index.changes_cut}</p>
      )}
      {index.skipped.length > 0 && (
        <p
          class="kv-cut kv-weight-none"
          title={index.skipped
            .slice(0, 20)
            .map(({ path, reason }) => `${path}: ${reason}`)
            .join("\n")}
        >
          {formatCount(index.skipped.length)} variables are not in this capture
        </p>
      )}
    </nav>
  );
}

function Rows({
  store,
  state,
  rows,
}: {
  store: Store;
  state: WeightsState;
  rows: readonly WeightRow[];
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const { height } = useSize(scroller);
  const top = useSignal(0);
  const selected = state.variable.value;
  const row = rows.findIndex(
    (one) => one.kind === "variable" && one.capture.path === selected,
  );
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && row >= 0 && height > 0) {
      element.scrollTop = scrollTo(row, ROW_HEIGHT, element.scrollTop, height);
    }
  }, [row, height]);
  const select = (one: WeightRow | undefined) => {
    if (one?.kind === "variable") {
      store.selectLayer(one.layer);
      store.setWeights({ variable: one.capture.path });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = rows.flatMap((one, place) => (one.kind === "variable" ? [place] : []));
    const to = rowAfterKey(event.key, at.indexOf(row), at.length);
    if (to !== null) {
      event.preventDefault();
      select(rows[at[to] ?? -1]);
    }
  };
  const norms = shownValue(state.norms.value) ?? null;
  const dark = store.page.dark.value;
  const inView = windowRows(rows.length, ROW_HEIGHT, top.value, height);
  return (
    <div
      ref={scroller}
      class="kv-weight-rows"
      role="listbox"
      aria-label="Variables, by layers in the order of the graph"
      tabIndex={0}
      aria-activedescendant={row >= 0 ? `kv-weight-${row}` : undefined}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
    >
      <div style={{ height: `${rows.length * ROW_HEIGHT}px`, position: "relative" }}>
        {rows.slice(inView.from, inView.to).map((one, place) => {
          const at = inView.from + place;
          return (
            <Row
              key={one.kind === "layer" ? `layer ${one.path}` : one.capture.path}
              at={at}
              row={one}
              selected={at === row}
              norms={norms}
              dark={dark}
              onSelect={() => select(one)}
            />
          );
        })}
      </div>
    </div>
  );
}

function Row({
  at,
  row,
  selected,
  norms,
  dark,
  onSelect,
}: {
  at: number;
  row: WeightRow;
  selected: boolean;
  norms: DynamicsMap | null;
  dark: boolean;
  onSelect: () => void;
}) {
  const style = { top: `${at * ROW_HEIGHT}px`, height: `${ROW_HEIGHT}px` };
  if (row.kind === "layer") {
    const title = row.path === "" ? "the model itself" : row.path.slice(0, 300);
    return (
      <div class="kv-weight-layer" style={style} role="presentation">
        <strong class="kv-ellipsis" title={title}>
          <bdi>{title}</bdi>
        </strong>
        <span class="kv-muted kv-ellipsis">{row.className.slice(0, 100)}</span>
      </div>
    );
  }
  const { path, shape, norm, change, trainable } = row.capture;
  const relative = relativeChange(change, norm);
  const place = norms?.variables.indexOf(path) ?? -1;
  const isBroken = norms !== null && place >= 0 && hasNonfinite(norms, place);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
    <div
      id={`kv-weight-${at}`}
      class={`kv-weight-row${selected ? " kv-weight-selected" : ""}`}
      style={style}
      role="option"
      aria-selected={selected}
      title={`${path.slice(0, 500)}${trainable ? "" : "\nnot trained"}`}
      onClick={onSelect}
    >
      <span class={`kv-ellipsis${trainable ? "" : " kv-muted"}`}>
        {isBroken && (
          <span
            class="kv-weight-alarm"
            title="It or its gradients were NaN or infinite at some step; see Gradients"
          >
            ×{" "}
          </span>
        )}
        <bdi>{row.name.slice(0, 200)}</bdi>
      </span>
      <span class="kv-muted kv-ellipsis">{formatShape(shape)}</span>
      <span class="kv-weight-spark">
        {norms !== null && place >= 0 && (
          <NormCurve norms={norms} place={place} dark={dark} />
        )}
      </span>
      {norm === null ? (
        <span class="kv-weight-alarm" title="No value is finite">
          × none finite
        </span>
      ) : (
        <span class={Number.isFinite(norm) ? "" : "kv-weight-alarm"}>
          {formatValue(norm)}
        </span>
      )}
      <span class="kv-muted">
        {Number.isNaN(relative) ? "–" : formatValue(Number(relative.toPrecision(3)))}
      </span>
    </div>
  );
}

function rowOf(values: Float32Array, { steps }: DynamicsMap, place: number) {
  return values.subarray(place * steps.length, (place + 1) * steps.length);
}

function hasNonfinite(norms: DynamicsMap, place: number): boolean {
  return rowOf(norms.nonfinite, norms, place).some((count) => count > 0);
}

/** The norm over all steps; its own lowest and highest value are the ends. */
function NormCurve({
  norms,
  place,
  dark,
}: {
  norms: DynamicsMap;
  place: number;
  dark: boolean;
}) {
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const color = themeColors();
      const values = [...rowOf(norms.mean, norms, place)];
      const finite = values.filter(Number.isFinite);
      if (finite.length > 0) {
        const range = { low: Math.min(...finite), high: Math.max(...finite) };
        // Zero is a place like any other here: no line for it.
        const colors = { line: color("accent"), zero: "transparent" };
        paintSparkLine(context, values, range, width, height, colors);
      }
    },
    [norms, place, dark],
  );
  return <PaintedCanvas paint={paint} class="kv-fill" />;
}
