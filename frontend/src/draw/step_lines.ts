/** Draws curves over cells of steps: a line of means, a band up to the largest. */

import type { StepCellRange } from "../model/dynamics/dynamics_map";
import { placeOfStep, type StepAxis } from "./dynamics_heat";

/** One curve. */
export interface StepLine {
  readonly cells: StepCellRange;
  /** NaN leaves a gap. */
  readonly mean: Float32Array;
  /** Largest value of each cell; null = no band. */
  readonly largest: Float32Array | null;
  readonly color: string;
  readonly isDashed: boolean;
}

/** Values from bottom to top. */
export interface ValueAxis {
  readonly low: number;
  readonly high: number;
  readonly isLog: boolean;
}

const ABOVE = 6;
const BELOW = 4;
const DOT_RADIUS = 2;

/** From this factor on between the ends values are placed by their logarithm. */
const LOG_FROM = 30;

/** An axis for all values of the curves; null where there is none. */
export function fitValues(
  lines: readonly StepLine[],
  always: readonly number[] = [],
): ValueAxis | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let positive = Number.POSITIVE_INFINITY;
  const take = (value: number) => {
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      positive = value > 0 ? Math.min(positive, value) : positive;
    }
  };
  for (const { mean, largest } of lines) {
    mean.forEach(take);
    largest?.forEach(take);
  }
  if (low > high) {
    return null;
  }
  always.forEach(take);
  const isLog = low >= 0 && high > LOG_FROM * positive;
  return { low: isLog ? positive : low, high, isLog };
}

/** Where a value lies; zero is at the bottom of an axis of logarithms. */
export function placeOfValue(axis: ValueAxis, value: number, height: number): number {
  const { low, high, isLog } = axis;
  const share =
    high === low
      ? 0.5
      : isLog
        ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
        : (value - low) / (high - low);
  return height - BELOW - share * (height - ABOVE - BELOW);
}

/** Cells with a number, and none on either side: no line leads there. */
export function lonelyCells(values: Float32Array): number[] {
  const has = (cell: number) => Number.isFinite(values[cell] ?? Number.NaN);
  return Array.from(values.keys()).filter(
    (cell) => has(cell) && !has(cell - 1) && !has(cell + 1),
  );
}

/** Draws the curves; a dot where a cell has no neighbour. */
export function paintLines(
  context: CanvasRenderingContext2D,
  lines: readonly StepLine[],
  axis: StepAxis,
  values: ValueAxis,
  height: number,
): void {
  for (const { cells, mean, largest, color, isDashed } of lines) {
    const x = (cell: number) => {
      const from = cells.firstSteps[cell] ?? 0;
      const to = (cells.steps[cell] ?? 0) + 1;
      return placeOfStep(axis, (from + to) / 2);
    };
    if (largest !== null) {
      context.fillStyle = color;
      context.globalAlpha = 0.2;
      for (let cell = 0; cell < mean.length; cell += 1) {
        const bottom = mean[cell] ?? Number.NaN;
        const top = largest[cell] ?? Number.NaN;
        if (Number.isFinite(bottom) && Number.isFinite(top)) {
          const from = placeOfStep(axis, cells.firstSteps[cell] ?? 0);
          const to = placeOfStep(axis, (cells.steps[cell] ?? 0) + 1);
          const y = placeOfValue(values, top, height);
          const rest = placeOfValue(values, bottom, height) - y;
          context.fillRect(from, y, Math.max(1, to - from), Math.max(0, rest));
        }
      }
      context.globalAlpha = 1;
    }
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.setLineDash(isDashed ? [4, 3] : []);
    context.beginPath();
    let drawing = false;
    mean.forEach((value, cell) => {
      if (Number.isFinite(value)) {
        const y = placeOfValue(values, value, height);
        if (drawing) {
          context.lineTo(x(cell), y);
        } else {
          context.moveTo(x(cell), y);
        }
      }
      drawing = Number.isFinite(value);
    });
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = color;
    for (const cell of lonelyCells(mean)) {
      context.beginPath();
      const y = placeOfValue(values, mean[cell] ?? 0, height);
      context.arc(x(cell), y, DOT_RADIUS, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
