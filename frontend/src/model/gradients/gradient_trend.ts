/** The gradient of one variable over the steps that were counted. */

import { WireError } from "../../wire/decode";
import { WEIGHT_STATS } from "../../wire/generated";
import type { Tensors } from "../../wire/safetensors";

/** Histograms and statistics of T steps in ascending order. */
export interface GradientTrend {
  readonly steps: Float64Array;
  readonly bins: number;
  /** `[T, bins]` */
  readonly counts: Float64Array;
  /**
   * `[bins + 1]`, of all steps: powers of two, mirrored around the bin of the
   * zeros, which holds nothing else.
   */
  readonly edges: Float64Array;
  /** `[T, WEIGHT_STATS.length]` */
  readonly stats: Float32Array;
  /** Steps that the run has histograms of; some may lack the variable. */
  readonly captures: number;
}

/** Reads the answer of the route `/gradients/trend`. */
export function readGradientTrend(tensors: Tensors): GradientTrend {
  const take = (name: string): Float64Array => {
    const values = tensors.get(name)?.values;
    if (!(values instanceof Float64Array)) {
      throw new WireError(`The gradients' trend lacks the array "${name}".`);
    }
    return values;
  };
  const steps = take("steps");
  const counts = take("counts");
  const edges = take("edges");
  const stats = tensors.get("stats")?.values;
  const bins = counts.length / steps.length;
  if (
    !(stats instanceof Float32Array) ||
    !(bins >= 1 && Number.isInteger(bins)) ||
    edges.length !== bins + 1 ||
    !edges.some((edge, at) => edge < 0 && (edges[at + 1] ?? 0) > 0) ||
    stats.length !== steps.length * WEIGHT_STATS.length
  ) {
    throw new WireError("The arrays of the gradients' trend do not fit each other.");
  }
  const captures = take("captures")[0] ?? steps.length;
  return { steps, bins, counts, edges, stats, captures };
}

/** Of each step how many elements are NaN or infinite. */
export function nonfiniteCounts({ steps, stats }: GradientTrend): number[] {
  const at = WEIGHT_STATS.indexOf("nonfinite");
  return Array.from(steps, (_, t) => stats[t * WEIGHT_STATS.length + at] ?? 0);
}
