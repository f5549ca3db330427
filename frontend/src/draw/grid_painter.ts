/** Paints the tiles of the channel grid that are in view. */

import type { ThemeColor } from "../theme/theme";
import {
  type Atlas,
  drawMap,
  type GridLayout,
  paneLeft,
  tileCorner,
  visibleTiles,
} from "./map_grid";

/** What is painted of one tile. */
export interface Tile {
  /** Where each pane's map is in that pane's atlas; null = it has none. */
  readonly positions: readonly (number | null)[];
  /** Which panes' maps are constant. */
  readonly constant: readonly boolean[];
  /** Whether a value is not finite. */
  readonly broken: boolean;
  /** What stands below its first map, and below the last one at the right. */
  readonly label: string;
  readonly note: string;
}

/** Smaller maps have no room for a second text below them. */
const NOTE_WIDTH = 66;
const HATCH = 8;

/**
 * Paints tiles.
 *
 * @param context Where to paint.
 * @param layout Where the tiles lie.
 * @param atlases The maps of each pane; null where there are none.
 * @param count Number of tiles.
 * @param tileAt What is painted of each.
 * @param scroll How far the view is scrolled.
 * @param height Height of the view.
 * @param color Colours of the theme.
 */
export function paintGrid(
  context: CanvasRenderingContext2D,
  layout: GridLayout,
  atlases: readonly (Atlas | null)[],
  count: number,
  tileAt: (tile: number) => Tile,
  scroll: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const { mapWidth, mapHeight, panes } = layout;
  const { from, to } = visibleTiles(layout, count, scroll, height);
  const width = paneLeft(layout, panes - 1) + mapWidth;
  const [border, error, muted] = [color("border"), color("error"), color("muted")];
  const hatch = createHatch(context);
  const frames = new Path2D();
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  for (let at = from; at < to; at += 1) {
    const tile = tileAt(at);
    const corner = tileCorner(layout, at);
    const y = corner.y - scroll;
    for (let pane = 0; pane < panes; pane += 1) {
      const x = corner.x + paneLeft(layout, pane);
      const position = tile.positions[pane] ?? null;
      const atlas = atlases[pane] ?? null;
      if (position !== null && atlas !== null) {
        drawMap(context, atlas, position, x, y, mapWidth, mapHeight);
      }
      if (tile.constant[pane] && hatch !== null) {
        context.save();
        context.translate(x, y);
        context.fillStyle = hatch;
        context.fillRect(0, 0, mapWidth, mapHeight);
        context.restore();
      }
      frames.rect(x - 0.5, y - 0.5, mapWidth + 1, mapHeight + 1);
      if (position === null) {
        frames.moveTo(x, y);
        frames.lineTo(x + mapWidth, y + mapHeight);
      }
    }
    context.fillStyle = tile.broken ? error : muted;
    context.textAlign = "left";
    context.fillText(tile.label, corner.x, y + mapHeight + 3);
    if (tile.note !== "" && width >= NOTE_WIDTH) {
      context.fillStyle = muted;
      context.textAlign = "right";
      context.fillText(tile.note, corner.x + width, y + mapHeight + 3);
    }
  }
  context.strokeStyle = border;
  context.lineWidth = 1;
  context.stroke(frames);
}

/** Marks a map all of whose values are the same: hatched, whatever its colour. */
export function createHatch(context: CanvasRenderingContext2D): CanvasPattern | null {
  const density = context.getTransform().a;
  const side = Math.round(HATCH * density);
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const small = canvas.getContext("2d");
  if (small === null) {
    return null;
  }
  // Dark and light lines, so that one of them shows on every colour.
  for (const [color, shift] of [
    ["rgb(0 0 0 / 45%)", 0],
    ["rgb(255 255 255 / 45%)", 1.5 * density],
  ] as const) {
    small.strokeStyle = color;
    small.lineWidth = 1.2 * density;
    small.beginPath();
    for (const start of [-side, 0, side]) {
      small.moveTo(start + shift - side, 2 * side);
      small.lineTo(start + shift + 2 * side, -side);
    }
    small.stroke();
  }
  const pattern = context.createPattern(canvas, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(HATCH / side));
  return pattern;
}

/** Cells are not marked smaller than this. */
const LEAST_MARK = 5;

/**
 * Marks the same place on all maps in view: the cell that holds it.
 *
 * @param x Share of a map's width, from 0 to below 1.
 * @param y Share of a map's height, from 0 to below 1.
 * @param cells Rows and columns of cells of each pane's maps.
 */
export function paintCrossHairs(
  context: CanvasRenderingContext2D,
  layout: GridLayout,
  count: number,
  x: number,
  y: number,
  cells: readonly (readonly [rows: number, columns: number])[],
  scroll: number,
  height: number,
): void {
  const { from, to } = visibleTiles(layout, count, scroll, height);
  const marks = new Path2D();
  for (let tile = from; tile < to; tile += 1) {
    const corner = tileCorner(layout, tile);
    cells.forEach(([rows, columns], pane) => {
      const cellWidth = layout.mapWidth / columns;
      const cellHeight = layout.mapHeight / rows;
      const width = Math.max(cellWidth, LEAST_MARK);
      const tall = Math.max(cellHeight, LEAST_MARK);
      const left = corner.x + paneLeft(layout, pane);
      const top = corner.y - scroll;
      const middleX = left + (Math.floor(x * columns) + 0.5) * cellWidth;
      const middleY = top + (Math.floor(y * rows) + 0.5) * cellHeight;
      marks.rect(middleX - width / 2, middleY - tall / 2, width, tall);
    });
  }
  // Dark around light, so that one of them shows on every colour.
  context.lineJoin = "round";
  context.strokeStyle = "rgb(0 0 0 / 80%)";
  context.lineWidth = 3.5;
  context.stroke(marks);
  context.strokeStyle = "#ffffff";
  context.lineWidth = 1.5;
  context.stroke(marks);
}
