import { describe, expect, it } from "vitest";
import type { DynamicsMap, StepColumns } from "./dynamics_map";
import { judge } from "./verdict";

/** A map with a row of values for each variable, one step a cell. */
function mapOf(rows: Record<string, readonly number[]>, broken: number[] = []) {
  const variables = Object.keys(rows);
  const count = Object.values(rows)[0]?.length ?? 0;
  const values = Float32Array.from(Object.values(rows).flat());
  const nonfinite = new Float32Array(values.length);
  for (const at of broken) {
    nonfinite[at] = 2;
  }
  const steps = Float64Array.from({ length: count }, (_, at) => at + 1);
  const map: DynamicsMap = {
    quantity: "grad_norm",
    variables,
    firstSteps: steps,
    steps,
    mean: values,
    smallest: values,
    largest: values,
    nonfinite,
  };
  return map;
}

const FINE = { "a/kernel": [1, 1, 1, 1], "a/bias": [1, 1, 1, 1] };
const USUAL = { "a/kernel": [1e-3, 2e-3, 1e-3, 1e-3], "a/bias": [9, 9, 9, 9] };

function stepsWith(firstBroken: number): StepColumns {
  const steps = Float64Array.of(1, 2, 3, 4);
  const column = Float32Array.from(steps, (step) => (step === firstBroken ? step : -1));
  return {
    firstSteps: steps,
    steps,
    columns: new Map([["loss_nonfinite_first_step", column]]),
  };
}

describe("judge", () => {
  it("finds nothing unusual, whatever biases do", () => {
    const found = judge(mapOf(FINE), mapOf(USUAL), null);
    expect(found.warns).toBe(false);
    expect(found.text).toMatch(/^Nothing unusual.* 1\.00e-3|0\.001 to 0\.002/);
  });

  it("names the first variable that was not finite, and the step", () => {
    const found = judge(mapOf(FINE, [2, 3, 7]), mapOf(USUAL), null);
    expect(found).toMatchObject({ warns: true, variable: "a/kernel", step: 3 });
    expect(found.text).toBe(
      "NaN or infinite gradients or weights since step 3: a/kernel",
    );
  });

  it("says that the loss came first", () => {
    const found = judge(mapOf(FINE, [3]), mapOf(USUAL), stepsWith(2));
    expect(found).toMatchObject({ variable: null, step: 2 });
    expect(found.text).toContain("before any gradient");
    expect(judge(mapOf(FINE, [3]), mapOf(USUAL), stepsWith(4)).text).toContain(
      "the loss was at step 4",
    );
  });

  it("names variables that no gradient reaches, and since when", () => {
    const rows = {
      "a/kernel": [0, 0, 0, 0],
      "b/kernel": [1, 0, 0, 0],
      c: [1, 1, 1, 1],
    };
    const found = judge(
      mapOf(rows),
      mapOf({ "c/kernel": [1e-3, 1e-3, 1e-3, 1e-3] }),
      null,
    );
    expect(found).toMatchObject({ warns: true, variable: "a/kernel", step: 2 });
    expect(found.text).toBe(
      "No gradient reaches 2 of 3 variables since step 2: a/kernel, b/kernel",
    );
  });

  it("takes a gradient that comes back for no dead one", () => {
    const rows = { "a/kernel": [0, 0, 0, 1], "a/bias": [1, 0, 1, 1] };
    expect(judge(mapOf(rows), mapOf(USUAL), null).warns).toBe(false);
  });

  it("names the kernel that changed most where steps are too large", () => {
    const ratios = { "a/kernel": [0.2, 5, 0.01, 0.01], "b/kernel": [1, 1, 0.01, 0.01] };
    const found = judge(mapOf(FINE), mapOf(ratios), null);
    expect(found).toMatchObject({ warns: true, variable: "a/kernel", step: 2 });
    expect(found.text).toContain("a/kernel changed by 5 times its own norm");
  });

  it("says first what stopped the gradients", () => {
    const rows = { "a/kernel": [1, 1, 0, 0], c: [1, 1, 1, 1] };
    const ratios = { "a/kernel": [7, 0.1, 0, 0] };
    const found = judge(mapOf(rows), mapOf(ratios), null);
    expect(found.text).toMatch(/^Steps are too large.*No gradient reaches 1 of 2/);
  });

  it("says that hardly anything is learned", () => {
    const found = judge(
      mapOf(FINE),
      mapOf({ "a/kernel": [1e-7, 1e-7, 1e-7, 1e-7] }),
      null,
    );
    expect(found).toMatchObject({ warns: true, variable: null });
    expect(found.text).toContain("too low");
  });

  it("has something to say where nothing is known", () => {
    expect(judge(mapOf({}), mapOf({}), null).warns).toBe(false);
  });
});
