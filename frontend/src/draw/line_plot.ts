/** Draws the values of one unit over time. */

import { NONFINITE_COLORS, NONFINITE_SIGNS } from "../model/color_scale";
import { formatValue } from "../model/format";
import type { ValueRange } from "../model/value_range";
import type { ThemeColor } from "../theme/theme";

/** Numbers closer than this would lie over each other. */
const NUMBER_HEIGHT = 12;

/** Places of a plot's values. */
export interface LineScale {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly low: number;
  readonly high: number;
  x(index: number): number;
  y(value: number): number;
  /** Index of the value that is nearest to a place; null if there is none. */
  indexAt(x: number): number | null;
}

/** Range that holds all finite values and zero. */
export function rangeWithZero(values: Iterable<number>): {
  low: number;
  high: number;
} {
  let low = 0;
  let high = 0;
  for (const value of values) {
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { low, high };
}

/**
 * Fits values into a rectangle, with room for the axes' numbers.
 *
 * @param range What the axis reaches over; without it, the values and zero.
 */
export function lineScale(
  values: readonly number[],
  width: number,
  height: number,
  range: ValueRange = rangeWithZero(values),
): LineScale {
  const left = 62;
  const top = 14;
  const right = Math.max(left + 1, width - 16);
  const bottom = Math.max(top + 1, height - 38);
  const { low } = range;
  const high = range.high > low ? range.high : low + 1;
  const last = Math.max(1, values.length - 1);
  return {
    left,
    top,
    right,
    bottom,
    low,
    high,
    x: (index) => left + ((right - left) * index) / last,
    y: (value) => bottom - ((bottom - top) * (value - low)) / (high - low),
    indexAt: (x) => {
      const index = Math.round(((x - left) / (right - left)) * last);
      return index < 0 || index >= values.length ? null : index;
    },
  };
}

/** Draws the curve; values that are not finite leave a gap with a mark. */
export function paintLine(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  scale: LineScale,
  color: (name: ThemeColor) => string,
  title: string,
): void {
  const { left, right, bottom, low, high } = scale;
  context.font = "11px system-ui, sans-serif";
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of new Set([low, 0, high])) {
    context.strokeStyle = color(value === 0 ? "border-strong" : "border");
    context.beginPath();
    context.moveTo(left, scale.y(value));
    context.lineTo(right, scale.y(value));
    context.stroke();
    const end = value === low || value === high;
    const close = [low, high].some(
      (one) => Math.abs(scale.y(one) - scale.y(value)) < NUMBER_HEIGHT,
    );
    if (end || !close) {
      context.fillStyle = color("muted");
      context.fillText(formatValue(value), left - 6, scale.y(value));
    }
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const last = values.length - 1;
  for (const index of new Set([0, Math.round(last / 2), last])) {
    context.fillText(String(index), scale.x(index), bottom + 6);
  }
  context.fillText(title, (left + right) / 2, bottom + 21);

  paintCurve(context, values, scale, color("accent"), []);
}

/**
 * Draws the values alone, into what `paintLine` drew.
 *
 * @param dash Lengths of the lines and gaps; none for a whole line.
 */
export function paintCurve(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  scale: LineScale,
  style: string,
  dash: number[],
): void {
  context.strokeStyle = style;
  context.lineWidth = 1.6;
  context.setLineDash(dash);
  context.beginPath();
  let drawing = false;
  values.forEach((value, index) => {
    if (Number.isFinite(value)) {
      if (drawing) {
        context.lineTo(scale.x(index), scale.y(value));
      } else {
        context.moveTo(scale.x(index), scale.y(value));
      }
    }
    drawing = Number.isFinite(value);
  });
  context.stroke();
  context.setLineDash([]);
  context.textAlign = "center";
  context.textBaseline = "top";
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) {
      const mark = Number.isNaN(value) ? 1 : value > 0 ? 2 : 3;
      context.fillStyle = NONFINITE_COLORS[mark];
      context.fillText(NONFINITE_SIGNS[mark], scale.x(index), scale.top - 12);
    }
  });
}
