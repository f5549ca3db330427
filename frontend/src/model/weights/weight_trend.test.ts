import { describe, expect, it } from "vitest";
import { WEIGHT_STATS } from "../../wire/generated";
import type { Tensor, Tensors } from "../../wire/safetensors";
import { alignHistograms, readWeightTrend, type WeightTrend } from "./weight_trend";

function tensor(values: Float64Array | Float32Array): Tensor {
  const dtype = values instanceof Float64Array ? "F64" : "F32";
  return { dtype, shape: [values.length], values };
}

function answer(changes: Record<string, Float64Array | Float32Array> = {}): Tensors {
  const arrays = {
    steps: Float64Array.of(0, 10),
    counts: Float64Array.of(3, 1, 4, 0),
    edges: Float64Array.of(-0.5, 0, 0.5, 0, 1, 2),
    stats: new Float32Array(2 * WEIGHT_STATS.length),
    changes: Float64Array.of(Number.NaN, Number.NaN, 0.5, 0.5),
    captures: Float64Array.of(3),
    ...changes,
  };
  return new Map(Object.entries(arrays).map(([name, it]) => [name, tensor(it)]));
}

/** A trend with these histograms: lower edge, width and counts of each step. */
function trendOf(...rows: [number, number, number[]][]): WeightTrend {
  const bins = Math.max(...rows.map(([, , counts]) => counts.length));
  return readWeightTrend(
    answer({
      steps: Float64Array.from(rows, (_, at) => at),
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
      stats: new Float32Array(rows.length * WEIGHT_STATS.length),
      changes: new Float64Array(rows.length * 2),
    }),
  );
}

describe("readWeightTrend", () => {
  it("reads what the route answers", () => {
    const trend = readWeightTrend(answer());
    expect(trend.bins).toBe(2);
    expect([...trend.steps]).toEqual([0, 10]);
    expect(trend.captures).toBe(3);
  });

  it.each([
    { counts: Float64Array.of(1, 2, 3) },
    { edges: Float64Array.of(1, 2) },
    { stats: new Float32Array(3) },
    { changes: new Float32Array(4) },
    { steps: new Float64Array(0) },
  ])("refuses arrays that do not fit: %o", (changes) => {
    expect(() => readWeightTrend(answer(changes))).toThrow("weights' trend");
  });
});

describe("alignHistograms", () => {
  it("adds up finer bins exactly", () => {
    const trend = trendOf([-1, 0.25, [1, 2, 3, 4, 5, 6, 7, 8]], [0, 0.5, [9, 10]]);
    const found = alignHistograms(trend, -1, 1, 4);
    expect(found).toMatchObject({ low: -1, width: 0.5, bins: 4 });
    expect([...found.counts]).toEqual([3, 7, 11, 15, 0, 0, 9, 10]);
    expect([...found.below, ...found.above]).toEqual([0, 0, 0, 0]);
  });

  it("spreads a bin that is wider than those that are shown", () => {
    const trend = trendOf([0, 0.25, [1, 1, 1, 1]], [-4, 4, [10, 40]]);
    const found = alignHistograms(trend, 0, 1, 4);
    expect([...found.counts]).toEqual([1, 1, 1, 1, 2.5, 2.5, 2.5, 2.5]);
    expect(found.below[1]).toBe(10);
    expect(found.above[1]).toBe(30);
  });

  it("counts what lies outside", () => {
    const trend = trendOf([-2, 1, [1, 2, 3, 4]]);
    const found = alignHistograms(trend, -1, 1, 2);
    expect([...found.counts]).toEqual([2, 3]);
    expect([found.below[0], found.above[0]]).toEqual([1, 4]);
  });

  it.each([
    [-0.3, 0.7, 10],
    [1e-7, 3e-7, 64],
    [-5, 1e6, 32],
  ])("has few enough bins that cover %f to %f", (low, high, most) => {
    const found = alignHistograms(trendOf([0, 1, [1]]), low, high, most);
    expect(found.bins).toBeLessThanOrEqual(most);
    expect(found.low).toBeLessThanOrEqual(low);
    expect(found.low + found.bins * found.width).toBeGreaterThanOrEqual(high);
    expect(Number.isInteger(Math.log2(found.width))).toBe(true);
  });
});
