import { describe, expect, it } from "vitest";
import type { VariableAxis } from "../../wire/generated";
import { describePlace } from "./axis_names";

const axis = (name: string, ...parts: string[]): VariableAxis => ({ name, parts });

describe("describePlace", () => {
  it("says what is counted along each axis", () => {
    const axes = [axis("input"), axis("unit")];
    expect(describePlace(axes, [4, 3], [1, 2])).toBe("input 1, unit 2");
  });

  it("numbers the axes where nothing is known of them", () => {
    expect(describePlace([], [4, 3], [1, 2])).toBe("axis 0: 1, axis 1: 2");
    expect(describePlace([], [], [])).toBe("");
  });

  it("counts anew in each part of an axis", () => {
    const gates = axis("unit", "update gate", "reset gate", "candidate");
    const sources = axis("", "of the input", "of the state");
    expect(describePlace([sources, gates], [2, 12], [1, 6])).toBe(
      "of the state, unit 2 of the reset gate",
    );
    // Not divisible: what is said of the axis does not fit.
    expect(describePlace([gates], [7], [6])).toBe("unit 6");
  });
});
