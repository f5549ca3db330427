import { describe, expect, it } from "vitest";
import { WEIGHT_STATS } from "../../wire/generated";
import { histogramRange, weightCurves } from "./weight_curves";
import type { WeightTrend } from "./weight_trend";

function trendOf(
  rows: Partial<Record<(typeof WEIGHT_STATS)[number], number>>[],
  changes: number[] = rows.flatMap(() => [Number.NaN, Number.NaN]),
): WeightTrend {
  return {
    steps: Float64Array.from(rows, (_, at) => at * 10),
    bins: 1,
    counts: new Float64Array(rows.length),
    edges: new Float64Array(2 * rows.length),
    stats: Float32Array.from(
      rows.flatMap((row) => WEIGHT_STATS.map((it) => row[it] ?? 0)),
    ),
    changes: Float64Array.from(changes),
    captures: rows.length,
  };
}

describe("weightCurves", () => {
  it("divides changes by the norm and leaves out what is not known", () => {
    const curves = weightCurves(
      trendOf(
        [{ norm: 2 }, { norm: 4 }, { norm: 0 }],
        [Number.NaN, Number.NaN, 1, Number.NaN, 1, Number.NaN],
      ),
    );
    const byId = new Map(curves.map((curve) => [curve.id, curve.trend.values]));
    expect(byId.get("norm")).toEqual([2, 4, 0]);
    expect(byId.get("change")).toEqual([null, 0.25, null]);
    expect(byId.has("change_from_start")).toBe(false);
  });
});

describe("histogramRange", () => {
  it("holds all captures, unless one is far beyond the others", () => {
    const usual = { min: -1, max: 2 };
    expect(histogramRange(trendOf([usual, { min: -3, max: 1 }]))).toEqual({
      low: -3,
      high: 2,
    });
    expect(histogramRange(trendOf([usual, usual, { min: -1e6, max: 1e6 }]))).toEqual({
      low: -16,
      high: 16,
    });
  });

  it("has room around a single value, and none where nothing is finite", () => {
    const range = histogramRange(trendOf([{ min: 0, max: 0 }]));
    expect(range?.low).toBeLessThan(0);
    expect(range?.high).toBeGreaterThan(0);
    expect(histogramRange(trendOf([{ min: Number.NaN, max: Number.NaN }]))).toBeNull();
  });
});
