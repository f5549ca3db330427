/** How a statistic of a layer went, step by step. */

import type { TrendColumn } from "../../wire/generated";
import { readLogged } from "./overlay";

/** One statistic over steps; `values` has NaN and infinities, null = nothing. */
export interface Trend {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
  /** How several steps became one point; empty if none did. */
  readonly cut: string;
}

/** The range of a trend's finite values; null if it has none. */
export interface TrendRange {
  readonly low: number;
  readonly high: number;
  /** Whether places are by the logarithm: all above zero, over two decades. */
  readonly log: boolean;
}

const LOG_FACTOR = 100;

/** Reads a column; null if nothing of it was ever logged. */
export function readTrend(column: TrendColumn): Trend | null {
  const values = column.values.map((value) => readLogged(value));
  return values.every((value) => value === null)
    ? null
    : { steps: column.steps, values, cut: column.cut };
}

/** The range of what can be drawn. */
export function rangeOfTrend({ values }: Trend): TrendRange | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value !== null && Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return high < low ? null : { low, high, log: low > 0 && high > LOG_FACTOR * low };
}

/** Where a value is in its range, from 0 to 1; in the middle where all are the same. */
export function placeInRange({ low, high, log }: TrendRange, value: number): number {
  if (high === low) {
    return 0.5;
  }
  return log
    ? Math.log(value / low) / Math.log(high / low)
    : (value - low) / (high - low);
}

/** Index of the last point with a value, up to a step; null if there is none. */
export function pointAtStep(trend: Trend, step: number): number | null {
  for (let i = trend.steps.length - 1; i >= 0; i -= 1) {
    if ((trend.steps[i] as number) <= step && trend.values[i] != null) {
      return i;
    }
  }
  return null;
}

/** Index of the point that is nearest to a step. */
export function pointNearStep({ steps }: Trend, step: number): number {
  let nearest = 0;
  steps.forEach((one, i) => {
    if (Math.abs(one - step) < Math.abs((steps[nearest] as number) - step)) {
      nearest = i;
    }
  });
  return nearest;
}
