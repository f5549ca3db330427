/** Draws one map large, with a sign of its own for each kind of no-number. */

import type { ChannelMaps } from "../model/channels/channel_maps";
import { type ColorScale, NONFINITE_SIGNS } from "../model/color_scale";
import { colorMap } from "./map_grid";

/** Smaller cells have no room for a sign. */
const SIGN_CELL = 9;

/**
 * Draws the map at a position.
 *
 * @param context Where to draw.
 * @param data The maps.
 * @param position Which of them.
 * @param scale Its colours.
 * @param cell Pixels of a cell's side.
 */
export function paintLargeMap(
  context: CanvasRenderingContext2D,
  data: ChannelMaps,
  position: number,
  scale: ColorScale,
  cell: number,
): void {
  const [height, width] = data.entry.kept_map;
  const source = document.createElement("canvas");
  source.width = width;
  source.height = height;
  const small = source.getContext("2d");
  if (small === null || width * height === 0) {
    return;
  }
  const image = small.createImageData(width, height);
  colorMap(data, position, scale, new Uint32Array(image.data.buffer), 0, width);
  small.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = cell < 1;
  context.drawImage(source, 0, 0, width * cell, height * cell);
  if (cell < SIGN_CELL) {
    return;
  }
  context.font = `bold ${Math.round(cell * 0.7)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = "#ffffff";
  for (let at = 0; at < width * height; at += 1) {
    const sign = NONFINITE_SIGNS[data.markAt(position, at)];
    if (sign) {
      const x = ((at % width) + 0.5) * cell;
      context.fillText(sign, x, (Math.floor(at / width) + 0.5) * cell);
    }
  }
}
