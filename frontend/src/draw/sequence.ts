/** Draws a sequence: time to the right, units downwards. */

import type { ThemeColor } from "../theme/theme";
import { labelStep } from "./bars";
import type { Atlas } from "./map_grid";

/** Where the cells of a sequence lie. */
export interface SequenceLayout {
  readonly units: number;
  readonly steps: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly height: number;
}

/** Room for the units' numbers. */
export const LEFT = 56;
/** Room for the time steps' numbers, at the bottom of the view. */
export const FOOT = 36;
const TOP = 8;
const RIGHT = 14;
const MAX_CELL_WIDTH = 64;
const MIN_CELL_HEIGHT = 3;
const MAX_CELL_HEIGHT = 26;

/** Fits a sequence into a view: as wide as it is, as high as it needs. */
export function layoutSequence(
  units: number,
  steps: number,
  width: number,
  height: number,
): SequenceLayout {
  const room = Math.max(1, width - LEFT - RIGHT);
  const cellWidth = Math.min(MAX_CELL_WIDTH, room / Math.max(1, steps));
  const fitting = (height - TOP - FOOT) / Math.max(1, units);
  const cellHeight = Math.max(MIN_CELL_HEIGHT, Math.min(MAX_CELL_HEIGHT, fitting));
  return {
    units,
    steps,
    cellWidth,
    cellHeight,
    height: TOP + units * cellHeight + FOOT,
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

/**
 * Draws the rows that are in view, and the axes.
 *
 * @param atlas The rows, one below the other.
 * @param channelAt Index of the unit in a row.
 * @param scroll How far the view is scrolled.
 */
export function paintSequence(
  context: CanvasRenderingContext2D,
  atlas: Atlas | null,
  layout: SequenceLayout,
  channelAt: (row: number) => number,
  scroll: number,
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const drawnWidth = layout.steps * layout.cellWidth;
  const plotBottom = Math.min(
    height - FOOT,
    TOP + layout.units * layout.cellHeight - scroll,
  );
  if (atlas !== null) {
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, drawnWidth, plotBottom);
    context.clip();
    context.imageSmoothingEnabled = layout.cellWidth < 1;
    context.drawImage(
      atlas.canvas,
      LEFT,
      TOP - scroll,
      drawnWidth,
      layout.units * layout.cellHeight,
    );
    context.restore();
  }

  context.font = "11px system-ui, sans-serif";
  context.fillStyle = color("muted");
  context.textAlign = "right";
  context.textBaseline = "middle";
  const everyUnit = labelStep(layout.cellHeight, 16);
  for (let row = 0; row < layout.units; row += everyUnit) {
    const y = TOP + (row + 0.5) * layout.cellHeight - scroll;
    if (y > 4 && y < plotBottom) {
      context.fillText(String(channelAt(row)), LEFT - 6, y);
    }
  }
  context.save();
  context.translate(10, plotBottom / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText("unit", 0, 0);
  context.restore();

  context.textAlign = "center";
  context.textBaseline = "top";
  const everyStep = labelStep(layout.cellWidth, 34);
  for (let step = 0; step < layout.steps; step += everyStep) {
    context.fillText(
      String(step),
      LEFT + (step + 0.5) * layout.cellWidth,
      plotBottom + 5,
    );
  }
  context.fillText(
    "time step",
    Math.min(width, LEFT + drawnWidth / 2),
    plotBottom + 20,
  );
}
