/** One channel's map, large. */

import { useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../../components/painted_canvas";
import { paintLargeMap } from "../../../draw/large_map";
import type { ColorScale } from "../../../model/color_scale";
import { formatValue } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";

/** Draws the map as large as it fits; the value under the pointer is said. */
export function LargeMap({
  data,
  position,
  scale,
  dark,
}: {
  data: ActivationData;
  position: number;
  scale: ColorScale;
  dark: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const hover = useSignal<Hover | null>(null);
  const [height, width] = data.entry.kept_map;
  const zoom = Math.min(size.width / width, size.height / height);
  // Whole pixels per cell, where that loses little.
  const cell = zoom > 4 ? Math.floor(zoom) : zoom;
  const paint = useCallback<Paint>(
    (context) => paintLargeMap(context, data, position, scale, cell),
    [data, position, scale, cell, dark],
  );
  const onPointerMove = (event: PointerEvent) => {
    const at = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const column = Math.floor((event.clientX - at.left) / cell);
    const row = Math.floor((event.clientY - at.top) / cell);
    hover.value =
      row < 0 || column < 0 || row >= height || column >= width
        ? null
        : {
            x: event.clientX,
            y: event.clientY,
            lines: [
              formatValue(data.valueAt(position, row * width + column)),
              `row ${row}, column ${column}`,
            ],
          };
  };
  return (
    <div ref={box} class="kv-detail-map">
      <div
        class="kv-detail-canvas"
        style={{ width: `${cell * width}px`, height: `${cell * height}px` }}
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          hover.value = null;
        }}
      >
        <PaintedCanvas paint={paint} class="kv-fill" label="Map of the channel" />
      </div>
      <HoverTip hover={hover} />
    </div>
  );
}
