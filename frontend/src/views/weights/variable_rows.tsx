/** The rows of the list of variables, of which only those in view are made. */

import { useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { paintSparkLine } from "../../draw/spark_line";
import { formatCount, formatShape, formatValue } from "../../model/format";
import { rowAfterKey } from "../../model/grid_keys";
import { normLine, type WeightNorms } from "../../model/weights/weight_norms";
import {
  countValues,
  relativeChange,
  type WeightOrder,
} from "../../model/weights/weight_order";
import type { WeightRow } from "../../model/weights/weight_rows";
import { scrollTo, windowRows } from "../../model/windowing";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { WeightsState } from "../../state/weights";
import { themeColors } from "../../theme/theme";
import type { WeightCapture } from "../../wire/generated";

const ROW_HEIGHT = 26;

/** Picks a variable, by mouse or by the arrow keys. */
export function VariableRows({
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
  const { order, reversed, find } = store.weights.value;
  const selected = state.variable.value;
  const row = useMemo(
    () =>
      rows.findIndex((one) => one.kind === "variable" && one.capture.path === selected),
    [rows, selected],
  );
  const sorting = JSON.stringify([order, reversed, find]);
  const before = useRef({ selected: "", sorting });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || row < 0 || height === 0) {
      return;
    }
    const isNew = selected !== before.current.selected;
    // In another order its beginning is looked for, not where the selected one went.
    element.scrollTop =
      isNew || sorting === before.current.sorting
        ? scrollTo(row, ROW_HEIGHT, element.scrollTop, height)
        : 0;
    before.current = { selected: selected ?? "", sorting };
  }, [row, height, selected, sorting]);
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
      aria-label={
        order === "layer"
          ? "Variables, by layers in the order of the graph"
          : "Variables"
      }
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
          const style = { top: `${at * ROW_HEIGHT}px`, height: `${ROW_HEIGHT}px` };
          return one.kind === "layer" ? (
            <LayerRow key={`layer ${one.path}`} row={one} style={style} />
          ) : (
            <VariableRow
              key={one.capture.path}
              id={`kv-weight-${at}`}
              row={one}
              style={style}
              order={order}
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

type RowOf<K extends WeightRow["kind"]> = Extract<WeightRow, { readonly kind: K }>;
type Place = { readonly top: string; readonly height: string };

function LayerRow({ row, style }: { row: RowOf<"layer">; style: Place }) {
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

function VariableRow({
  id,
  row,
  style,
  order,
  selected,
  norms,
  dark,
  onSelect,
}: {
  id: string;
  row: RowOf<"variable">;
  style: Place;
  order: WeightOrder;
  selected: boolean;
  norms: WeightNorms | null;
  dark: boolean;
  onSelect: () => void;
}) {
  const { capture } = row;
  const { path, norm, trainable } = capture;
  const line = useMemo(
    () => (norms === null ? null : normLine(norms, path)),
    [norms, path],
  );
  const change =
    order === "change_from_start" ? capture.change_from_start : capture.change;
  const relative = relativeChange(change, norm);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
    <div
      id={id}
      class={`kv-weight-row${selected ? " kv-weight-selected" : ""}`}
      style={style}
      role="option"
      aria-selected={selected}
      title={describe(capture)}
      onClick={onSelect}
    >
      <span class={`kv-weight-name${trainable ? "" : " kv-muted"}`}>
        <Broken capture={capture} isBroken={line?.isBroken === true} />
        {order !== "layer" && path.length > row.name.length && (
          <span class="kv-ellipsis kv-muted">
            <bdi>{path.slice(0, -row.name.length - 1)}</bdi>
          </span>
        )}
        <span class={order === "layer" ? "kv-ellipsis" : ""}>
          {order !== "layer" && path.length > row.name.length && "/"}
          <bdi>{row.name.slice(0, 200)}</bdi>
        </span>
      </span>
      <span class="kv-muted kv-ellipsis kv-weight-shape">
        {formatShape(capture.shape)}
      </span>
      <span class="kv-weight-spark">
        {norms !== null && line !== null && (
          <NormCurve steps={norms.steps} norms={line.norms} dark={dark} />
        )}
      </span>
      {norm !== null ? (
        <span>{formatValue(norm)}</span>
      ) : countValues(capture) === 0 ? (
        <span class="kv-muted" title="It has no values">
          –
        </span>
      ) : (
        <span class="kv-weight-alarm" title="No value is finite">
          none
        </span>
      )}
      <span class="kv-muted kv-weight-change">
        {Number.isNaN(relative) ? "–" : formatValue(Number(relative.toPrecision(3)))}
      </span>
    </div>
  );
}

function describe(capture: WeightCapture): string {
  return [
    capture.path.slice(0, 500),
    `${formatShape(capture.shape)} ${capture.dtype}: ${formatCount(countValues(capture))} values`,
    ...(capture.trainable ? [] : ["not trained"]),
  ].join("\n");
}

/** A sign at a variable that is, or was, not finite. */
function Broken({ capture, isBroken }: { capture: WeightCapture; isBroken: boolean }) {
  const count = capture.nonfinite ?? (capture.norm === null ? countValues(capture) : 0);
  const title =
    count > 0
      ? `${formatCount(count)} of its values are NaN or infinite`
      : isBroken
        ? "Values of it were NaN or infinite in another capture"
        : "";
  return title === "" ? null : (
    <span class="kv-weight-alarm kv-weight-mark" title={title}>
      ×
    </span>
  );
}

/** The norm over the captures; its own lowest and highest value are the ends. */
function NormCurve({
  steps,
  norms,
  dark,
}: {
  steps: Float64Array;
  norms: readonly number[];
  dark: boolean;
}) {
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const color = themeColors();
      const finite = norms.filter(Number.isFinite);
      if (finite.length > 0) {
        const [low, high] = [Math.min(...finite), Math.max(...finite)];
        // What never changes is a line in the middle.
        const range = low < high ? { low, high } : { low: low - 1, high: high + 1 };
        // Zero is a place like any other here: no line for it.
        const colors = { line: color("accent"), zero: "transparent" };
        const first = steps[0] ?? 0;
        const span = Math.max(1, (steps.at(-1) ?? 0) - first);
        const places = Array.from(steps, (step) => (step - first) / span);
        paintSparkLine(context, norms, range, width, height, colors, places);
      }
    },
    [steps, norms, dark],
  );
  return <PaintedCanvas paint={paint} class="kv-fill" />;
}
