/** One variable over all captures: histograms, statistics, changes. */

import { WireError } from "../../wire/decode";
import { WEIGHT_STATS } from "../../wire/generated";
import type { Tensors } from "../../wire/safetensors";

/** What the captures say of a variable, T steps in ascending order. */
export interface WeightTrend {
  readonly steps: Float64Array;
  /** Bins of each step. */
  readonly bins: number;
  /** `[T, bins]` */
  readonly counts: Float64Array;
  /** `[T, bins + 1]`, each step's own; see `alignHistograms`. */
  readonly edges: Float64Array;
  /** `[T, WEIGHT_STATS.length]` */
  readonly stats: Float32Array;
  /** `[T, 2]`: since the capture before, and since the first; NaN = not known. */
  readonly changes: Float64Array;
  /** Captures of weights that the run has; some may lack the variable. */
  readonly captures: number;
}

/** Reads the answer of the route `/weights/trend`. */
export function readWeightTrend(tensors: Tensors): WeightTrend {
  const take = (name: string): Float64Array => {
    const values = tensors.get(name)?.values;
    if (!(values instanceof Float64Array)) {
      throw new WireError(`The weights' trend lacks the array "${name}".`);
    }
    return values;
  };
  const steps = take("steps");
  const counts = take("counts");
  const edges = take("edges");
  const changes = take("changes");
  const stats = tensors.get("stats")?.values;
  const bins = counts.length / steps.length;
  if (
    !(stats instanceof Float32Array) ||
    !(bins >= 1 && Number.isInteger(bins)) ||
    edges.length !== steps.length * (bins + 1) ||
    stats.length !== steps.length * WEIGHT_STATS.length ||
    changes.length !== steps.length * 2
  ) {
    throw new WireError("The arrays of the weights' trend do not fit each other.");
  }
  const captures = take("captures")[0] ?? steps.length;
  return { steps, bins, counts, edges, stats, changes, captures };
}

/** Histograms of several steps in the same bins. */
export interface AlignedHistograms {
  /** Lower edge of the first bin, and the width of each. */
  readonly low: number;
  readonly width: number;
  readonly bins: number;
  /** `[T, bins]`: how many of a step's values each bin holds. */
  readonly counts: Float64Array;
  /** `[T]`: how many lie below and above all bins. */
  readonly below: Float64Array;
  readonly above: Float64Array;
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
 * @param high What to show up to; above `low`.
 * @param most Bins to have at most.
 */
export function alignHistograms(
  trend: WeightTrend,
  low: number,
  high: number,
  most: number,
): AlignedHistograms {
  let width = 2 ** Math.ceil(Math.log2((high - low) / most));
  while (Math.ceil(high / width) - Math.floor(low / width) > most) {
    width *= 2;
  }
  const first = Math.floor(low / width);
  const bins = Math.max(1, Math.ceil(high / width) - first);
  const total = trend.steps.length;
  const counts = new Float64Array(total * bins);
  const below = new Float64Array(total);
  const above = new Float64Array(total);
  for (let t = 0; t < total; t += 1) {
    for (let bin = 0; bin < trend.bins; bin += 1) {
      const count = trend.counts[t * trend.bins + bin] ?? 0;
      if (count > 0) {
        const at = t * (trend.bins + 1) + bin;
        const from = (trend.edges[at] ?? 0) / width - first;
        const to = (trend.edges[at + 1] ?? 0) / width - first;
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
