import { describe, expect, it } from "vitest";
import { alignHistograms, type HistogramSeries } from "./histogram_series";

/** Histograms by the lower edge, the width and the counts of each step. */
function seriesOf(...rows: [number, number, number[]][]): HistogramSeries {
  const bins = Math.max(...rows.map(([, , counts]) => counts.length));
  return {
    steps: Float64Array.from(rows, (_, at) => at),
    bins,
    counts: Float64Array.from(
      rows.flatMap(([, , counts]) => {
        return Array.from({ length: bins }, (_, bin) => counts[bin] ?? 0);
      }),
    ),
    edges: Float64Array.from(
      rows.flatMap(([low, width]) => {
        return Array.from({ length: bins + 1 }, (_, bin) => low + width * bin);
      }),
    ),
  };
}

describe("alignHistograms", () => {
  it("adds up finer bins exactly", () => {
    const series = seriesOf([-1, 0.25, [1, 2, 3, 4, 5, 6, 7, 8]], [0, 0.5, [9, 10]]);
    const found = alignHistograms(series, -1, 0.9, 4);
    expect(found).toMatchObject({ low: -1, width: 0.5, bins: 4 });
    expect([...found.counts]).toEqual([3, 7, 11, 15, 0, 0, 9, 10]);
    expect([...found.below, ...found.above]).toEqual([0, 0, 0, 0]);
  });

  it("spreads a bin that is wider than those that are shown", () => {
    const series = seriesOf([0, 0.25, [1, 1, 1, 1]], [-4, 4, [10, 40]]);
    const found = alignHistograms(series, 0, 0.9, 4);
    expect([...found.counts]).toEqual([1, 1, 1, 1, 2.5, 2.5, 2.5, 2.5]);
    expect(found.below[1]).toBe(10);
    expect(found.above[1]).toBe(30);
  });

  it("counts what lies outside", () => {
    const series = seriesOf([-2, 1, [1, 2, 3, 4]]);
    const found = alignHistograms(series, -1, 0.9, 2);
    expect([...found.counts]).toEqual([2, 3]);
    expect([found.below[0], found.above[0]]).toEqual([1, 4]);
  });

  it("has a bin for the largest value, on whose edge it may begin", () => {
    const series = seriesOf([0, 1, [1, 0, 0, 2]]);
    const found = alignHistograms(series, 0, 3, 4);
    expect(found.above[0]).toBe(0);
    expect([...found.counts].filter((count) => count > 0)).toEqual([1, 2]);
  });

  it.each([
    [-0.3, 0.7, 10],
    [1e-7, 3e-7, 64],
    [-5, 1e6, 32],
  ])("has few enough bins that cover %f to %f", (low, high, most) => {
    const found = alignHistograms(seriesOf([0, 1, [1]]), low, high, most);
    expect(found.bins).toBeLessThanOrEqual(most);
    expect(found.low).toBeLessThanOrEqual(low);
    expect(found.low + found.bins * found.width).toBeGreaterThan(high);
    expect(Number.isInteger(Math.log2(found.width))).toBe(true);
  });
});
