import { describe, expect, it } from "vitest";
import { WEIGHT_STATS } from "../../wire/generated";
import type { Tensor, Tensors } from "../../wire/safetensors";
import { readWeightTrend } from "./weight_trend";

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
