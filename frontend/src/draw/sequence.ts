/** Draws a sequence: time to the right, units downwards. */

import type { ThemeColor } from "../theme/theme";
import { labelStep } from "./bars";
import type { Atlas } from "./map_grid";
import { maskedRuns, paintMasked } from "./masked";

/** Where the cells of a sequence lie. */
export interface SequenceLayout {
  readonly units: number;
  readonly steps: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Height of the whole, as it is scrolled. */
  readonly height: number;
  /** Room for what stands below the time steps. */
  readonly foot: number;
}

/** Room for the units' numbers. */
export const LEFT = 56;
/** Room for the time steps' numbers, at the bottom of the view. */
export const FOOT = 36;
/** Room for texts in their place: for their title, and for each character. */
const TITLE_FOOT = 26;
const CHARACTER = 7;
const FONT = "11px system-ui, sans-serif";
const MAX_TEXT = 11;
const TOP = 8;
const RIGHT = 14;
const MAX_CELL_WIDTH = 64;
const MIN_CELL_HEIGHT = 3;
const MAX_CELL_HEIGHT = 26;

/**
 * Fits a sequence into a view: as wide as it is, as high as it needs.
 *
 * @param texts Texts of the time steps; empty if they have numbers only.
 */
export function layoutSequence(
  units: number,
  steps: number,
  width: number,
  height: number,
  texts: readonly string[] = [],
): SequenceLayout {
  const longest = Math.min(MAX_TEXT, Math.max(2, ...texts.map((text) => text.length)));
  const foot = texts.length > 0 ? TITLE_FOOT + CHARACTER * longest : FOOT;
  const room = Math.max(1, width - LEFT - RIGHT);
  const cellWidth = Math.min(MAX_CELL_WIDTH, room / Math.max(1, steps));
  const fitting = (height - TOP - foot) / Math.max(1, units);
  const cellHeight = Math.max(MIN_CELL_HEIGHT, Math.min(MAX_CELL_HEIGHT, fitting));
  return {
    units,
    steps,
    cellWidth,
    cellHeight,
    height: TOP + units * cellHeight + foot,
    foot,
  };
}

/** The cell at a place in the scrolled content; null if there is none. */
export function sequenceCellAt(
  layout: SequenceLayout,
  x: number,
  y: number,
): { row: number; step: number } | null {
  const step = Math.floor((x - LEFT) / layout.cellWidth);
  const row = Math.floor((y - TOP) / layout.cellHeight);
  return step < 0 || row < 0 || step >= layout.steps || row >= layout.units
    ? null
    : { row, step };
}

/** What is drawn of a sequence. */
export interface SequencePicture {
  /** Every position's row, one below the other; null = nothing was kept. */
  readonly atlas: Atlas | null;
  /** Position of each row among those of the atlas; null = it has none. */
  readonly positions: readonly (number | null)[];
  /** What stands before each row. */
  readonly names: readonly string[];
  readonly axis: TimeAxis;
  /** 0 where a time step is masked; null = there is no mask. */
  readonly mask: Uint8Array | null;
}

/** What stands below the time steps. */
export interface TimeAxis {
  readonly title: string;
  /** One per kept time step. */
  readonly labels: readonly string[];
  /** Whether they are texts, which are written upwards. */
  readonly upright: boolean;
}

/**
 * Draws the rows that are in view, and the axes.
 *
 * @param scroll How far the view is scrolled.
 * @param marked Cell to mark; null = none.
 */
