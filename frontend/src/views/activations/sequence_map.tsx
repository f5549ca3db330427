/** A sequence as one heat map, time by unit. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { createAtlas } from "../../draw/map_grid";
import { layoutSequence, paintSequence, sequenceCellAt } from "../../draw/sequence";
import type { ChannelMaps } from "../../model/channels/channel_maps";
import { formatValue } from "../../model/format";
import { themeColors } from "../../theme/theme";
import type { ScaleOf } from "./presentation";

/** Shows all kept units over time; a click on one opens it. */
export function SequenceMap({
  data,
  scaleOf,
  dark,
  describe,
  onOpen,
}: {
  data: ChannelMaps;
  scaleOf: ScaleOf;
  dark: boolean;
  /** What is said of a cell besides its value and place. */
  describe?: ((unit: number, step: number) => readonly string[]) | undefined;
  onOpen: (unit: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useSize(scroller);
  const top = useSignal(0);
  const hover = useSignal<Hover | null>(null);
  const steps = data.cells;
  const atlas = useMemo(() => createAtlas(data, scaleOf, 1), [data, scaleOf]);
  const layout = useMemo(
    () => layoutSequence(data.count, steps, view.width, view.height),
    [data, steps, view],
  );
  const scroll = Math.min(top.value, Math.max(0, layout.height - view.height));
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const channelAt = (row: number) => data.channelAt(row);
      const color = themeColors();
      paintSequence(context, atlas, layout, channelAt, scroll, width, height, color);
    },
    [atlas, data, layout, scroll, dark],
  );
  const findCell = (event: MouseEvent) => {
    const box = scroller.current?.getBoundingClientRect();
    return box === undefined
      ? null
      : sequenceCellAt(
          layout,
          event.clientX - box.left,
          event.clientY - box.top + scroll,
        );
  };
  const onPointerMove = (event: PointerEvent) => {
    const cell = findCell(event);
    hover.value =
      cell === null
        ? null
        : {
            x: event.clientX,
            y: event.clientY,
            lines: [
              formatValue(data.valueAt(cell.row, cell.step)),
              ...(describe?.(data.channelAt(cell.row), cell.step) ?? []),
              `unit ${data.channelAt(cell.row)}, time step ${cell.step}`,
            ],
          };
  };
  return (
    // The table of units does the same for those who use the keyboard.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      ref={scroller}
      class="kv-scroller"
      role="group"
      aria-label={`${data.count} units over ${steps} time steps`}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
        hover.value = null;
      }}
      onPointerMove={onPointerMove}
      onPointerLeave={() => {
        hover.value = null;
      }}
      onClick={(event) => {
        const cell = findCell(event);
        if (cell !== null) {
          onOpen(data.channelAt(cell.row));
        }
      }}
    >
      <div class="kv-sizer kv-clickable" style={{ height: `${layout.height}px` }}>
        <div class="kv-sticky" style={{ height: `${view.height}px` }}>
          <PaintedCanvas paint={paint} class="kv-fill" />
        </div>
      </div>
      <HoverTip hover={hover} />
    </div>
  );
}
