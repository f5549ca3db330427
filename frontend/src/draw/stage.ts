/** Draws one map large, over the picture that it was computed from. */

import { type ColorScale, NONFINITE_SIGNS } from "../model/color_scale";
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
  /** The picture in greys, so that colours are the map's alone; null = none. */
  readonly picture: HTMLCanvasElement | null;
}

/** How a stage is drawn. */
export interface StageStyle {
  /** From 0, the picture alone, to 1, the map alone. */
  readonly opacity: number;
  /** Whether colours flow from cell to cell. */
  readonly smooth: boolean;
}

/** Where a stage is drawn: pixels per unit, and the unit at the corner. */
export interface StageView {
  readonly zoom: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Colours the map. */
export function createMapCanvas(
  data: ActivationData,
  position: number,
  scale: ColorScale,
): HTMLCanvasElement {
  const [height, width] = data.entry.kept_map;
  return pixelCanvas(width, height, (pixels) =>
    colorMap(data, position, scale, pixels, 0, width),
  );
}

/** A picture in greys, by how bright its colours look. */
export function createGreyCanvas(picture: {
  readonly width: number;
  readonly height: number;
  readonly values: Uint32Array;
}): HTMLCanvasElement {
  return pixelCanvas(picture.width, picture.height, (pixels) => {
    picture.values.forEach((pixel, at) => {
      const [red, green, blue] = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
      const grey = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
      pixels[at] = ((pixel & 0xff000000) | (grey << 16) | (grey << 8) | grey) >>> 0;
    });
  });
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

/** Draws the picture, and the map over it. */
export function paintStage(
  context: CanvasRenderingContext2D,
  stage: Stage,
  view: StageView,
  style: StageStyle,
): void {
  const { placement, map, picture } = stage;
  const { rows, columns } = placement;
  const { zoom } = view;
  const x = (place: number) => (place - view.left) * zoom;
  const y = (place: number) => (place - view.top) * zoom;
  context.save();
  if (picture !== null) {
    context.imageSmoothingEnabled = zoom < SHARP_ZOOM;
    context.drawImage(picture, x(0), y(0), columns.picture * zoom, rows.picture * zoom);
  }
  context.beginPath();
  context.rect(
    x(columns.start),
    y(rows.start),
    columns.length * zoom,
    rows.length * zoom,
  );
  context.clip();
  context.globalAlpha = picture === null ? 1 : style.opacity;
  context.imageSmoothingEnabled = style.smooth || columns.cell * zoom < 1;
  context.imageSmoothingQuality = "high";
  context.drawImage(
    map,
    x(columns.start),
    y(rows.start),
    columns.cell * columns.cells * zoom,
    rows.cell * rows.cells * zoom,
  );
  if (!style.smooth && style.opacity > 0) {
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
