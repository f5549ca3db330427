import { describe, expect, it } from "vitest";
import type { DynamicsMap } from "./dynamics_map";
import { describeJoin, joinVariables } from "./joined_variables";

const NAN = Number.NaN;

/** Three variables in two cells. */
function mapOf(quantity: DynamicsMap["quantity"]): DynamicsMap {
  return {
    quantity,
    variables: ["a/kernel", "a/beta", "a/gamma"],
    firstSteps: Float64Array.of(1, 11),
    steps: Float64Array.of(10, 20),
    mean: Float32Array.of(1, NAN, 3, 2, 0, 0),
    smallest: Float32Array.of(0.5, NAN, 2, 1, 3, 3),
    largest: Float32Array.of(3, NAN, 4, 7, 0, 0),
    nonfinite: Float32Array.of(0, 3, 1, 0, 0, 0),
  };
}

describe("variables that are joined", () => {
  it("have the norm of all of them as one vector", () => {
    const map = mapOf("grad_norm");
    expect([...joinVariables(map, [0, 1, 2], "largest").values]).toEqual([5, 7]);
    expect([...joinVariables(map, [1], "mean").values]).toEqual([3, 2]);
    expect(joinVariables(map, [0], "mean").values[1]).toBeNaN();
    expect(describeJoin(map, [0, 1])).toBe("norm of 2 variables together");
    expect(describeJoin(map, [0])).toBe("");
  });

  it("have the extremes of other quantities", () => {
    const map = mapOf("grad_zero_fraction");
    expect([...joinVariables(map, [0, 1], "largest").values]).toEqual([4, 7]);
    expect([...joinVariables(map, [0, 1], "smallest").values]).toEqual([0.5, 1]);
    expect(describeJoin(map, [0, 1])).toBe("largest of 2 variables");
  });

  it("leave ratios out that begin at zero, and nothing that is not finite", () => {
    const map = mapOf("update_ratio");
    const joined = joinVariables(map, [0, 1, 2], "largest");
    expect([...joined.values]).toEqual([3, 0]);
    expect([...joined.nonfinite]).toEqual([1, 3]);
    expect([...joinVariables(map, [1], "largest").values]).toEqual([4, 7]);
    expect(describeJoin(map, [0, 1, 2])).toContain("largest of 2 of 3 variables");
  });
});
