/** Histograms of several steps, and the bins that they have in common. */

import { formatValue } from "./format";
import { roundTicks } from "./round_ticks";

/** Histograms of T steps in ascending order. */
export interface HistogramSeries {
  readonly steps: Float64Array;
  /** Bins of each step. */
  readonly bins: number;
  /** `[T, bins]` */
  readonly counts: Float64Array;
  /** `[T, bins + 1]`, each step's own; see `alignHistograms`. */
  readonly edges: Float64Array;
}

/** Histograms of several steps in the same bins. */
export interface BinnedHistograms {
  readonly bins: number;
  /** `[T, bins]`: how many of a step's values each bin holds. */
  readonly counts: Float64Array;
  /** `[T]`: how many lie below and above all bins. */
  readonly below: Float64Array;
  readonly above: Float64Array;
}

/** Histograms in bins of one width. */
export interface AlignedHistograms extends BinnedHistograms {
  /** Lower edge of the first bin, and the width of each. */
  readonly low: number;
  readonly width: number;
}

/** What the bins stand for; places are from 0, at the lowest bin, to 1. */
export interface HistogramAxis {
  readonly ticks: readonly { readonly place: number; readonly text: string }[];
  /** Where lines are drawn across, such as at zero. */
  readonly lines: readonly number[];
  /** The values that a bin holds, as a phrase. */
  describe(bin: number): string;
}

/** Most numbers beside an axis. */
const MOST_TICKS = 6;

/** The axis of bins of one width, with a line at zero. */
export function linearAxis({ low, width, bins }: AlignedHistograms): HistogramAxis {
  const high = low + bins * width;
  const placeOf = (value: number) => (value - low) / (high - low);
  const zero = placeOf(0);
  return {
    ticks: roundTicks(low, high, MOST_TICKS).map((value) => ({
      place: placeOf(value),
      text: formatValue(value),
    })),
    lines: zero > 0 && zero < 1 ? [zero] : [],
    describe: (bin) =>
      `from ${formatValue(low + bin * width)} to ${formatValue(low + (bin + 1) * width)}`,
  };
}

/**
 * Brings the histograms of all steps into the same bins.
 *
 * A step's edges are multiples of a power of two, so that adding up its bins is
 * exact. A step whose own bins are wider than the ones asked for is spread
 * evenly over those that it covers, so that one step with an outlier does not
 * coarsen all others.
 *
 * @param low What to show from.
 * @param high The largest value to show; above `low`.
 * @param most Bins to have at most; two at least, for both sides of zero.
 */
export function alignHistograms(
  series: HistogramSeries,
  low: number,
  high: number,
  most: number,
): AlignedHistograms {
  let width = 2 ** Math.ceil(Math.log2((high - low) / most));
  // Bins are half open: one that begins with the largest value holds it.
  while (Math.floor(high / width) + 1 - Math.floor(low / width) > most) {
    width *= 2;
  }
  const first = Math.floor(low / width);
  const bins = Math.floor(high / width) + 1 - first;
  const total = series.steps.length;
  const counts = new Float64Array(total * bins);
  const below = new Float64Array(total);
  const above = new Float64Array(total);
  for (let t = 0; t < total; t += 1) {
    for (let bin = 0; bin < series.bins; bin += 1) {
      const count = series.counts[t * series.bins + bin] ?? 0;
      if (count > 0) {
        const at = t * (series.bins + 1) + bin;
        const from = (series.edges[at] ?? 0) / width - first;
        const to = (series.edges[at + 1] ?? 0) / width - first;
        add(t, count, from, to);
      }
    }
  }
  return { low: first * width, width, bins, counts, below, above };

  /** Adds a count that lies from one place to another, in bins. */
  function add(t: number, count: number, from: number, to: number): void {
    const begin = Math.floor(from);
    const end = Math.ceil(to);
    if (end - begin <= 1) {
      put(t, begin, count);
      return;
    }
    const density = count / (to - from);
    below[t] = (below[t] ?? 0) + density * Math.max(0, Math.min(to, 0) - from);
    above[t] = (above[t] ?? 0) + density * Math.max(0, to - Math.max(from, bins));
    for (let bin = Math.max(0, begin); bin < Math.min(bins, end); bin += 1) {
      put(t, bin, density * (Math.min(to, bin + 1) - Math.max(from, bin)));
    }
  }

  function put(t: number, bin: number, count: number): void {
    if (bin < 0) {
      below[t] = (below[t] ?? 0) + count;
    } else if (bin >= bins) {
      above[t] = (above[t] ?? 0) + count;
    } else {
      counts[t * bins + bin] = (counts[t * bins + bin] ?? 0) + count;
    }
  }
}
