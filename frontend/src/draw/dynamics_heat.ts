/** Draws the map of dynamics: a row per layer or variable, cells of steps. */

import { colorCss, NONFINITE_COLORS } from "../model/color_scale";
import type { JoinedCells, StepCellRange } from "../model/dynamics/dynamics_map";
import type { DynamicsScale } from "../model/dynamics/quantities";
import type { ThemeColor } from "../theme/theme";

/** Height of a row, with the gap to the next one. */
export const HEAT_ROW_HEIGHT = 20;

/** From this width on a broken cell has a sign in it. */
const SIGN_FROM = 9;

/** Places of steps on the page. */
export interface StepAxis {
  readonly first: number;
  readonly last: number;
  readonly width: number;
}

/** One row, ready to be drawn: its values, and the cells that they are of. */
export interface HeatCells extends JoinedCells {
  readonly cells: StepCellRange;
}

/** Left edge of a step. */
export function placeOfStep({ first, last, width }: StepAxis, step: number): number {
  return ((step - first) / Math.max(1, last - first + 1)) * width;
}

/** The step at a place. */
export function stepAtPlace({ first, last, width }: StepAxis, x: number): number {
  const step = first + Math.floor((x / Math.max(1, width)) * (last - first + 1));
  return Math.max(first, Math.min(last, step));
}

/**
 * Draws rows.
 *
 * A cell whose values are exactly zero is hatched, one with NaN or infinite
 * elements is marked, and where nothing is known there is nothing.
 *
 * @param rows The rows that are in view.
 * @param top Where the first of them begins.
 */
export function paintHeat(
  context: CanvasRenderingContext2D,
  rows: readonly HeatCells[],
  axis: StepAxis,
  top: number,
  scale: DynamicsScale,
  color: (name: ThemeColor) => string,
): void {
  const zero = hatching(context, color);
  // Most rows share their cells: two runs have at most two kinds of them.
  const known = new Map<StepCellRange, readonly Edge[]>();
  const edgesOf = (cells: StepCellRange) => {
    const found = known.get(cells) ?? placeCells(cells, axis);
    known.set(cells, found);
    return found;
  };
  const height = HEAT_ROW_HEIGHT - 2;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = "11px system-ui, sans-serif";
  rows.forEach(({ values, nonfinite, cells }, row) => {
    const y = top + row * HEAT_ROW_HEIGHT + 1;
    edgesOf(cells).forEach(({ from, to }, cell) => {
      const value = values[cell] ?? Number.NaN;
      const width = Math.max(1, to - from + 0.5);
      const broken = (nonfinite[cell] ?? 0) > 0;
      if (broken) {
        context.fillStyle = NONFINITE_COLORS[1];
      } else if (Number.isNaN(value)) {
        return;
      } else {
        const place = scale.place(value);
        context.fillStyle = Number.isNaN(place) ? zero : colorCss(scale.colors, place);
      }
      context.fillRect(from, y, width, height);
      if (broken && width >= SIGN_FROM) {
        context.fillStyle = "#ffffff";
        context.fillText("×", from + width / 2, y + height / 2 + 0.5);
      }
    });
  });
}

/** Where a cell begins and ends. */
interface Edge {
  readonly from: number;
  readonly to: number;
}

function placeCells(cells: StepCellRange, axis: StepAxis): Edge[] {
  return Array.from(cells.steps, (last, cell) => ({
    from: placeOfStep(axis, Math.max(axis.first, cells.firstSteps[cell] ?? 0)),
    to: placeOfStep(axis, Math.min(axis.last, last) + 1),
  }));
}

/** What stands for exactly zero, which has no place on a scale of logarithms. */
function hatching(
  context: CanvasRenderingContext2D,
  color: (name: ThemeColor) => string,
): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = 6;
  tile.height = 6;
  const on = tile.getContext("2d");
  if (on === null) {
    return color("hover");
  }
  on.fillStyle = color("hover");
  on.fillRect(0, 0, 6, 6);
  on.strokeStyle = color("border-strong");
  on.lineWidth = 1;
  on.beginPath();
  for (const shift of [-6, 0, 6]) {
    on.moveTo(shift, 6);
    on.lineTo(shift + 6, 0);
  }
  on.stroke();
  return context.createPattern(tile, "repeat") ?? color("hover");
}
