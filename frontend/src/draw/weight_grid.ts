/** Draws the values of a variable: tiles, a matrix or a strip, the part in view. */

import {
  type ColorScale,
  colorPixel,
  cssPixel,
  NONFINITE_COLORS,
  NONFINITE_SIGNS,
} from "../model/color_scale";
import type { DrawnWeights, WeightPicture } from "../model/weights/weight_picture";

/** Places of rows and columns, in CSS pixels. */
export interface GridLayout {
  /** Side of a cell. */
  readonly cell: number;
  /** Pixels between tiles. */
  readonly gap: number;
  readonly width: number;
  readonly height: number;
}

/** The part that is seen, in CSS pixels of the whole picture. */
export interface GridView {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A cell, counted over all tiles. */
export interface GridCell {
  readonly row: number;
  readonly column: number;
}

const MIN_CELL = 3;
const MAX_CELL = 22;
/** Smaller cells have no room for a sign. */
const SIGN_CELL = 9;
/** Higher pictures are scrolled. */
export const MAX_HEIGHT = 420;
/** As high as a picture may be before its cells become smaller. */
const GOOD_HEIGHT = 380;

/** As large as fits the width and a good height, and never too small to point at. */
export function layoutGrid(picture: WeightPicture, room: number): GridLayout {
  const { tileRows, tileColumns, height, width } = picture;
  const gap = height * width > 1 && tileRows * tileColumns > 1 ? 3 : 0;
  const rows = tileRows * height;
  const columns = tileColumns * width;
  const across = (room - gap * (tileColumns - 1)) / Math.max(1, columns);
  const down = (GOOD_HEIGHT - gap * (tileRows - 1)) / Math.max(1, rows);
  const fitting = Math.floor(Math.min(across, down));
  const cell = Math.max(MIN_CELL, Math.min(MAX_CELL, fitting));
  return {
    cell,
    gap,
    width: columns * cell + gap * (tileColumns - 1),
    height: rows * cell + gap * (tileRows - 1),
  };
}

/** The cell at a pixel of the whole picture; null beside it and between tiles. */
export function gridCellAt(
  picture: WeightPicture,
  layout: GridLayout,
  x: number,
  y: number,
): GridCell | null {
  const column = alongAt(picture.tileColumns, picture.width, layout, x);
  const row = alongAt(picture.tileRows, picture.height, layout, y);
  return column < 0 || row < 0 ? null : { row, column };
}

/** Left upper corner of a cell. */
export function placeOfCell(
  picture: WeightPicture,
  layout: GridLayout,
  cell: GridCell,
): { readonly x: number; readonly y: number } {
  return {
    x: cell.column * layout.cell + Math.floor(cell.column / picture.width) * layout.gap,
    y: cell.row * layout.cell + Math.floor(cell.row / picture.height) * layout.gap,
  };
}

function alongAt(tiles: number, size: number, layout: GridLayout, at: number): number {
  const tileSize = size * layout.cell + layout.gap;
  const tile = Math.floor(at / tileSize);
  const inTile = Math.floor((at - tile * tileSize) / layout.cell);
  return tile < 0 || tile >= tiles || inTile < 0 || inTile >= size
    ? -1
    : tile * size + inTile;
}

/**
 * Draws what is in view.
 *
 * @param left How far the picture is scrolled, as `top`.
 * @param background Of cells whose value is not there.
 */
export function paintGrid(
  context: CanvasRenderingContext2D,
  picture: WeightPicture,
  layout: GridLayout,
  drawn: DrawnWeights,
  scale: ColorScale,
  view: GridView,
  background: string,
): void {
  const width = Math.ceil(Math.min(view.width, layout.width - view.left));
  const height = Math.ceil(Math.min(view.height, layout.height - view.top));
  const source = document.createElement("canvas");
  source.width = Math.max(1, width);
  source.height = Math.max(1, height);
  const small = source.getContext("2d");
  if (small === null || width <= 0 || height <= 0) {
    return;
  }
  const image = small.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const columns = Int32Array.from({ length: width }, (_, x) =>
    alongAt(picture.tileColumns, picture.width, layout, x + view.left),
  );
  const marks = NONFINITE_COLORS.map(cssPixel);
  let last = -2;
  for (let y = 0; y < height; y += 1) {
    const row = alongAt(picture.tileRows, picture.height, layout, y + view.top);
    if (row === last) {
      pixels.copyWithin(y * width, (y - 1) * width, y * width);
      continue;
    }
    last = row;
    for (let x = 0; row >= 0 && x < width; x += 1) {
      const column = columns[x] ?? -1;
      const place = column < 0 ? -1 : picture.placeOf(row, column);
      if (place >= 0 && drawn.missing?.[place] !== 1) {
        const value = drawn.values[place] ?? Number.NaN;
        pixels[y * width + x] = Number.isFinite(value)
          ? colorPixel(scale, value)
          : (marks[markOf(value)] ?? 0);
      }
    }
  }
  small.putImageData(image, 0, 0);
  if (drawn.missing !== null) {
    context.fillStyle = background;
    context.fillRect(0, 0, width, height);
  }
  context.imageSmoothingEnabled = false;
  context.drawImage(source, 0, 0);
  if (layout.cell >= SIGN_CELL && drawn.nonfinite > 0) {
    paintSigns(context, picture, layout, drawn, view);
  }
}

function paintSigns(
  context: CanvasRenderingContext2D,
  picture: WeightPicture,
  layout: GridLayout,
  { values, missing }: DrawnWeights,
  view: GridView,
): void {
  context.font = `bold ${Math.round(layout.cell * 0.7)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = "#ffffff";
  const { rows, columns } = cellsInView(picture, layout, view);
  for (const row of rows) {
    for (const column of columns) {
      const place = picture.placeOf(row, column);
      const value = values[place] ?? 0;
      if (place >= 0 && !Number.isFinite(value) && missing?.[place] !== 1) {
        const { x, y } = placeOfCell(picture, layout, { row, column });
        const half = layout.cell / 2;
        const sign = NONFINITE_SIGNS[markOf(value)];
        context.fillText(sign, x - view.left + half, y - view.top + half);
      }
    }
  }
}

/** Rows and columns that are seen, at least in part. */
function cellsInView(
  picture: WeightPicture,
  layout: GridLayout,
  view: GridView,
): { readonly rows: readonly number[]; readonly columns: readonly number[] } {
  const seen = (tiles: number, size: number, from: number, length: number) => {
    const tileSize = size * layout.cell + layout.gap;
    const first = Math.max(0, Math.floor(from / tileSize)) * size;
    const last = Math.min(tiles, Math.ceil((from + length) / tileSize)) * size;
    const all = Array.from(
      { length: Math.max(0, last - first) },
      (_, at) => first + at,
    );
    return all.filter((at) => {
      const place = at * layout.cell + Math.floor(at / size) * layout.gap;
      return place < from + length && place + layout.cell > from;
    });
  };
  return {
    rows: seen(picture.tileRows, picture.height, view.top, view.height),
    columns: seen(picture.tileColumns, picture.width, view.left, view.width),
  };
}

function markOf(value: number): 1 | 2 | 3 {
  return Number.isNaN(value) ? 1 : value > 0 ? 2 : 3;
}
