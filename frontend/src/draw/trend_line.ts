/** Draws a small curve of one statistic over steps. */

import { NONFINITE_COLORS, NONFINITE_SIGNS } from "../model/color_scale";
import {
  placeInRange,
  rangeOfTrend,
  type Trend,
  type TrendRange,
} from "../model/overlay/trend";
import type { ThemeColor } from "../theme/theme";

/** Places of a curve's points. */
export interface TrendScale {
  x(step: number): number;
  /** The step at a place. */
  stepAt(x: number): number;
  y(value: number): number;
}

const SIDE = 4;
/** Room above for the signs of what is no number. */
const ABOVE = 9;
const BELOW = 4;

/**
 * Fits a trend into a rectangle; steps are to scale.
 *
 * @param range What has to fit besides, such as a band around it.
 */
export function trendScale(
  trend: Trend,
  width: number,
  height: number,
  range: TrendRange | null = rangeOfTrend(trend),
): TrendScale {
  const first = trend.steps[0] ?? 0;
  const last = trend.steps.at(-1) ?? first;
  const span = Math.max(1, last - first);
  const room = Math.max(1, width - 2 * SIDE);
  // A single step is in the middle, not at the beginning of nothing.
  const start = last === first ? width / 2 : SIDE;
  return {
    x: (step) => start + ((step - first) / span) * room,
    stepAt: (x) => first + ((x - SIDE) / room) * span,
    y: (value) => {
      const place = range === null ? 0.5 : placeInRange(range, value);
      return height - BELOW - place * (height - ABOVE - BELOW);
    },
  };
}

/** Draws the curve; gaps where nothing is logged, signs for what is no number. */
export function paintTrend(
  context: CanvasRenderingContext2D,
  trend: Trend,
  scale: TrendScale,
  marks: { readonly shown: number | null; readonly hovered: number | null },
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const { steps, values } = trend;
  const { shown, hovered } = marks;
  for (const [at, name] of [
    [shown, "border-strong"],
    [hovered, "muted"],
  ] as const) {
    if (at !== null) {
      const x = scale.x(steps[at] as number);
      context.strokeStyle = color(name);
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, height);
      context.stroke();
    }
  }
  context.strokeStyle = color("accent");
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  let drawing = false;
  values.forEach((value, i) => {
    const finite = value !== null && Number.isFinite(value);
    if (finite) {
      const x = scale.x(steps[i] as number);
      if (drawing) {
        context.lineTo(x, scale.y(value));
      } else {
        context.moveTo(x, scale.y(value));
        // A point without neighbours would have no line at all.
        context.lineTo(x + 0.01, scale.y(value));
      }
    }
    drawing = finite;
  });
  context.lineCap = "round";
  context.stroke();
  for (const at of [shown, hovered]) {
    const value = at === null ? null : (values[at] ?? null);
    if (at !== null && value !== null && Number.isFinite(value)) {
      context.beginPath();
      context.arc(scale.x(steps[at] as number), scale.y(value), 3, 0, 2 * Math.PI);
      context.fillStyle = color("accent");
      context.fill();
    }
  }
  context.font = "9px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "top";
  values.forEach((value, i) => {
    if (value !== null && !Number.isFinite(value)) {
      const mark = Number.isNaN(value) ? 1 : value > 0 ? 2 : 3;
      context.fillStyle = NONFINITE_COLORS[mark];
      context.fillText(NONFINITE_SIGNS[mark], scale.x(steps[i] as number), 0);
    }
  });
}
