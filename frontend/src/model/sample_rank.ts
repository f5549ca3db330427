/** Which samples of the probe excite a channel most. */

import type { ActivationData, StatName } from "./tensor_view";

/** A sample and what it is ranked by. */
export interface RankedSample {
  readonly sample: number;
  readonly value: number;
  readonly data: ActivationData;
}

/** Samples with the highest statistic first; what is no number comes last. */
export function rankSamples(
  found: Iterable<readonly [number, ActivationData]>,
  channel: number,
  by: StatName,
): RankedSample[] {
  const ranked = Array.from(found, ([sample, data]) => ({
    sample,
    data,
    value: data.stat(channel, by),
  }));
  const place = ({ value }: RankedSample) =>
    Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  return ranked.sort((a, b) => {
    const [left, right] = [place(a), place(b)];
    return left === right ? a.sample - b.sample : left > right ? -1 : 1;
  });
}

/** The range of a channel's maps over samples; null if nothing in them is finite. */
export function rangeOverSamples(
  ranked: readonly RankedSample[],
  channel: number,
): { readonly low: number; readonly high: number } | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { data } of ranked) {
    const position = data.positionOf(channel);
    const range = position === null ? null : data.rangeOf(position);
    if (range !== null) {
      low = Math.min(low, range.low);
      high = Math.max(high, range.high);
    }
  }
  return low <= high ? { low, high } : null;
}
