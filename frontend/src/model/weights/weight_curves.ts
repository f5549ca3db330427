/** What is drawn of a variable over all captures. */

import { WEIGHT_STATS } from "../../wire/generated";
import type { Trend } from "../overlay/trend";
import type { WeightTrend } from "./weight_trend";

/** One plot. */
export interface WeightCurve {
  readonly id: string;
  readonly title: string;
  readonly definition: string;
  readonly trend: Trend;
  /** Half the width of the band around it; null = no band. */
  readonly spread: readonly number[] | null;
}

/** Column of a statistic of the trend, a number for each step. */
export function statOf(
  trend: WeightTrend,
  name: (typeof WEIGHT_STATS)[number],
): number[] {
  const at = WEIGHT_STATS.indexOf(name);
  return Array.from(
    trend.steps,
    (_, t) => trend.stats[t * WEIGHT_STATS.length + at] ?? Number.NaN,
  );
}

/** The plots, in the order in which they are shown. */
export function weightCurves(trend: WeightTrend): WeightCurve[] {
  const steps = Array.from(trend.steps);
  const norms = statOf(trend, "norm");
  const changes = (column: 0 | 1) =>
    norms.map((norm, t) => {
      const change = trend.changes[t * 2 + column] ?? Number.NaN;
      return Number.isNaN(change) || norm === 0 ? null : change / norm;
    });
  const curve = (
    id: string,
    title: string,
    definition: string,
    values: readonly (number | null)[],
    spread: readonly number[] | null = null,
  ): WeightCurve => ({
    id,
    title,
    definition,
    trend: { steps, values, cut: "" },
    spread,
  });
  return [
    curve("norm", "norm", "Euclidean norm of the finite values", norms),
    curve(
      "mean",
      "mean ± std",
      "Mean of the finite values, with one standard deviation on both sides",
      statOf(trend, "mean"),
      statOf(trend, "std"),
    ),
    curve("max", "max", "Largest finite value", statOf(trend, "max")),
    curve("min", "min", "Smallest finite value", statOf(trend, "min")),
    curve(
      "change",
      "change since previous",
      "Euclidean norm of the change since the capture before, divided by the norm",
      changes(0),
    ),
    curve(
      "change_from_start",
      "change since start",
      "Euclidean norm of the change since the first capture of this fit, divided by " +
        "the norm",
      changes(1),
    ),
    curve(
      "zero_fraction",
      "zero fraction",
      "Share of the values that are exactly zero",
      statOf(trend, "zero_fraction"),
    ),
    curve(
      "nonfinite",
      "non-finite",
      "How many values are NaN or infinite",
      statOf(trend, "nonfinite"),
    ),
  ].filter(({ trend: { values } }) => values.some((value) => value !== null));
}

/** Captures are drawn within this many times the usual range, and no further. */
const FAR = 8;

/**
 * The range of values that histograms are drawn over.
 *
 * One capture with an outlier does not squeeze all others: what lies far beyond the
 * median range is counted apart. null where no value is finite.
 */
export function histogramRange(
  trend: WeightTrend,
): { low: number; high: number } | null {
  const lows = statOf(trend, "min").filter(Number.isFinite);
  const highs = statOf(trend, "max").filter(Number.isFinite);
  if (lows.length === 0 || highs.length === 0) {
    return null;
  }
  const sizes = lows.map((low, t) => Math.max(Math.abs(low), Math.abs(highs[t] ?? 0)));
  const usual = [...sizes].sort((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;
  const most = usual > 0 ? FAR * usual : Number.POSITIVE_INFINITY;
  const low = Math.max(Math.min(...lows), -most);
  const high = Math.min(Math.max(...highs), most);
  if (low < high) {
    return { low, high };
  }
  const room = Math.max(Math.abs(low) * 0.1, 1e-6);
  return { low: low - room, high: low + room };
}
