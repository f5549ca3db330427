/** Layers by optimizer steps; the colour is the value of the chosen quantity. */

import { useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import {
  HEAT_ROW_HEIGHT,
  type HeatCells,
  paintCellFrame,
  paintFlag,
  paintHeat,
  paintPointedStep,
  placeOfStep,
  type StepAxis,
  stepAtPlace,
} from "../../draw/dynamics_heat";
import { cellOfStep, type DynamicsMap } from "../../model/dynamics/dynamics_map";
import { formatCount } from "../../model/format";
import { cellAfterKey } from "../../model/grid_keys";
import { scrollTo, windowRows } from "../../model/windowing";
import type { GradientsState } from "../../state/gradients";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { themeColors } from "../../theme/theme";
import { describeHeatCell } from "./describe_heat_cell";
import { HeatRowName } from "./heat_row_name";
import { cellsOfRow, drawnRows, type HeatRow, useRows } from "./heat_rows";
import { HeatTicks } from "./heat_ticks";
import { namesWidth } from "./step_layout";
import { useHeatScale } from "./use_heat_scale";

/** A drag of fewer pixels is a click. */
const MIN_DRAG = 5;

/** The rows, virtualised; a click selects a layer, a drag zooms into its steps. */
export function GradientsMap({
  store,
  state,
  map,
  other,
  variables,
  onWidth,
}: {
  store: Store;
  state: GradientsState;
  map: DynamicsMap;
  other: DynamicsMap | null;
  variables: readonly string[];
  /** Told of the width of names and cells, as it changes. */
  onWidth: (width: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(scroller);
  useLayoutEffect(() => onWidth(width), [width]);
  const top = useSignal(0);
  const cursor = useSignal<{ row: number; step: number } | null>(null);
  const drag = useSignal<{ from: number; to: number } | null>(null);
  const hover = useSignal<Hover | null>(null);
  const { rows, toggle, reveal } = useRows(store, variables);
  const { statistic, versus, ratio, at: pointed } = store.gradients.value;
  const compared =
    versus === null || other === null ? "none" : ratio ? "ratio" : "both";
  const drawn = useMemo(() => drawnRows(rows, compared), [rows, compared]);
  const scale = useHeatScale(store, state);
  const range = state.range.value ?? { first: 1, last: 1 };
  const names = namesWidth(width);
  const axis: StepAxis = { ...range, width: Math.max(1, width - names) };
  const inView = windowRows(drawn.length, HEAT_ROW_HEIGHT, top.value, height);
  const dark = store.page.dark.value;
  const current = store.currentStep.value;
  const selected = store.layer.value;

  const origin = shownValue(state.summary.value)?.verdict.first_nonfinite ?? null;
  const first = useMemo(
    () => new Set(origin?.variables.map((path) => variables.indexOf(path))),
    [origin, variables],
  );
  // What is drawn of a row is made once, however often it is scrolled by.
  const joined = useMemo(
    () => new Map<HeatRow, HeatCells>(),
    [drawn, map, other, statistic],
  );
  const cellsOf = (one: HeatRow) => {
    const found = joined.get(one) ?? cellsOfRow(one, map, other, statistic);
    joined.set(one, found);
    return found;
  };
  const cell = cursor.value;

  const paint = useCallback<Paint>(
    (context, _width, full) => {
      const color = themeColors();
      if (scale !== null) {
        const rowsInView = drawn.slice(inView.from, inView.to);
        const start = inView.from * HEAT_ROW_HEIGHT - top.value;
        paintHeat(context, rowsInView.map(cellsOf), axis, start, scale, color);
        rowsInView.forEach((one, at) => {
          const y = start + at * HEAT_ROW_HEIGHT;
          if (inView.from + at === cell?.row) {
            paintCellFrame(context, cellsOf(one).cells, cell.step, axis, y, color);
          }
          if (
            origin !== null &&
            one.source !== "other" &&
            one.row.variables.some((variable) => first.has(variable))
          ) {
            paintFlag(context, placeOfStep(axis, origin.step), y, axis.width, color);
          }
        });
      }
      if (pointed !== null && pointed >= axis.first && pointed <= axis.last) {
        paintPointedStep(context, axis, pointed, full, color);
      }
      if (current !== null && current >= axis.first && current <= axis.last) {
        const x = placeOfStep(axis, current + 0.5);
        context.fillStyle = color("accent");
        context.fillRect(x - 0.75, 0, 1.5, full);
      }
    },
    [
      drawn,
      inView.from,
      inView.to,
      top.value,
      map,
      other,
      statistic,
      scale,
      dark,
      axis.first,
      axis.last,
      axis.width,
      current,
      pointed,
      origin,
      cell,
    ],
  );

  // Somebody who asks to be shown a step of a layer is taken to its cell.
  const jumped = useRef("");
  useLayoutEffect(() => {
    const key = JSON.stringify([pointed, selected]);
    if (pointed === null || selected === null || jumped.current === key) {
      return;
    }
    const row = drawn.findIndex((one) => one.row.layer === selected);
    if (row < 0) {
      reveal(selected);
      return;
    }
    jumped.current = key;
    hover.value = null;
    cursor.value = { row, step: pointed };
  }, [pointed, selected, drawn]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && cell !== null && hover.value === null && height > 0) {
      element.scrollTop = scrollTo(
        cell.row,
        HEAT_ROW_HEIGHT,
        element.scrollTop,
        height,
      );
    }
  }, [cell, height]);
  const linesOf = (row: number, step: number) => {
    const one = drawn[row];
    return one === undefined
      ? []
      : describeHeatCell(one, step, {
          map,
          other,
          place: store.gradients.value,
          origin,
        });
  };
  const find = (event: MouseEvent) => {
    const box = scroller.current?.getBoundingClientRect();
    if (box === undefined) {
      return null;
    }
    const x = event.clientX - box.left - names;
    const row = Math.floor((event.clientY - box.top + top.value) / HEAT_ROW_HEIGHT);
    return drawn[row] === undefined ? null : { row, x, step: stepAtPlace(axis, x) };
  };
  const select = (one: HeatRow | undefined) => {
    if (one !== undefined) {
      store.selectLayer(one.row.layer);
    }
  };
  const onPointerMove = (event: PointerEvent) => {
    const at = find(event);
    if (drag.value !== null) {
      const box = scroller.current?.getBoundingClientRect();
      const to = event.clientX - (box?.left ?? 0) - names;
      drag.value = { ...drag.value, to };
      const ends = [drag.value.from, to].map((x) => stepAtPlace(axis, x));
      const [first, last] = [Math.min(...ends), Math.max(...ends)];
      const steps = `steps ${formatCount(first)} to ${formatCount(last)}`;
      hover.value = { x: event.clientX, y: event.clientY, lines: [steps] };
      return;
    }
    hover.value =
      at === null || at.x < 0
        ? null
        : { x: event.clientX, y: event.clientY, lines: linesOf(at.row, at.step) };
  };
  const onPointerUp = (event: PointerEvent) => {
    const dragged = drag.value;
    drag.value = null;
    hover.value = null;
    if (dragged === null) {
      return;
    }
    const [from, to] = [dragged.from, dragged.to].sort((a, b) => a - b) as [
      number,
      number,
    ];
    if (to - from < MIN_DRAG) {
      select(drawn[find(event)?.row ?? -1]);
      return;
    }
    const first = stepAtPlace(axis, from);
    const last = stepAtPlace(axis, to);
    store.setGradients({ range: { first, last } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const zoomed = store.gradients.value.range !== null;
    if (event.key === "Escape" && (zoomed || pointed !== null)) {
      // First out of the range, then away from the step that is pointed at.
      store.setGradients(zoomed ? { range: null } : { at: null });
      event.preventDefault();
      return;
    }
    const at = cell ?? { row: 0, step: current ?? range.last };
    const one = drawn[at.row];
    if (one !== undefined && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      if (event.key === " " && one.row.opens) {
        toggle(one.row.key);
      } else {
        select(one);
      }
      return;
    }
    const from = { row: at.row, column: cellOfStep(map, at.step) };
    const to = cellAfterKey(event.key, from, drawn.length, map.steps.length);
    if (to === null) {
      return;
    }
    event.preventDefault();
    hover.value = null;
    cursor.value = { row: to.row, step: map.steps[to.column] ?? at.step };
  };
  return (
    <div class="kv-heat">
      {/* Its cells are painted: it takes the keys for them, and says where one is. */}
      <div
        ref={scroller}
        class="kv-heat-rows"
        role="grid"
        aria-label="Layers by steps. Arrow keys move, Enter selects the layer, Space opens it"
        aria-rowcount={drawn.length}
        tabIndex={0}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop;
          hover.value = null;
        }}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          const at = find(event);
          if (at !== null && at.x >= 0 && event.button === 0) {
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.value = { from: at.x, to: at.x };
          }
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => {
          drag.value = null;
        }}
        onPointerLeave={() => {
          hover.value = null;
        }}
      >
        <div
          class="kv-heat-content"
          style={{ height: `${drawn.length * HEAT_ROW_HEIGHT}px` }}
        >
          <div
            class="kv-heat-canvas"
            style={{
              left: `${names}px`,
              height: `${height}px`,
              width: `${axis.width}px`,
            }}
          >
            <PaintedCanvas paint={paint} class="kv-fill" />
            {drag.value !== null && (
              <div
                class="kv-heat-brush"
                style={{
                  left: `${Math.max(0, Math.min(drag.value.from, drag.value.to))}px`,
                  width: `${Math.abs(drag.value.to - drag.value.from)}px`,
                }}
              />
            )}
          </div>
          {drawn.slice(inView.from, inView.to).map((one, at) => (
            <HeatRowName
              key={`${one.row.key} ${one.source}`}
              at={inView.from + at}
              one={one}
              versus={versus}
              width={names}
              isSelected={one.row.layer === selected}
              isShown={cell?.row === inView.from + at}
              onToggle={() => toggle(one.row.key)}
              onSelect={() => select(one)}
            />
          ))}
        </div>
        <HoverTip hover={hover} />
      </div>
      <p class="kv-visually-hidden" role="status">
        {cell === null ? "" : linesOf(cell.row, cell.step).join(", ")}
      </p>
      <HeatTicks axis={axis} names={names} />
    </div>
  );
}
