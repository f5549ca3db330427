/** Draws one map large, over the picture that it was computed from. */

import { type ColorScale, colorIndex, NONFINITE_SIGNS } from "../model/color_scale";
import {
  cellSpan,
  type MapPlacement,
  seenByCell,
  spanOf,
} from "../model/map_placement";
import type { ActivationData } from "../model/tensor_view";
import { colorMap } from "./map_grid";

/** Smaller cells have no room for a sign. */
const SIGN_CELL = 9;
/** Pixels of a picture that are drawn larger than this keep their edges. */
const SHARP_ZOOM = 3;

/** A map and a picture, ready to be drawn at any size. */
export interface Stage {
  readonly data: ActivationData;
  readonly position: number;
  readonly placement: MapPlacement;
  /** The map, a pixel per cell. */
  readonly map: HTMLCanvasElement;
  /** The picture below it; null = none. */
  readonly picture: StagePicture | null;
}

/** A picture, a pixel per pixel. */
export interface StagePicture {
  readonly colors: HTMLCanvasElement;
  /** In greys, so that all colours over it are the map's. */
  readonly greys: HTMLCanvasElement;
}

/** Pixels as they are read. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly values: Uint32Array;
}

/** Where a stage is drawn: pixels per unit, and the unit at the corner. */
export interface StageView {
  readonly zoom: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * How opaque a cell is over a picture.
 *
 * The strongest values cover it and the weaker ones let more of it through, so that
 * one sees what the strong ones are about.
 *
 * @param strength How far a value is from nothing, from 0 to 1.
 * @param opacity From 0, the picture alone, to 1, the map alone.
 */
export function cellAlpha(strength: number, opacity: number): number {
  if (opacity <= 0 || opacity >= 1) {
    return opacity <= 0 ? 0 : 1;
  }
  return opacity ** (2 * (1 - Math.min(1, Math.max(0, strength))));
}

/**
 * Colours the map.
 *
 * @param opacity What lets a picture below it through; 1 = nothing.
 */
export function createMapCanvas(
  data: ActivationData,
  position: number,
  scale: ColorScale,
  opacity = 1,
): HTMLCanvasElement {
  const [height, width] = data.entry.kept_map;
  return pixelCanvas(width, height, (pixels) => {
    colorMap(data, position, scale, pixels, 0, width);
    if (opacity >= 1) {
      return;
    }
    pixels.forEach((pixel, cell) => {
      const alpha = cellAlpha(strengthOf(data, position, cell, scale), opacity);
      pixels[cell] = ((pixel & 0xffffff) | (Math.round(255 * alpha) << 24)) >>> 0;
    });
  });
}

function strengthOf(
  data: ActivationData,
  position: number,
  cell: number,
  scale: ColorScale,
): number {
  // What is no number is never hidden.
  if (data.markAt(position, cell) !== 0) {
    return 1;
  }
  const place = colorIndex(scale, data.valueAt(position, cell)) / 255;
  return scale.kind === "diverging" ? Math.abs(2 * place - 1) : place;
}

/** Makes a picture ready to be drawn. */
export function createStagePicture(pixels: Pixels): StagePicture {
  const { width, height, values } = pixels;
  return {
    colors: pixelCanvas(width, height, (filled) => filled.set(values)),
    greys: pixelCanvas(width, height, (filled) => {
      values.forEach((pixel, at) => {
        const [red, green, blue] = [
          pixel & 255,
          (pixel >> 8) & 255,
          (pixel >> 16) & 255,
        ];
        // As bright as the colours look.
        const grey = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
        filled[at] = ((pixel & 0xff000000) | (grey << 16) | (grey << 8) | grey) >>> 0;
      });
    }),
  };
}

function pixelCanvas(
  width: number,
  height: number,
  fill: (pixels: Uint32Array) => void,
): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  const context = canvas.getContext("2d");
  if (context !== null && width * height > 0) {
    const image = context.createImageData(width, height);
    fill(new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
  }
  return canvas;
}

/** Fits a stage into a rectangle; whole pixels per unit where that loses little. */
export function fitStage(
  placement: MapPlacement,
  width: number,
  height: number,
): StageView {
  const across = spanOf(placement.columns);
  const down = spanOf(placement.rows);
  const most = Math.min(
    width / Math.max(1e-9, across.to - across.from),
    height / Math.max(1e-9, down.to - down.from),
  );
  const zoom = Math.max(0, most > 4 ? Math.floor(most) : most);
  return {
    zoom,
    left: across.from,
    top: down.from,
    width: (across.to - across.from) * zoom,
    height: (down.to - down.from) * zoom,
  };
}

/** Draws the picture as it is. */
export function paintPicture(
  context: CanvasRenderingContext2D,
  picture: HTMLCanvasElement,
  { rows, columns }: MapPlacement,
  { zoom, left, top }: StageView,
): void {
  context.imageSmoothingEnabled = zoom < SHARP_ZOOM;
  context.drawImage(
    picture,
    -left * zoom,
    -top * zoom,
    columns.picture * zoom,
    rows.picture * zoom,
  );
}

/**
 * Draws the picture, and the map over it.
 *
 * @param smooth Whether colours flow from cell to cell.
 */
export function paintStage(
  context: CanvasRenderingContext2D,
  stage: Stage,
  view: StageView,
  smooth: boolean,
): void {
  const { placement, map, picture } = stage;
  const { rows, columns } = placement;
  const { zoom } = view;
  const x = (columns.start - view.left) * zoom;
  const y = (rows.start - view.top) * zoom;
  context.save();
  if (picture !== null) {
    paintPicture(context, picture.greys, placement, view);
  }
  context.beginPath();
  context.rect(x, y, columns.length * zoom, rows.length * zoom);
  context.clip();
  context.imageSmoothingEnabled = smooth || columns.cell * zoom < 1;
  context.imageSmoothingQuality = "high";
  context.drawImage(
    map,
    x,
    y,
    columns.cell * columns.cells * zoom,
    rows.cell * rows.cells * zoom,
  );
  if (!smooth) {
    paintSigns(context, stage, view);
  }
  context.restore();
}

function paintSigns(
  context: CanvasRenderingContext2D,
  { data, position, placement }: Stage,
  { zoom, left, top }: StageView,
): void {
  const { rows, columns } = placement;
  const side = Math.min(rows.cell, columns.cell) * zoom;
  if (data.nonfinite === null || side < SIGN_CELL) {
    return;
  }
  context.font = `bold ${Math.round(side * 0.7)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = "#ffffff";
  for (let cell = 0; cell < data.cells; cell += 1) {
    const sign = NONFINITE_SIGNS[data.markAt(position, cell)];
    if (sign) {
      const column = columns.start + ((cell % columns.cells) + 0.5) * columns.cell;
      const row = rows.start + (Math.floor(cell / columns.cells) + 0.5) * rows.cell;
      context.fillText(sign, (column - left) * zoom, (row - top) * zoom);
    }
  }
}

/** Marks a cell: a cross through it, its edge, and what it was computed from. */
export function paintStageMarks(
  context: CanvasRenderingContext2D,
  placement: MapPlacement,
  view: StageView,
  cell: { readonly row: number; readonly column: number },
): void {
  const across = cellSpan(placement.columns, cell.column);
  const down = cellSpan(placement.rows, cell.row);
  const x = (place: number) => (place - view.left) * view.zoom;
  const y = (place: number) => (place - view.top) * view.zoom;
  const middle = {
    x: x((across.from + across.to) / 2),
    y: y((down.from + down.to) / 2),
  };
  const lines = () => {
    context.beginPath();
    context.moveTo(middle.x, 0);
    context.lineTo(middle.x, y(down.from));
    context.moveTo(middle.x, y(down.to));
    context.lineTo(middle.x, view.height);
    context.moveTo(0, middle.y);
    context.lineTo(x(across.from), middle.y);
    context.moveTo(x(across.to), middle.y);
    context.lineTo(view.width, middle.y);
    context.stroke();
    strokeBox(context, x(across.from), y(down.from), x(across.to), y(down.to));
  };
  twice(context, 1, lines);
  const seenAcross = seenByCell(placement.columns, cell.column);
  const seenDown = seenByCell(placement.rows, cell.row);
  if (seenAcross !== null && seenDown !== null) {
    twice(context, 1.5, (dark) => {
      context.setLineDash([5, 4]);
      context.lineDashOffset = dark ? 0 : 4.5;
      strokeBox(
        context,
        x(seenAcross.from),
        y(seenDown.from),
        x(seenAcross.to),
        y(seenDown.to),
      );
      context.setLineDash([]);
    });
  }
}

function strokeBox(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  right: number,
  bottom: number,
): void {
  context.strokeRect(left + 0.5, top + 0.5, right - left - 1, bottom - top - 1);
}

/** Dark and light, so that one of them shows on every colour. */
function twice(
  context: CanvasRenderingContext2D,
  width: number,
  draw: (dark: boolean) => void,
): void {
  context.strokeStyle = "rgb(0 0 0 / 75%)";
  context.lineWidth = width + 1.5;
  draw(true);
  context.strokeStyle = "#ffffff";
  context.lineWidth = width;
  draw(false);
}
