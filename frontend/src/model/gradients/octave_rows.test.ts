import { describe, expect, it } from "vitest";
import { WEIGHT_STATS } from "../../wire/generated";
import type { Tensors } from "../../wire/safetensors";
import {
  type GradientTrend,
  nonfiniteCounts,
  readGradientTrend,
} from "./gradient_trend";
import { octaveRows } from "./octave_rows";

/** Octaves from 2**low on, `below` and `above` zero. */
function trendOf(
  low: number,
  below: number,
  above: number,
  counts: readonly (readonly number[])[],
): GradientTrend {
  const bins = below + 1 + above;
  return {
    steps: Float64Array.from(counts, (_, t) => t + 1),
    bins,
    counts: Float64Array.from(counts.flat()),
    edges: Float64Array.from([
      ...Array.from({ length: below + 1 }, (_, k) => -(2 ** (low + below - k))),
      ...Array.from({ length: above + 1 }, (_, k) => 2 ** (low + k)),
    ]),
    stats: new Float32Array(counts.length * WEIGHT_STATS.length),
    captures: counts.length,
  };
}

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe("octaveRows", () => {
  it("has a row for each octave and one for the zeros", () => {
    const { histograms, axis } = octaveRows(
      trendOf(-4, 2, 3, [
        [1, 2, 7, 3, 4, 5],
        [0, 0, 6, 0, 0, 0],
      ]),
    );
    expect(histograms.bins).toBe(6);
    expect([...histograms.counts]).toEqual([1, 2, 7, 3, 4, 5, 0, 0, 6, 0, 0, 0]);
    expect(axis.describe(2)).toBe("exactly zero");
    expect(axis.describe(0)).toBe("from -0.25 to -0.125");
    expect(axis.describe(1)).toBe("from -0.125 to -0.0625");
    expect(axis.describe(3)).toBe("from 0.0625 to 0.125");
    expect(axis.describe(5)).toBe("from 0.25 to 0.5");
    expect(axis.lines).toEqual([2 / 6, 3 / 6]);
  });

  it("writes powers of ten where they are, the zeros in the middle of their row", () => {
    const { histograms, axis } = octaveRows(
      trendOf(-10, 10, 10, [Array.from({ length: 21 }, () => 5)]),
    );
    expect(histograms.bins).toBe(21);
    const places = new Map(axis.ticks.map(({ place, text }) => [text, place]));
    expect(places.get("0")).toBe(10.5 / 21);
    const above = (value: number) => (11 + Math.log2(value) + 10) / 21;
    expect(places.get("1")).toBe(1);
    expect(places.get("1e-2")).toBeCloseTo(above(0.01), 10);
    expect(places.get("-1e-2")).toBeCloseTo(1 - above(0.01), 10);
  });

  it("makes one row of the few that are far smaller, and loses none", () => {
    const octaves = 100;
    const values: number[] = Array.from({ length: octaves }, (_, k) =>
      k < 90 ? 0 : 1000,
    );
    values[3] = 1;
    const row = [...[...values].reverse(), 9, ...values];
    const { histograms, axis } = octaveRows(trendOf(-110, octaves, octaves, [row]));
    expect(histograms.bins).toBe(2 * 11 + 1);
    expect(sum(histograms.counts)).toBe(sum(row));
    expect(histograms.counts[11]).toBe(9);
    expect(histograms.counts[12]).toBe(1);
    expect(axis.describe(12)).toBe("from 7.70e-34 to 9.54e-7");
    expect(axis.describe(13)).toBe("from 9.54e-7 to 1.91e-6");
    for (const { place, text } of axis.ticks) {
      expect(place, text).toBeGreaterThanOrEqual(0);
      expect(place, text).toBeLessThanOrEqual(1);
    }
  });

  it("lets many octaves share rows", () => {
    const row = Array.from({ length: 201 }, (_, k) => k % 7);
    const { histograms } = octaveRows(trendOf(-90, 100, 100, [row]));
    expect(histograms.bins).toBeLessThan(64);
    expect(sum(histograms.counts)).toBe(sum(row));
  });

  it("shows a gradient of one sign, and one of zeros alone", () => {
    const { histograms, axis } = octaveRows(trendOf(-3, 2, 0, [[4, 5, 6]]));
    expect([...histograms.counts]).toEqual([4, 5, 6]);
    expect(axis.describe(0)).toBe("from -0.5 to -0.25");
    const zeros = octaveRows(trendOf(-149, 0, 0, [[8], [9]]));
    expect([...zeros.histograms.counts]).toEqual([8, 9]);
    expect(zeros.axis.describe(0)).toBe("exactly zero");
    expect(zeros.axis.ticks).toEqual([{ place: 0.5, text: "0" }]);
  });
});

describe("readGradientTrend", () => {
  const tensors = (edges: number[], bins = 3): Tensors => {
    const stats = new Float32Array(WEIGHT_STATS.length);
    stats[WEIGHT_STATS.indexOf("nonfinite")] = 4;
    const named = (values: Float64Array | Float32Array) => ({
      dtype: values instanceof Float64Array ? ("F64" as const) : ("F32" as const),
      shape: [values.length],
      values,
    });
    return new Map([
      ["steps", named(Float64Array.of(7))],
      ["counts", named(new Float64Array(bins).fill(2))],
      ["edges", named(Float64Array.from(edges))],
      ["stats", named(stats)],
      ["captures", named(Float64Array.of(5))],
    ]) as Tensors;
  };

  it("reads what the plugin answers", () => {
    const trend = readGradientTrend(tensors([-2, -1, 1, 2]));
    expect([...trend.counts]).toEqual([2, 2, 2]);
    expect(trend.captures).toBe(5);
    expect(nonfiniteCounts(trend)).toEqual([4]);
  });

  it.each([
    [[-2, -1, 1], 3],
    [[1, 2, 4, 8], 3],
    [[], 0],
  ])("refuses arrays that do not fit: %j", (edges, bins) => {
    expect(() => readGradientTrend(tensors(edges, bins))).toThrow("do not fit");
  });
});
