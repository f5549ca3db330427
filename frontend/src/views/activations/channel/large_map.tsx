/** One channel's map, large, over the picture that it was computed from. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../../components/painted_canvas";
import {
  fitStage,
  paintPicture,
  paintStage,
  paintStageMarks,
  type Stage,
} from "../../../draw/stage";
import { formatValue } from "../../../model/format";
import {
  type AxisPlacement,
  cellAt,
  seenByCell,
  valuesOfCell,
} from "../../../model/map_placement";
import type { ActivationsState } from "../../../state/activations";
import type { LayerActivation } from "../../../wire/generated";
import { cellEdges } from "./channel_options";

/** Room between the map and the picture beside it, where there is room for both. */
const BESIDE_GAP = 16;

interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Draws the map as large as it fits; the value under the pointer is said. */
export function LargeMap({
  state,
  stage,
  dark,
}: {
  state: ActivationsState;
  stage: Stage;
  dark: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const hover = useSignal<Hover | null>(null);
  const cell = useSignal<Cell | null>(null);
  const { placement } = stage;
  const view = fitStage(placement, size.width, size.height);
  const smooth = cellEdges.value === "smooth";
  const { zoom, left, top, width, height } = view;
  const paint = useCallback<Paint>(
    (context) => paintStage(context, stage, view, smooth),
    [stage, zoom, left, top, smooth, dark],
  );
  const marked = cell.value;
  const paintMarks = useCallback<Paint>(
    (context) => {
      if (marked !== null) {
        paintStageMarks(context, placement, view, marked);
      }
    },
    [placement, zoom, left, top, marked],
  );
  const colors = stage.picture?.colors ?? null;
  const paintColors = useCallback<Paint>(
    (context) => {
      if (colors !== null) {
        paintPicture(context, colors, placement, view);
      }
    },
    [colors, placement, zoom, left, top],
  );
  const beside = colors !== null && size.width >= 2 * width + BESIDE_GAP;
  const forget = () => {
    hover.value = null;
    cell.value = null;
    state.pointer.value = null;
  };
  useEffect(() => forget, [stage.data]);
  const onPointerMove = (event: PointerEvent) => {
    const at = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const across = left + (event.clientX - at.left) / zoom;
    const down = top + (event.clientY - at.top) / zoom;
    const { rows, columns } = placement;
    const row = cellAt(rows, down);
    const column = cellAt(columns, across);
    const inside = row !== null && column !== null;
    cell.value = inside ? { row, column } : null;
    state.pointer.value = inside
      ? {
          x: (across - columns.start) / columns.length,
          y: (down - rows.start) / rows.length,
        }
      : null;
    hover.value = {
      x: event.clientX,
      y: event.clientY,
      lines: [
        ...(inside ? describeCell(stage, { row, column }) : ["beside the map"]),
        ...(placement.kind === "alone"
          ? []
          : [describePixel(rows, columns, down, across)]),
      ],
    };
  };
  const style = { width: `${width}px`, height: `${height}px` };
  return (
    <div ref={box} class="kv-stage">
      <div
        class="kv-stage-canvas"
        style={style}
        onPointerMove={onPointerMove}
        onPointerLeave={forget}
      >
        <PaintedCanvas paint={paint} class="kv-fill" label="Map of the channel" />
        <PaintedCanvas paint={paintMarks} class="kv-fill kv-stage-marks" />
      </div>
      {beside && (
        <div
          class="kv-stage-canvas"
          style={style}
          title="The picture that the model was given"
          onPointerMove={onPointerMove}
          onPointerLeave={forget}
        >
          <PaintedCanvas paint={paintColors} class="kv-fill" label="Picture" />
          <PaintedCanvas paint={paintMarks} class="kv-fill kv-stage-marks" />
        </div>
      )}
      <HoverTip hover={hover} />
    </div>
  );
}

function describeCell({ data, position, placement }: Stage, cell: Cell): string[] {
  const { rows, columns } = placement;
  const value = data.valueAt(position, cell.row * columns.cells + cell.column);
  const averaged = rows.factor * columns.factor > 1;
  const seen = [seenByCell(rows, cell.row), seenByCell(columns, cell.column)];
  const [down, across] = seen.map(
    (span) => span && `${Math.floor(span.from)} to ${Math.ceil(span.to) - 1}`,
  );
  return [
    averaged
      ? `${formatValue(value)} (mean of ${rows.factor} x ${columns.factor})`
      : formatValue(value),
    ...placeText(data.entry, rows, columns, cell),
    ...(down && across ? [`sees rows ${down}, columns ${across}`] : []),
  ];
}

/** Row and column, of a volume in which depth. */
function placeText(
  { slices, kept_map }: LayerActivation,
  rows: AxisPlacement,
  columns: AxisPlacement,
  cell: Cell,
): string[] {
  const width = kept_map[1] / Math.max(1, slices.length);
  const column = slices.length > 0 ? cell.column % width : cell.column;
  const depth = slices[Math.floor(cell.column / width)];
  return [
    `row ${indexText(rows, cell.row)}, column ${indexText(columns, column)}`,
    ...(depth === undefined ? [] : [`depth ${depth}`]),
  ];
}

function indexText(axis: AxisPlacement, cell: number): string {
  const { from, to } = valuesOfCell(axis, cell);
  return to - from > 1 ? `${from} to ${to - 1}` : String(from);
}

function describePixel(
  rows: AxisPlacement,
  columns: AxisPlacement,
  down: number,
  across: number,
): string {
  const [row, column] = [Math.floor(down), Math.floor(across)];
  return row < 0 || column < 0 || row >= rows.picture || column >= columns.picture
    ? "beyond the picture"
    : `pixel ${row}, ${column} of the picture`;
}
