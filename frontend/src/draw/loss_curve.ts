/** Draws the loss behind the slider of steps, and a tick for each of them. */

import {
  placeInRange,
  rangeOfTrend,
  type Trend,
  type TrendRange,
} from "../model/overlay/trend";
import { placeOfStep } from "../model/step_axis";
import type { ThemeColor } from "../theme/theme";

/** Half the width of the slider's thumb: its middle never goes further out. */
export const SIDE = 6;
/** Height of the ticks below the curve. */
const TICKS = 5;
const ABOVE = 3;
/** Denser ticks would be one line. */
const MIN_TICK_DISTANCE = 3;

/** A curve, and whether it is the dashed one. */
export interface PlottedLoss {
  readonly trend: Trend;
  readonly dashed: boolean;
}

/** Pixel of a place on the axis. */
export function axisX(place: number, steps: number, width: number): number {
  return SIDE + (place / Math.max(1, steps - 1)) * (width - 2 * SIDE);
}

/** Index of the logged step that is nearest to a pixel. */
export function stepIndexAt(x: number, steps: number, width: number): number {
  const place = ((x - SIDE) / Math.max(1, width - 2 * SIDE)) * (steps - 1);
  return Math.max(0, Math.min(steps - 1, Math.round(place)));
}

/** The range of all curves together; null if none has a finite value. */
export function jointRange(curves: readonly PlottedLoss[]): TrendRange | null {
  const values = curves.flatMap(({ trend }) => trend.values);
  return rangeOfTrend({ steps: [], values, cut: "" });
}

/** Draws the ticks, then the curves. */
export function paintLossCurve(
  context: CanvasRenderingContext2D,
  steps: readonly number[],
  curves: readonly PlottedLoss[],
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  context.strokeStyle = color("border-strong");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(SIDE, height - 0.5);
  context.lineTo(width - SIDE, height - 0.5);
  let before = Number.NEGATIVE_INFINITY;
  steps.forEach((_, at) => {
    const x = Math.round(axisX(at, steps.length, width)) + 0.5;
    if (x - before >= MIN_TICK_DISTANCE) {
      context.moveTo(x, height - TICKS);
      context.lineTo(x, height);
      before = x;
    }
  });
  context.stroke();

  const range = jointRange(curves);
  if (range === null || steps.length < 2) {
    return;
  }
  const bottom = height - TICKS - 2;
  context.save();
  context.beginPath();
  context.rect(0, 0, width, height);
  context.clip();
  context.lineWidth = 1.4;
  context.lineJoin = "round";
  for (const { trend, dashed } of curves) {
    context.strokeStyle = color(dashed ? "muted" : "accent");
    context.setLineDash(dashed ? [3, 3] : []);
    context.beginPath();
    let drawing = false;
    trend.values.forEach((value, at) => {
      const finite = value !== null && Number.isFinite(value);
      if (finite) {
        const place = placeOfStep(steps, trend.steps[at] ?? 0);
        const x = axisX(place, steps.length, width);
        const y = bottom - placeInRange(range, value) * (bottom - ABOVE);
        if (drawing) {
          context.lineTo(x, y);
        } else {
          context.moveTo(x, y);
          context.lineTo(x + 0.01, y);
        }
      }
      drawing = finite;
    });
    context.stroke();
  }
  context.restore();
}
