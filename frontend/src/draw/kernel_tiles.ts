/** Draws the weights from each input as a tile, all in the same colours. */

import { type ColorScale, colorPixel } from "../model/color_scale";
import type { IncomingKernel } from "../model/kernel/incoming_kernel";
import type { ThemeColor } from "../theme/theme";

/** Where the tiles lie. */
export interface TileLayout {
  readonly columns: number;
  /** Pixels of a weight's side. */
  readonly cell: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly height: number;
}

/** A weight under the pointer: which tile, which weight of it. */
export interface TileCell {
  readonly tile: number;
  readonly row: number;
  readonly column: number;
}

const GAP = 4;
const MIN_CELL = 5;
const MAX_CELL = 22;
/** Few tiles are not drawn larger than this. */
const MOST_TILE = 66;
/** As high as the tiles may be before they become smaller. */
const GOOD_HEIGHT = 190;

/** Lays out tiles in rows, as large as they can be without taking all the room. */
export function layoutTiles(
  count: number,
  { height, width }: Pick<IncomingKernel, "height" | "width">,
  room: number,
): TileLayout {
  const longest = Math.max(height, width, 1);
  const largest = Math.max(MIN_CELL, Math.min(MAX_CELL, MOST_TILE / longest));
  const at = (cell: number): TileLayout => {
    const tileWidth = cell * width + GAP;
    const tileHeight = cell * height + GAP;
    const columns = Math.max(1, Math.floor((room + GAP) / tileWidth));
    const rows = Math.ceil(count / columns);
    return { columns, cell, tileWidth, tileHeight, height: rows * tileHeight };
  };
  for (let cell = Math.floor(largest); cell > MIN_CELL; cell -= 1) {
    const layout = at(cell);
    if (layout.height <= GOOD_HEIGHT && layout.tileWidth <= room + GAP) {
      return layout;
    }
  }
  // A kernel wider than the panel still fits.
  return at(Math.max(1, Math.min(MIN_CELL, Math.floor(room / Math.max(1, width)))));
}

/** Draws the tiles of some inputs, by their places in the kernel. */
export function paintTiles(
  context: CanvasRenderingContext2D,
  kernel: IncomingKernel,
  places: readonly number[],
  layout: TileLayout,
  scale: ColorScale,
  hovered: TileCell | null,
  color: (name: ThemeColor) => string,
): void {
  const { height, width, values } = kernel;
  const { columns, cell } = layout;
  places.forEach((place, tile) => {
    const x = (tile % columns) * layout.tileWidth;
    const y = Math.floor(tile / columns) * layout.tileHeight;
    for (let at = 0; at < height * width; at += 1) {
      const value = values[place * height * width + at] ?? 0;
      context.fillStyle = Number.isFinite(value)
        ? cssColor(colorPixel(scale, value))
        : "#e6007e";
      context.fillRect(
        x + (at % width) * cell,
        y + Math.floor(at / width) * cell,
        cell,
        cell,
      );
    }
    context.strokeStyle = color(hovered?.tile === tile ? "accent" : "border");
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, width * cell - 1, height * cell - 1);
  });
}

/** The weight at a place; null between the tiles. */
export function tileCellAt(
  layout: TileLayout,
  { height, width }: Pick<IncomingKernel, "height" | "width">,
  count: number,
  x: number,
  y: number,
): TileCell | null {
  const across = Math.floor(x / layout.tileWidth);
  const tile = Math.floor(y / layout.tileHeight) * layout.columns + across;
  const column = Math.floor((x - across * layout.tileWidth) / layout.cell);
  const row = Math.floor((y % layout.tileHeight) / layout.cell);
  return across < 0 ||
    across >= layout.columns ||
    tile < 0 ||
    tile >= count ||
    column >= width ||
    row >= height ||
    column < 0 ||
    row < 0
    ? null
    : { tile, row, column };
}

function cssColor(pixel: number): string {
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}
