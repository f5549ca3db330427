import { describe, expect, it } from "vitest";
import { tensor } from "../../testing/fake_logs";
import { chooseClasses, predictionLines } from "./prediction_lines";
import { type OutputValues, readOutput } from "./predictions";
import { sampleText } from "./sample_text";

function output(values: readonly number[], shape: readonly number[]): OutputValues {
  const tensors = new Map([["values", tensor(Float32Array.from(values), shape)]]);
  const member = { blob: 1, offset: 0, length: 1 };
  return readOutput(tensors, { name: "", shape, dtype: "float32", member, cut: "" });
}

describe("predictions over steps", () => {
  const first = output([0.5, 0.3, 0.2], [1, 3]);
  const last = output([0.1, 0.2, 0.7], [1, 3]);

  it("are of the top classes, and of the label's", () => {
    const seven = output([7, 6, 5, 4, 3, 2, 1], [1, 7]);
    expect(chooseClasses(seven, 0, undefined)).toEqual([0, 1, 2, 3, 4]);
    expect(chooseClasses(seven, 0, "6")).toEqual([0, 1, 2, 3, 4, 6]);
    expect(chooseClasses(seven, 0, "1")).toEqual([0, 1, 2, 3, 4]);
    expect(chooseClasses(output([1], [1, 1]), 0, "0")).toEqual([]);
  });

  it("have a value for each step that was logged", () => {
    const at = new Map([
      [0, first],
      [20, last],
    ]);
    const lines = predictionLines([0, 10, 20], (step) => at.get(step) ?? null, 0, [2]);
    expect(lines).toEqual([
      { name: "2", index: 2, values: [Math.fround(0.2), null, Math.fround(0.7)] },
    ]);
  });

  it("are the number or the mean where there are no classes", () => {
    const number = predictionLines([0], () => output([3], [1]), 0, []);
    expect(number[0]?.values).toEqual([3]);
    const map = predictionLines([0], () => output([1, 2, 3, 6], [1, 2, 2]), 0, []);
    expect(map[0]?.values).toEqual([3]);
  });
});

describe("texts of samples", () => {
  it("have spaces between words and none between characters", () => {
    expect(sampleText(["the", "cat", "sat"])).toBe("the cat sat");
    expect(sampleText(["t", "h", "e", " ", "c", "a", "t"])).toBe("the cat");
    expect(sampleText(["12", "7", "0"])).toBe("12 7 0");
  });

  it("end before their padding", () => {
    expect(sampleText(["the", "cat", "", ""])).toBe("the cat");
    expect(sampleText(["", ""])).toBe("");
  });
});
