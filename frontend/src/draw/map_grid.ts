/** Draws channel maps: all of them once into an atlas, then from there. */

import type { ChannelMaps } from "../model/channels/channel_maps";
import {
  type ColorScale,
  colorPixel,
  cssPixel,
  NONFINITE_COLORS,
} from "../model/color_scale";
import { ActivationData } from "../model/tensor_view";

/** All maps side by side on one canvas, at one pixel per cell. */
export interface Atlas {
  readonly canvas: HTMLCanvasElement;
  readonly columns: number;
  readonly mapWidth: number;
  readonly mapHeight: number;
}

/** Where the tiles of a grid lie. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly mapWidth: number;
  readonly mapHeight: number;
  /** Maps of each tile, side by side. */
  readonly panes: number;
  readonly height: number;
}

/** Space between tiles. */
export const GAP = 6;
/** Space between the maps of one tile, and what more there is between such tiles. */
const PANE_GAP = 2;
const PAIR_GAP = 10;
/** Height of the line below a map. */
export const LABEL_HEIGHT = 16;

const CODES = 256;
const NONFINITE_PIXELS = NONFINITE_COLORS.map(cssPixel);

/**
 * Colours maps into pixels.
 *
 * @param data The maps.
 * @param position Which map.
 * @param scale Its colours.
 * @param pixels Where to put them.
 * @param start Index of the map's first pixel.
 * @param stride Pixels from one row to the next.
 */
export function colorMap(
  data: ChannelMaps,
  position: number,
  scale: ColorScale,
  pixels: Uint32Array,
  start: number,
  stride: number,
): void {
  const [height, width] = data.entry.kept_map;
  if (!(data instanceof ActivationData)) {
    for (let cell = 0; cell < height * width; cell += 1) {
      const mark = data.markAt(position, cell);
      const pixel = start + Math.floor(cell / width) * stride + (cell % width);
      pixels[pixel] =
        (mark === 0
          ? colorPixel(scale, data.valueAt(position, cell))
          : NONFINITE_PIXELS[mark]) ?? 0;
    }
    return;
  }
  // The 256 codes of a channel stand for 256 values: look up their colours once.
  const lut = Uint32Array.from({ length: CODES }, (_, code) =>
    colorPixel(scale, data.decode(position, code)),
  );
  const { codes, nonfinite, cells } = data;
  let cell = position * cells;
  for (let row = 0; row < height; row += 1) {
    let pixel = start + row * stride;
    for (let column = 0; column < width; column += 1) {
      const mark = nonfinite === null ? 0 : (nonfinite[cell] ?? 0) & 3;
      pixels[pixel] =
        (mark === 0 ? lut[codes[cell] ?? 0] : NONFINITE_PIXELS[mark]) ?? 0;
      pixel += 1;
      cell += 1;
    }
  }
}

/**
 * Draws all maps.
 *
 * @param data The maps.
 * @param scaleOf Colours of the map at a position.
 * @param wanted Maps beside each other; about square without it.
 * @returns null where there is nothing to draw, or nothing to draw on.
 */
export function createAtlas(
  data: ChannelMaps,
  scaleOf: (position: number) => ColorScale,
  wanted?: number,
): Atlas | null {
  const [mapHeight, mapWidth] = data.entry.kept_map;
  const count = data.count;
  if (count === 0 || mapHeight === 0 || mapWidth === 0) {
    return null;
  }
  // About square, since a canvas is limited in each direction.
  const square = Math.round(Math.sqrt((count * mapHeight) / mapWidth));
  const columns = wanted ?? Math.max(1, Math.min(count, square));
  const rows = Math.ceil(count / columns);
  const canvas = document.createElement("canvas");
  canvas.width = columns * mapWidth;
  canvas.height = rows * mapHeight;
  const context = canvas.getContext("2d");
  if (context === null) {
    return null;
  }
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let position = 0; position < count; position += 1) {
    const row = Math.floor(position / columns);
    const start = row * mapHeight * canvas.width + (position % columns) * mapWidth;
    colorMap(data, position, scaleOf(position), pixels, start, canvas.width);
  }
  context.putImageData(image, 0, 0);
  return { canvas, columns, mapWidth, mapHeight };
}

