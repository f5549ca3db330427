/** Layers by captured steps; the colour says how many units are in a state. */

import { useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import {
  HEAD_HEIGHT,
  type HealthCell,
  healthCellAt,
  layoutHealth,
  paintHealth,
  paintHealthHead,
  ROW_HEIGHT,
} from "../../draw/health_map";
import { createShareScale } from "../../model/color_scale";
import { formatCount } from "../../model/format";
import { cellAfterKey } from "../../model/grid_keys";
import type { HealthKind } from "../../model/units/health_kinds";
import {
  countAt,
  describeCell,
  isCounted,
  layerName,
  shareAt,
  totalAt,
} from "../../model/units/unit_health";
import { scrollTo, windowRows } from "../../model/windowing";
import { themeColors } from "../../theme/theme";
import type { UnitHealth, UnitHealthLayer } from "../../wire/generated";

const NAMES = 250;
const NAMES_NARROW = 170;
const TOTALS = 132;
const NARROW = 760;

/** Shows the map; a click on a cell, or Enter, opens the layer at the step. */
export function UnitHealthMap({
  health,
  kind,
  order,
  current,
  samples,
  dark,
  onOpen,
}: {
  health: UnitHealth;
  kind: HealthKind;
  /** Positions of the layers, as they are shown. */
  order: readonly number[];
  /** Column of the step that is shown. */
  current: number;
  /** Samples that were measured; 0 = unknown. */
  samples: number;
  dark: boolean;
  onOpen: (layer: UnitHealthLayer, column: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(scroller);
  const top = useSignal(0);
  const cursor = useSignal<HealthCell | null>(null);
  const hover = useSignal<Hover | null>(null);
  const names = width < NARROW ? NAMES_NARROW : NAMES;
  const columns = health.steps.length;
  const layout = useMemo(
    () => layoutHealth(columns, Math.max(1, width - names - TOTALS)),
    [columns, width, names],
  );
  const scale = useMemo(() => createShareScale(dark), [dark]);
  const layerAt = (row: number) => health.layers[order[row] ?? -1];
  const inView = windowRows(order.length, ROW_HEIGHT, top.value, height);
  const cell = cursor.value;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && cell !== null && hover.value === null && height > 0) {
      element.scrollTop = scrollTo(cell.row, ROW_HEIGHT, element.scrollTop, height);
    }
  }, [cell, height]);

  const paint = useCallback<Paint>(
    (context) => {
      const rows = order.slice(inView.from, inView.to).map((position) => {
        const layer = health.layers[position];
        const each = health.steps.map((_, at) => at);
        return {
          shares: each.map((at) => (layer ? shareAt(layer, kind, at) : null)),
          counts: each.map((at) => (layer ? countAt(layer, kind, at) : null)),
        };
      });
      const marked = cell && { ...cell, row: cell.row - inView.from };
      const start = inView.from * ROW_HEIGHT - top.value;
      const color = themeColors();
      paintHealth(context, rows, layout, start, current, marked, scale, color);
    },
    [
      health,
      kind,
      order,
      inView.from,
      inView.to,
      top.value,
      layout,
      current,
      cell,
      scale,
    ],
  );
  const text = (at: HealthCell | null) => {
    const layer = at === null ? undefined : layerAt(at.row);
    return at === null || layer === undefined
      ? ""
      : describeCell(health, layer, kind, at.column, samples);
  };
  const findCell = (event: MouseEvent) => {
    const box = scroller.current?.getBoundingClientRect();
    return box === undefined
      ? null
      : healthCellAt(
          layout,
          order.length,
          event.clientX - box.left - names,
          event.clientY - box.top + top.value,
        );
  };
  const open = (at: HealthCell | null) => {
    const layer = at === null ? undefined : layerAt(at.row);
    if (at !== null && layer !== undefined) {
      onOpen(layer, at.column);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = cell ?? { row: 0, column: Math.max(0, current) };
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(from);
      return;
    }
    const to = cellAfterKey(event.key, from, order.length, columns);
    if (to === null) {
      return;
    }
    event.preventDefault();
    hover.value = null;
    cursor.value = cell === null ? from : to;
  };
  return (
    <div class="kv-health">
      <Head
        health={health}
        kind={kind}
        current={current}
        names={names}
        width={width}
        dark={dark}
      />
      {/* Its cells are painted: it takes the keys for them, and says where one is. */}
      <div
        ref={scroller}
        class="kv-scroller kv-health-rows"
        role="group"
        aria-label={
          `${order.length} layers by ${columns} captured steps; arrow keys go from ` +
          "cell to cell, Enter opens the layer"
        }
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop;
          hover.value = null;
        }}
        onPointerMove={(event) => {
          const at = findCell(event);
          hover.value =
            at === null
              ? null
              : { x: event.clientX, y: event.clientY, lines: [text(at)] };
          cursor.value = at;
        }}
        onPointerLeave={() => {
          hover.value = null;
          cursor.value = null;
        }}
        onClick={(event) => open(findCell(event))}
      >
        <div class="kv-sizer" style={{ height: `${order.length * ROW_HEIGHT}px` }}>
          <div
            class="kv-sticky kv-clickable"
            style={{
              marginLeft: `${names}px`,
              width: `${columns * layout.cellWidth + 2}px`,
              height: `${height}px`,
            }}
          >
            <PaintedCanvas paint={paint} class="kv-fill" />
          </div>
          {order.slice(inView.from, inView.to).map((position, at) => {
            const layer = health.layers[position];
            return layer === undefined ? null : (
              <Row
                key={position}
                row={inView.from + at}
                name={layerName(health, layer)}
                layer={layer}
                kind={kind}
                current={current}
                names={names}
                shown={cell?.row === inView.from + at}
                totals={names + columns * layout.cellWidth}
                onOpen={() => onOpen(layer, current)}
              />
            );
          })}
        </div>
        <HoverTip hover={hover} />
      </div>
      <p class="kv-visually-hidden" role="status">
        {text(cell)}
      </p>
    </div>
  );
}

