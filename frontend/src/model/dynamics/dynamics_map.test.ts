import { describe, expect, it } from "vitest";
import type { Tensor } from "../../wire/safetensors";
import { cellOfStep, readDynamicsMap, readStepColumns } from "./dynamics_map";
import { createDynamicsScale, formatQuantity } from "./quantities";

function tensor(values: Float32Array | Float64Array): Tensor {
  const dtype = values instanceof Float64Array ? "F64" : "F32";
  return { dtype, shape: [values.length], values };
}

const NAN = Number.NaN;
const ANSWER = new Map([
  ["first_steps", tensor(Float64Array.of(1, 11))],
  ["steps", tensor(Float64Array.of(10, 20))],
  ["mean", tensor(Float32Array.of(1, NAN, 3, 2))],
  ["smallest", tensor(Float32Array.of(0.5, NAN, 2, 1))],
  ["largest", tensor(Float32Array.of(8, NAN, 4, 0))],
  ["nonfinite", tensor(Float32Array.of(0, 3, 1, 0))],
]);
const MAP = readDynamicsMap(ANSWER, "grad_norm", ["a", "b"]);

describe("the map", () => {
  it("refuses arrays that do not fit", () => {
    expect(() => readDynamicsMap(ANSWER, "grad_norm", ["a"])).toThrow("do not fit");
    const lacking = new Map([...ANSWER].filter(([name]) => name !== "steps"));
    expect(() => readDynamicsMap(lacking, "grad_norm", ["a", "b"])).toThrow("steps");
  });

  it("finds the cell of a step", () => {
    expect([1, 10, 11, 20, 99].map((step) => cellOfStep(MAP, step))).toEqual([
      0, 0, 1, 1, 1,
    ]);
  });

  it("has a place for every value but zero", () => {
    const scale = createDynamicsScale("grad_norm", [MAP], false);
    expect(scale.ends).toEqual(["1", "8"]);
    expect(scale.place(10)).toBe(1);
    expect(scale.place(0)).toBeNaN();
    const ratio = createDynamicsScale("update_ratio", [MAP], false);
    expect(ratio.place(1e-3)).toBeCloseTo(0);
    expect(ratio.place(1e-2)).toBeCloseTo(1);
    expect(createDynamicsScale("grad_zero_fraction", [MAP], true).place(0)).toBe(0);
    expect(formatQuantity("grad_zero_fraction", 0.25)).toBe("25%");
  });

  it("has colours for most values, and for every spike", () => {
    const values = Float32Array.from({ length: 100 }, (_, at) =>
      at < 5 ? 1e-10 : at === 50 ? 1e6 : 1 + at / 100,
    );
    const steps = Float64Array.from({ length: 100 }, (_, at) => at);
    const row = { mean: values, smallest: values, largest: values, nonfinite: values };
    const map = { ...MAP, ...row, variables: ["a"], firstSteps: steps, steps };
    const scale = createDynamicsScale("grad_norm", [map], false);
    expect(scale.ends).toEqual(["0.125", "1.00e6"]);
    expect(scale.below).toBe(true);
  });

  it("reads the columns of all variables together", () => {
    const found = readStepColumns(
      new Map([...ANSWER, ["loss_mean", tensor(Float32Array.of(2, 1))]]),
    );
    expect([...(found.columns.get("loss_mean") ?? [])]).toEqual([2, 1]);
    expect(found.columns.has("mean")).toBe(false);
  });
});
