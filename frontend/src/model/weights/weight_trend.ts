/** One variable over all captures: histograms, statistics, changes. */

import { WireError } from "../../wire/decode";
import { WEIGHT_STATS } from "../../wire/generated";
import type { Tensors } from "../../wire/safetensors";
import type { HistogramSeries } from "../histogram_series";

/** What the captures say of a variable, T steps in ascending order. */
export interface WeightTrend extends HistogramSeries {
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
