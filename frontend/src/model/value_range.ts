/** Ranges of values. */

/** Lowest and highest finite value. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** The range that holds all of the given ones; null if there is none. */
export function unionRange(ranges: Iterable<ValueRange | null>): ValueRange | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const range of ranges) {
    if (range !== null) {
      low = Math.min(low, range.low);
      high = Math.max(high, range.high);
    }
  }
  return low <= high ? { low, high } : null;
}