export function paintSequence(
  context: CanvasRenderingContext2D,
  picture: SequencePicture,
  layout: SequenceLayout,
  scroll: number,
  marked: { readonly row: number; readonly step: number } | null,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const { cellWidth, cellHeight, units, foot } = layout;
  const drawnWidth = layout.steps * cellWidth;
  const plotBottom = Math.min(height - foot, TOP + units * cellHeight - scroll);
  context.save();
  context.beginPath();
  context.rect(LEFT, 0, drawnWidth, Math.max(0, plotBottom));
  context.clip();
  paintRows(context, picture, layout, scroll, plotBottom, color);
  for (const [from, to] of maskedRuns(picture.mask)) {
    const x = LEFT + from * cellWidth;
    const top = Math.max(0, TOP - scroll);
    paintMasked(context, x, top, (to - from) * cellWidth, plotBottom - top, color);
  }
  if (marked !== null) {
    const y = TOP + marked.row * cellHeight - scroll;
    context.strokeStyle = color("text");
    context.lineWidth = 1;
    context.strokeRect(LEFT + 0.5, y + 0.5, drawnWidth - 1, cellHeight - 1);
    const x = LEFT + marked.step * cellWidth;
    context.strokeRect(x + 0.5, 0.5, cellWidth - 1, plotBottom - 1);
  }
  context.restore();

  context.font = FONT;
  context.fillStyle = color("muted");
  context.textAlign = "right";
  context.textBaseline = "middle";
  const everyUnit = labelStep(cellHeight, 16);
  for (let row = 0; row < units; row += everyUnit) {
    const y = TOP + (row + 0.5) * cellHeight - scroll;
    if (y > 4 && y < plotBottom) {
      context.fillText(picture.names[row] ?? "", LEFT - 6, y);
    }
  }
  context.save();
  context.translate(10, plotBottom / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText("unit", 0, 0);
  context.restore();
  paintTimeAxis(context, picture, layout, plotBottom, marked?.step ?? null, color);
}

/** Draws the rows one by one, since they may be in any order. */
function paintRows(
  context: CanvasRenderingContext2D,
  { atlas, positions }: SequencePicture,
  layout: SequenceLayout,
  scroll: number,
  bottom: number,
  color: (name: ThemeColor) => string,
): void {
  const { cellWidth, cellHeight, units } = layout;
  const width = layout.steps * cellWidth;
  const first = Math.max(0, Math.floor((scroll - TOP) / cellHeight));
  const last = Math.min(units - 1, Math.floor((bottom - TOP + scroll) / cellHeight));
  context.imageSmoothingEnabled = cellWidth < 1;
  for (let row = first; row <= last; row += 1) {
    // Whole pixels, so that there is no seam between two rows.
    const y = Math.round(TOP + row * cellHeight - scroll);
    const height = Math.round(TOP + (row + 1) * cellHeight - scroll) - y;
    const position = positions[row] ?? null;
    if (atlas === null || position === null) {
      context.fillStyle = color("hover");
      context.fillRect(LEFT, y, width, height);
    } else {
      context.drawImage(
        atlas.canvas,
        0,
        position,
        atlas.mapWidth,
        1,
        LEFT,
        y,
        width,
        height,
      );
    }
  }
}

function paintTimeAxis(
  context: CanvasRenderingContext2D,
  { axis, mask }: SequencePicture,
  { steps, cellWidth, foot }: SequenceLayout,
  top: number,
  marked: number | null,
  color: (name: ThemeColor) => string,
): void {
  const room = axis.upright ? 12 : 34;
  const every = labelStep(cellWidth, room);
  for (let step = 0; step < steps; step += 1) {
    const near =
      marked !== null && step !== marked && Math.abs(step - marked) * cellWidth < room;
    if (step !== marked && (step % every !== 0 || near)) {
      continue;
    }
    const strong = step === marked;
    context.font = strong ? `600 ${FONT}` : FONT;
    context.fillStyle =
      mask?.[step] === 0 ? color("border-strong") : color(strong ? "text" : "muted");
    const x = LEFT + (step + 0.5) * cellWidth;
    const text = axis.labels[step] ?? "";
    if (axis.upright) {
      const shown = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
      context.save();
      context.translate(x, top + 5);
      context.rotate(-Math.PI / 2);
      context.textAlign = "right";
      context.textBaseline = "middle";
      context.fillText(shown, 0, 0);
      context.restore();
    } else {
      context.textAlign = "center";
      context.textBaseline = "top";
      context.fillText(text, x, top + 5);
    }
  }
  context.font = FONT;
  context.fillStyle = color("muted");
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillText(axis.title, LEFT + (steps * cellWidth) / 2, top + foot - 16);
}
