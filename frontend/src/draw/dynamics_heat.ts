/** Draws the map of dynamics: a row per layer or variable, cells of steps. */

import { colorCss, NONFINITE_COLORS } from "../model/color_scale";
import { cellOfStep, type StepCellRange } from "../model/dynamics/dynamics_map";
import type { JoinedCells } from "../model/dynamics/joined_variables";
import type { DynamicsScale } from "../model/dynamics/quantities";
import type { ThemeColor } from "../theme/theme";

/** Height of a row, with the gap to the next one. */
export const HEAT_ROW_HEIGHT = 20;

/** Side of a pattern's tile. */
const TILE = 6;

/** From this width on a broken cell has a sign in it. */
const SIGN_FROM = 9;

/** A frame around a cell is at least so wide. */
const MIN_FRAME = 7;

/** Lines of a frame, which is seen on any colour. */
const FRAME: readonly (readonly [number, ThemeColor])[] = [
  [4, "bg"],
  [2, "text"],
];

const FLAG = "first";

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
 * A cell whose values are exactly zero is hatched, one whose values were divided by
 * zero is dotted, one with NaN or infinite elements is marked, and where nothing is
 * known there is nothing.
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
  const divisor = dotting(context, color);
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
        context.fillStyle =
          value === Number.POSITIVE_INFINITY
            ? divisor
            : Number.isNaN(place)
              ? zero
              : colorCss(scale.colors, place);
      }
      context.fillRect(from, y, width, height);
      if (broken && width >= SIGN_FROM) {
        context.fillStyle = "#ffffff";
        context.fillText("×", from + width / 2, y + height / 2 + 0.5);
      }
    });
  });
}

/** Draws a frame around the cell of a step, wide enough to be seen. */
export function paintCellFrame(
  context: CanvasRenderingContext2D,
  cells: StepCellRange,
  step: number,
  axis: StepAxis,
  y: number,
  color: (name: ThemeColor) => string,
): void {
  const cell = cellOfStep(cells, step);
  const from = placeOfStep(axis, Math.max(axis.first, cells.firstSteps[cell] ?? step));
  const to = placeOfStep(axis, Math.min(axis.last, cells.steps[cell] ?? step) + 1);
  const wider = Math.max(0, MIN_FRAME - (to - from)) / 2;
  for (const [width, name] of FRAME) {
    context.strokeStyle = color(name);
    context.lineWidth = width;
    context.strokeRect(from - wider, y + 1, to - from + 2 * wider, HEAT_ROW_HEIGHT - 2);
  }
}

/** Draws a flag that says that something was first here. */
export function paintFlag(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  color: (name: ThemeColor) => string,
): void {
  context.font = "10px system-ui, sans-serif";
  const size = context.measureText(FLAG).width + 8;
  const left = x + size > width ? x - size : x;
  context.fillStyle = color("text");
  context.fillRect(x - 0.75, y, 1.5, HEAT_ROW_HEIGHT);
  context.fillRect(left, y + 3, size, HEAT_ROW_HEIGHT - 6);
  context.fillStyle = color("bg");
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(FLAG, left + size / 2, y + HEAT_ROW_HEIGHT / 2 + 0.5);
}

/** Draws a line through the step that is pointed at. */
export function paintPointedStep(
  context: CanvasRenderingContext2D,
  axis: StepAxis,
  step: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const x = placeOfStep(axis, step + 0.5);
  context.strokeStyle = color("text");
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
  context.setLineDash([]);
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
  return createTile(context, color, (on) => {
    on.strokeStyle = color("border-strong");
    on.lineWidth = 1;
    on.beginPath();
    for (const shift of [-TILE, 0, TILE]) {
      on.moveTo(shift, TILE);
      on.lineTo(shift + TILE, 0);
    }
    on.stroke();
  });
}

/** What stands for a value that was divided by zero. */
function dotting(
  context: CanvasRenderingContext2D,
  color: (name: ThemeColor) => string,
): CanvasPattern | string {
  return createTile(context, color, (on) => {
    on.fillStyle = color("border-strong");
    on.fillRect(1, 1, 2, 2);
    on.fillRect(4, 4, 2, 2);
  });
}

function createTile(
  context: CanvasRenderingContext2D,
  color: (name: ThemeColor) => string,
  draw: (on: CanvasRenderingContext2D) => void,
): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = TILE;
  tile.height = TILE;
  const on = tile.getContext("2d");
  if (on === null) {
    return color("hover");
  }
  on.fillStyle = color("hover");
  on.fillRect(0, 0, TILE, TILE);
  draw(on);
  return context.createPattern(tile, "repeat") ?? color("hover");
}
