/** The picture of a variable; only what is in view is painted. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import {
  type GridCell,
  gridCellAt,
  layoutGrid,
  MAX_HEIGHT,
  paintGrid,
  placeOfCell,
} from "../../draw/weight_grid";
import type { ColorScale } from "../../model/color_scale";
import { cellAfterKey } from "../../model/grid_keys";
import type { DrawnWeights, WeightPicture } from "../../model/weights/weight_picture";
import type { ShownWeights } from "../../state/weights";
import { themeColors } from "../../theme/theme";
import { describeWeight } from "./describe_weight";

/** Room for a scroll bar at the side, so that it does not make one below. */
const SCROLL_BAR = 16;

/** Says the value under the pointer, and that at the cursor of the arrow keys. */
export function WeightGrid({
  picture,
  drawn,
  shown,
  base,
  scale,
  dark,
}: {
  picture: WeightPicture;
  drawn: DrawnWeights;
  shown: ShownWeights;
  base: ShownWeights | null;
  scale: ColorScale;
  dark: boolean;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const room = useSize(frame);
  const view = useSize(scroller);
  const scroll = useSignal({ left: 0, top: 0 });
  const hover = useSignal<Hover | null>(null);
  const cursor = useSignal<GridCell | null>(null);
  const layout = useMemo(() => layoutGrid(picture, room.width), [picture, room.width]);
  const { left, top } = scroll.value;
  const at = cursor.value;
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const color = themeColors();
      const part = { left, top, width, height };
      paintGrid(context, picture, layout, drawn, scale, part, color("border-strong"));
      if (at !== null) {
        const { x, y } = placeOfCell(picture, layout, at);
        context.strokeStyle = color("text");
        context.lineWidth = 2;
        context.strokeRect(x - left, y - top, layout.cell, layout.cell);
      }
    },
    [picture, layout, drawn, scale, left, top, at, dark],
  );
  const linesOf = (cell: GridCell | null): string[] => {
    const place = cell === null ? -1 : picture.placeOf(cell.row, cell.column);
    return place < 0 ? [] : describeWeight(shown, base, place);
  };
  const cellUnder = (event: MouseEvent): GridCell | null => {
    const box = scroller.current?.getBoundingClientRect();
    return box === undefined
      ? null
      : gridCellAt(
          picture,
          layout,
          event.clientX - box.left + left,
          event.clientY - box.top + top,
        );
  };
  const onClick = (event: MouseEvent) => {
    const cell = cellUnder(event);
    if (cell !== null && picture.placeOf(cell.row, cell.column) >= 0) {
      cursor.value = cell;
    }
  };
  const onPointerMove = (event: PointerEvent) => {
    const lines = linesOf(cellUnder(event));
    hover.value =
      lines.length === 0 ? null : { x: event.clientX, y: event.clientY, lines };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && at !== null) {
      cursor.value = null;
      event.stopPropagation();
    }
    const from = at ?? { row: 0, column: 0 };
    const rows = picture.tileRows * picture.height;
    const columns = picture.tileColumns * picture.width;
    const next = cellAfterKey(event.key, from, rows, columns);
    if (next === null) {
      return;
    }
    event.preventDefault();
    hover.value = null;
    const to = at === null ? from : next;
    if (picture.placeOf(to.row, to.column) < 0) {
      return;
    }
    cursor.value = to;
    const element = scroller.current;
    if (element !== null) {
      const { x, y } = placeOfCell(picture, layout, to);
      const keep = (from: number, size: number, place: number) =>
        Math.max(place + layout.cell - size, Math.min(from, place));
      element.scrollLeft = keep(element.scrollLeft, view.width, x);
      element.scrollTop = keep(element.scrollTop, view.height, y);
    }
  };
  return (
    <div ref={frame} class="kv-weight-frame">
      {/* Arrows, as the picture is read: what its rows are, and what its columns are. */}
      <p class="kv-weight-axes kv-muted">
        {picture.rows !== "" && <span>↓ {picture.rows}</span>}
        {picture.columns !== "" && <span>→ {picture.columns}</span>}
      </p>
      {/* Its cells are painted: it takes the keys for them, and says where one is. */}
      <div
        ref={scroller}
        class="kv-weight-grid"
        role="grid"
        aria-label="Values of the variable. Arrow keys move"
        tabIndex={0}
        style={{
          width: `${layout.width + (layout.height > MAX_HEIGHT ? SCROLL_BAR : 0)}px`,
          height: `${Math.min(MAX_HEIGHT, layout.height)}px`,
        }}
        onScroll={(event) => {
          const { scrollLeft, scrollTop } = event.currentTarget;
          scroll.value = { left: scrollLeft, top: scrollTop };
          hover.value = null;
        }}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          hover.value = null;
        }}
      >
        <div style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
          <div
            class="kv-weight-canvas"
            style={{ width: `${view.width}px`, height: `${view.height}px` }}
          >
            <PaintedCanvas paint={paint} class="kv-fill" />
          </div>
        </div>
      </div>
      {(layout.width > room.width || layout.height > MAX_HEIGHT) && (
        <p class="kv-muted kv-weight-note">
          A part of the values is in view; scroll over them for the others.
        </p>
      )}
      <p class="kv-weight-note kv-weight-readout" role="status">
        {at === null ? (
          <span class="kv-muted">
            Click a value, or move to it with the arrow keys, to keep it in view here.
          </span>
        ) : (
          linesOf(at).join(", ")
        )}
      </p>
      <HoverTip hover={hover} />
    </div>
  );
}
