import { describe, expect, it } from "vitest";
import type { Tensor } from "../../wire/safetensors";
import { normLine, readWeightNorms } from "./weight_norms";

const PATHS = new TextEncoder().encode('["a/kernel","b/é"]');

function answer(change: Record<string, Tensor["values"]> = {}) {
  const arrays = {
    steps: Float64Array.of(0, 5, 9),
    norm: Float32Array.of(1, 2, 3, Number.NaN, 5, 6),
    nonfinite: Float32Array.of(0, 0, 0, Number.NaN, 2, 0),
    paths: PATHS,
    ...change,
  };
  return new Map(
    Object.entries(arrays).map(([name, values]): [string, Tensor] => [
      name,
      { dtype: "", shape: [values.length], values },
    ]),
  );
}

describe("readWeightNorms", () => {
  it("finds the line of a variable", () => {
    const norms = readWeightNorms(answer());
    expect(normLine(norms, "a/kernel")).toEqual({ norms: [1, 2, 3], isBroken: false });
    expect(normLine(norms, "b/é")).toEqual({
      norms: [Number.NaN, 5, 6],
      isBroken: true,
    });
    expect(normLine(norms, "c")).toBeNull();
  });

  it.each([
    { norm: Float32Array.of(1) },
    { nonfinite: new Float32Array(0) },
    { steps: new Float32Array(3) },
    { paths: new TextEncoder().encode("{") },
    { paths: new TextEncoder().encode("[1, 2]") },
    { paths: new TextEncoder().encode('["a"]') },
  ])("refuses arrays that do not fit: %o", (change) => {
    expect(() => readWeightNorms(answer(change))).toThrow("norms of the weights");
  });
});
