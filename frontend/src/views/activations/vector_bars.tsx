/** The units of a vector as bars. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { layoutBars, paintBars, unitAt } from "../../draw/bars";
import { formatCount, formatValue } from "../../model/format";
import type { ValueRange } from "../../model/value_range";
import { themeColors } from "../../theme/theme";

/** Shows the units; a click or the arrow keys mark one. */
export function VectorBars({
  values,
  range,
  selected,
  found = null,
  dark,
  describe,
  onSelect,
}: {
  /** One per unit. */
  values: readonly number[];
  /** What the axis reaches over; without it, the values and zero. */
  range?: ValueRange | undefined;
  selected: number | null;
  /** Units that the filter looks for, to be marked; null = it looks for none. */
  found?: ReadonlySet<number> | null;
  dark: boolean;
  /** What is said of a unit besides its value and index. */
  describe?: ((unit: number) => readonly string[]) | undefined;
  onSelect: (unit: number | null) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useSize(scroller);
  const top = useSignal(0);
  const hover = useSignal<Hover | null>(null);
  const layout = useMemo(
    () => layoutBars(values, view.width, view.height, range),
    [values, view, range],
  );
  const scroll = Math.min(top.value, Math.max(0, layout.height - view.height));
  const paint = useCallback<Paint>(
    (context, _, height) => {
      const color = themeColors();
      paintBars(context, values, layout, scroll, height, selected, color, dark, found);
    },
    [values, layout, scroll, selected, found, dark],
  );

  const findUnit = (event: MouseEvent): number | null => {
    const box = scroller.current?.getBoundingClientRect();
    return box === undefined
      ? null
      : unitAt(layout, event.clientX - box.left, event.clientY - box.top + scroll);
  };
  const onPointerMove = (event: PointerEvent) => {
    const unit = findUnit(event);
    const value = unit === null ? undefined : values[unit];
    hover.value =
      value === undefined
        ? null
        : {
            x: event.clientX,
            y: event.clientY,
            lines: [
              formatValue(value),
              ...(describe?.(unit ?? 0) ?? []),
              `unit ${unit}`,
            ],
          };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") {
      onSelect(null);
    } else if (step !== undefined) {
      const to = (selected ?? (step > 0 ? -1 : values.length)) + step;
      onSelect(Math.max(0, Math.min(values.length - 1, to)));
      event.preventDefault();
    }
  };
  return (
    <div
      ref={scroller}
      class="kv-scroller"
      role="slider"
      tabIndex={0}
      aria-label={`Values of ${formatCount(values.length)} units`}
      aria-valuemin={0}
      aria-valuemax={values.length - 1}
      aria-valuenow={selected ?? 0}
      aria-valuetext={
        selected === null
          ? "no unit marked"
          : `unit ${selected}: ${formatValue(values[selected] ?? Number.NaN)}`
      }
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
        hover.value = null;
      }}
      onPointerMove={onPointerMove}
      onPointerLeave={() => {
        hover.value = null;
      }}
      onClick={(event) => onSelect(findUnit(event))}
      onKeyDown={onKeyDown}
    >
      <div class="kv-sizer" style={{ height: `${layout.height}px` }}>
        <div class="kv-sticky" style={{ height: `${view.height}px` }}>
          <PaintedCanvas paint={paint} class="kv-fill" />
        </div>
      </div>
      <HoverTip hover={hover} />
    </div>
  );
}
