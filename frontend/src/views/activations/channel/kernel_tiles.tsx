/** The weights from each input as a tile. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../../components/painted_canvas";
import {
  layoutTiles,
  paintTiles,
  type TileCell,
  tileCellAt,
} from "../../../draw/kernel_tiles";
import type { ColorScale } from "../../../model/color_scale";
import { formatCount, formatValue } from "../../../model/format";
import {
  type IncomingKernel,
  strongestInputs,
} from "../../../model/kernel/incoming_kernel";
import { themeColors } from "../../../theme/theme";

/** More tiles are shown only when asked for, the strongest at first. */
const MOST_TILES = 64;

/** Tiles in the order of the inputs, or of their strength where there are many. */
export function KernelTiles({
  kernel,
  scale,
  dark,
}: {
  kernel: IncomingKernel;
  scale: ColorScale;
  dark: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const hover = useSignal<Hover | null>(null);
  const hovered = useSignal<TileCell | null>(null);
  const all = useSignal(false);
  const count = kernel.inputs.length;
  const some = count > MOST_TILES && !all.value;
  const places = useMemo(
    () =>
      some
        ? strongestInputs(kernel).slice(0, MOST_TILES)
        : Array.from({ length: count }, (_, place) => place),
    [kernel, some, count],
  );
  const layout = useMemo(
    () => layoutTiles(places.length, kernel, width),
    [places, kernel, width],
  );
  const at = hovered.value;
  const paint = useCallback<Paint>(
    (context) => paintTiles(context, kernel, places, layout, scale, at, themeColors()),
    [kernel, places, layout, scale.high, at, dark],
  );
  const onPointerMove = (event: PointerEvent) => {
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const cell = tileCellAt(layout, kernel, places.length, x, y);
    hovered.value = cell;
    hover.value =
      cell === null
        ? null
        : { x: event.clientX, y: event.clientY, lines: describe(kernel, places, cell) };
  };
  return (
    <>
      <div
        ref={box}
        class="kv-kernel-tiles"
        style={{ height: `${layout.height}px` }}
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          hovered.value = null;
          hover.value = null;
        }}
      >
        <PaintedCanvas
          paint={paint}
          class="kv-fill"
          label={`Weights from ${formatCount(places.length)} inputs`}
        />
      </div>
      {count > MOST_TILES && (
        <button
          type="button"
          class="kv-link"
          onClick={() => {
            all.value = !all.value;
          }}
        >
          {some
            ? `The ${MOST_TILES} strongest; show all ${formatCount(count)} inputs`
            : `All ${formatCount(count)} inputs in order; show the ${MOST_TILES} strongest`}
        </button>
      )}
      <HoverTip hover={hover} />
    </>
  );
}

function describe(
  kernel: IncomingKernel,
  places: readonly number[],
  cell: TileCell,
): string[] {
  const place = places[cell.tile] ?? 0;
  const { height, width } = kernel;
  const at = (place * height + cell.row) * width + cell.column;
  const where = height === 1 ? "" : `row ${cell.row}, `;
  return [
    formatValue(kernel.values[at] ?? Number.NaN),
    `input ${kernel.inputs[place]}`,
    `${where}column ${cell.column} of its kernel`,
  ];
}