/** The steps, and the units of all layers together. */
function Head({
  health,
  kind,
  current,
  names,
  width,
  dark,
}: {
  health: UnitHealth;
  kind: HealthKind;
  current: number;
  names: number;
  width: number;
  dark: boolean;
}) {
  const columns = health.steps.length;
  const paint = useCallback<Paint>(
    (context) => {
      const color = themeColors();
      const layout = layoutHealth(columns, Math.max(1, width - names - TOTALS));
      paintHealthHead(
        context,
        health.steps,
        layout,
        current,
        names,
        formatCount,
        color,
      );
      const totals = health.steps.map((_, at) => totalAt(health, kind, at));
      const row = {
        shares: totals.map(({ count, units }) => (units === 0 ? null : count / units)),
        counts: totals.map(({ count, units }) => (units === 0 ? null : count)),
      };
      context.translate(names, 0);
      const scale = createShareScale(dark);
      paintHealth(context, [row], layout, HEAD_HEIGHT, current, null, scale, color);
    },
    [health, kind, current, names, width, dark, columns],
  );
  const { count, units } = totalAt(health, kind, current);
  const cells = layoutHealth(columns, Math.max(1, width - names - TOTALS)).cellWidth;
  return (
    <div
      class="kv-health-head"
      style={{ height: `${HEAD_HEIGHT + ROW_HEIGHT}px`, width: `${width}px` }}
    >
      <PaintedCanvas paint={paint} class="kv-fill" />
      <span class="kv-health-axis kv-muted">step</span>
      <span class="kv-health-all" style={{ width: `${names}px` }}>
        All layers
      </span>
      <span
        class="kv-health-total"
        style={{ left: `${names + columns * cells}px`, width: `${TOTALS}px` }}
      >
        <Total count={units === 0 ? null : count} units={units} />
      </span>
    </div>
  );
}

function Row({
  row,
  name,
  layer,
  kind,
  current,
  names,
  totals,
  shown,
  onOpen,
}: {
  row: number;
  name: string;
  layer: UnitHealthLayer;
  kind: HealthKind;
  current: number;
  names: number;
  totals: number;
  shown: boolean;
  onOpen: () => void;
}) {
  const count = countAt(layer, kind, current);
  const bounded = kind !== "saturated" || isCounted(layer, kind);
  return (
    <div
      class={shown ? "kv-health-row kv-health-shown" : "kv-health-row"}
      style={{ top: `${row * ROW_HEIGHT}px`, height: `${ROW_HEIGHT}px` }}
    >
      <button
        type="button"
        class="kv-health-name kv-ellipsis"
        tabIndex={-1}
        style={{ width: `${names}px` }}
        title={`${name}: ${layer.class_name}${
          layer.activation === "" ? "" : `, ${layer.activation}`
        }. A click shows the layer`}
        onClick={(event) => {
          event.stopPropagation();
          onOpen();
        }}
      >
        <bdi>{name}</bdi>
      </button>
      <span
        class="kv-health-total"
        style={{ left: `${totals}px`, width: `${TOTALS}px` }}
      >
        {bounded ? (
          <Total count={count} units={layer.units} />
        ) : (
          <span class="kv-muted" title="Its activation has no bounds to be near to">
            no bounds
          </span>
        )}
      </span>
    </div>
  );
}

function Total({ count, units }: { count: number | null; units: number }) {
  return count === null ? (
    <span class="kv-muted" title="The capture at the shown step does not count them">
      not counted
    </span>
  ) : (
    <span
      class={count === 0 ? "kv-muted" : ""}
      title="Units in this state at the shown step, of all units"
    >
      {formatCount(count)} of {formatCount(units)}
    </span>
  );
}