/** Draws one map of an atlas into a rectangle, its cells with sharp edges. */
export function drawMap(
  context: CanvasRenderingContext2D,
  atlas: Atlas,
  position: number,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.imageSmoothingEnabled = width < atlas.mapWidth;
  context.drawImage(
    atlas.canvas,
    (position % atlas.columns) * atlas.mapWidth,
    Math.floor(position / atlas.columns) * atlas.mapHeight,
    atlas.mapWidth,
    atlas.mapHeight,
    x,
    y,
    width,
    height,
  );
}

/**
 * Lays out tiles in rows.
 *
 * @param count Number of tiles.
 * @param mapHeight Rows of cells of a map.
 * @param mapWidth Columns of cells of a map.
 * @param size Pixels of a map's longer side.
 * @param width Pixels to lay them out in.
 * @param panes Maps of each tile, side by side.
 */
export function layoutGrid(
  count: number,
  mapHeight: number,
  mapWidth: number,
  size: number,
  width: number,
  panes = 1,
): GridLayout {
  const longer = Math.max(mapHeight, mapWidth, 1);
  const drawnWidth = Math.max(4, Math.round((size * mapWidth) / longer));
  const drawnHeight = Math.max(4, Math.round((size * mapHeight) / longer));
  const tileWidth =
    Math.max(panes * (drawnWidth + PANE_GAP) - PANE_GAP, 24) +
    GAP +
    (panes > 1 ? PAIR_GAP : 0);
  const tileHeight = drawnHeight + LABEL_HEIGHT + GAP;
  const columns = Math.max(1, Math.floor((width - GAP) / tileWidth));
  const rows = Math.ceil(count / columns);
  return {
    columns,
    rows,
    tileWidth,
    tileHeight,
    mapWidth: drawnWidth,
    mapHeight: drawnHeight,
    panes,
    height: rows * tileHeight + GAP,
  };
}

/** Corner of a tile's map. */
export function tileCorner(layout: GridLayout, tile: number): { x: number; y: number } {
  return {
    x: GAP + (tile % layout.columns) * layout.tileWidth,
    y: GAP + Math.floor(tile / layout.columns) * layout.tileHeight,
  };
}

/** How far a pane's map is to the right of its tile's corner. */
export function paneLeft(layout: GridLayout, pane: number): number {
  return pane * (layout.mapWidth + PANE_GAP);
}

/** A place on a map of the grid. */
export interface TilePoint {
  readonly tile: number;
  readonly pane: number;
  /** Shares of the map's width and height, from 0 to below 1. */
  readonly x: number;
  readonly y: number;
}

/** The map at a place in the scrolled content; null if there is none. */
export function tileAt(
  layout: GridLayout,
  count: number,
  x: number,
  y: number,
): TilePoint | null {
  const column = Math.floor((x - GAP) / layout.tileWidth);
  const row = Math.floor((y - GAP) / layout.tileHeight);
  const tile = row * layout.columns + column;
  const left = x - GAP - column * layout.tileWidth;
  const pane = Math.floor(left / (layout.mapWidth + PANE_GAP));
  const inMap = {
    x: (left - paneLeft(layout, pane)) / layout.mapWidth,
    y: (y - GAP - row * layout.tileHeight) / layout.mapHeight,
  };
  return column < 0 ||
    row < 0 ||
    column >= layout.columns ||
    tile >= count ||
    pane >= layout.panes ||
    inMap.x >= 1 ||
    inMap.y >= 1
    ? null
    : { tile, pane, ...inMap };
}

/** First tile of the visible rows, and the one behind the last. */
export function visibleTiles(
  layout: GridLayout,
  count: number,
  top: number,
  height: number,
): { from: number; to: number } {
  const first = Math.max(0, Math.floor((top - GAP) / layout.tileHeight));
  const last = Math.floor((top + height) / layout.tileHeight);
  return {
    from: Math.min(count, first * layout.columns),
    to: Math.min(count, (last + 1) * layout.columns),
  };
}

const SIZES = [24, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 144, 160] as const;

/** The largest size at which all tiles are in view, within reason. */
export function fitSize(
  count: number,
  mapHeight: number,
  mapWidth: number,
  width: number,
  height: number,
  panes = 1,
): number {
  const fitting = SIZES.filter(
    (size) =>
      layoutGrid(count, mapHeight, mapWidth, size, width, panes).height <=
      Math.max(height, 1),
  );
  return Math.max(48, fitting.at(-1) ?? 48);
}
