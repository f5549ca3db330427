import { describe, expect, it } from "vitest";
import {
  WEIGHT_CAPTURE_DEFAULTS,
  WEIGHT_STATS,
  type WeightCapture,
} from "../../wire/generated";
import { CapturedVariable } from "../kernel/incoming_kernel";
import { variableFile, weightTrendCsv } from "./weight_files";

const values = Float32Array.of(1, Number.NaN, 3, 4);
const variable = new CapturedVariable(
  {
    ...WEIGHT_CAPTURE_DEFAULTS,
    path: "dense/kernel",
    shape: [4, 2],
    dtype: "float32",
    kept: [[0, 3], null],
    cut: "2x2 of 4x2",
  } as unknown as WeightCapture,
  new Map([["values", { dtype: "F32", shape: [2, 2], values }]]),
);

describe("the file of a variable", () => {
  it("has the kept values, which they are, and the histogram of all", () => {
    const file = variableFile({
      run: "a",
      step: 7,
      variable,
      values,
      stats: new Float32Array(WEIGHT_STATS.length),
      counts: BigInt64Array.of(3n, 4n),
      edges: Float64Array.of(0, 0.5, 1),
    });
    const arrays = new Map(file.arrays.map((array) => [array.name, array]));
    expect(arrays.get("values")).toMatchObject({ shape: [2, 2], values });
    expect([...(arrays.get("index_0")?.values ?? [])]).toEqual([0n, 3n]);
    expect([...(arrays.get("index_1")?.values ?? [])]).toEqual([0n, 1n]);
    expect([...(arrays.get("counts")?.values ?? [])]).toEqual([3n, 4n]);
    expect([...(arrays.get("edges")?.values ?? [])]).toEqual([0, 0.5, 1]);
    expect(file.metadata).toMatchObject({
      run: "a",
      step: "7",
      variable: "dense/kernel",
      shape: "[4,2]",
      cut: "2x2 of 4x2",
    });
  });
});

describe("the table of a variable", () => {
  it("has a line for each capture", () => {
    const size = WEIGHT_STATS.length;
    const lines = weightTrendCsv({
      steps: Float64Array.of(0, 10),
      bins: 1,
      counts: new Float64Array(2),
      edges: new Float64Array(4),
      stats: Float32Array.from({ length: 2 * size }, (_, at) => at),
      changes: Float64Array.of(Number.NaN, Number.NaN, 0.5, 0.25),
      captures: 2,
    });
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain("step,min,max");
    expect(lines[1]?.trim().split(",").slice(-3, -2)).toEqual([String(size - 1)]);
    expect(lines[2]?.trim()).toMatch(/^10,7,8.*,0\.5,0\.25$/);
  });
});
