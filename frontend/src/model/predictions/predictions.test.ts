import { describe, expect, it } from "vitest";
import { tensor } from "../../testing/fake_logs";
import type { ModelOutput } from "../../wire/generated";
import {
  classOfLabel,
  longPrediction,
  type Prediction,
  predict,
  rankClasses,
  readOutput,
  shortPrediction,
} from "./predictions";

const ENTRY: ModelOutput = {
  name: "",
  shape: [],
  dtype: "float32",
  member: { blob: 1, offset: 0, length: 1 },
  cut: "",
};

function output(values: readonly number[], shape: readonly number[]) {
  const tensors = new Map([["values", tensor(Float32Array.from(values), shape)]]);
  return readOutput(tensors, ENTRY);
}

function first(
  values: readonly number[],
  shape: readonly number[],
  label?: string,
): Prediction {
  const found = predict(output(values, shape), 0, label);
  if (found === null) {
    throw new Error("There is no prediction.");
  }
  return found;
}

describe("what the model says of a sample", () => {
  it("is the class of the largest share", () => {
    const found = first([0.01, 0.979, 0.011], [1, 3], "1");
    expect(found).toMatchObject({ top: 1, correct: true, probability: true });
    expect(shortPrediction(found)).toBe("1 98%");
    expect(longPrediction(found)).toBe(
      "The model says class 1 (97.9%), which is the label",
    );
  });

  it("names the label's share where it is another class", () => {
    const found = first([0.25, 0.75], [1, 2], "0");
    expect(found).toMatchObject({ top: 1, correct: false, labelValue: 0.25 });
    expect(longPrediction(found)).toBe(
      "The model says class 1 (75%); the label is 0 (25%)",
    );
  });

  it("has the value itself where values are no shares", () => {
    const logits = first([-1.234, 5.678, 0], [1, 3], "2");
    expect(shortPrediction(logits)).toBe("1 5.7");
    expect(longPrediction(logits)).toBe(
      "The model says class 1 (logit 5.678); the label is 2 (logit 0)",
    );
    const vector = first([-1, 3, 0], [1, 3]);
    expect(longPrediction(vector)).toBe("The model says class 1 (value 3)");
  });

  it("is a share only if all samples' values are", () => {
    expect(output([0.5, 0.5, 2, 3], [2, 2]).probability).toBe(false);
    expect(output([0.5, 0.5, 0, 1], [2, 2]).probability).toBe(true);
    expect(output([1.5, -0.5], [1, 2]).probability).toBe(false);
    // Half precision is off by a little.
    expect(output([0.5, 0.4976], [1, 2]).probability).toBe(true);
  });

  it("never says 100% of what is less", () => {
    expect(shortPrediction(first([0.0001, 0.9999], [1, 2]))).toBe("1 > 99%");
    expect(shortPrediction(first([0, 1], [1, 2]))).toBe("1 100%");
  });

  it("is the number where there is only one", () => {
    expect(shortPrediction(first([2.5], [1, 1], "3"))).toBe("2.5");
    expect(longPrediction(first([2.5], [1]))).toBe("The model returns 2.5");
  });

  it("is shape and mean of everything else", () => {
    const found = first([1, 2, 3, 6], [1, 2, 2]);
    expect(shortPrediction(found)).toBe("3");
    expect(longPrediction(found)).toBe("The model returns (2, 2) with the mean 3");
  });

  it("says what of a large output was logged", () => {
    const tensors = new Map([
      ["values", tensor(Float32Array.of(1, 2, 3, 6), [1, 2, 2])],
    ]);
    const cut = "2x2 of 4x4x8";
    const large = readOutput(tensors, { ...ENTRY, shape: [1, 4, 4, 8], cut });
    const found = predict(large, 0, undefined);
    expect(found && longPrediction(found)).toBe(
      "The model returns (4, 4, 8) (the log has 2x2 of 4x4x8) with the mean 3",
    );
  });

  it("is that of the last position of a sequence of classes", () => {
    const rows = [0.5, 0.25, 0.25, 0.1, 0.1, 0.8];
    const found = first(rows, [1, 2, 3], "1");
    expect(found).toMatchObject({
      kind: "classes",
      top: 2,
      position: 1,
      correct: null,
    });
    expect(shortPrediction(found)).toBe("2 80%");
    expect(longPrediction(found)).toBe(
      "The model says class 2 (80%) at its last position, 1",
    );
    expect([...output(rows, [1, 2, 3]).classes(0)]).toEqual(
      [0.1, 0.1, 0.8].map(Math.fround),
    );
  });

  it("is NaN where nothing is a number", () => {
    const found = first([Number.NaN, Number.NaN], [1, 2], "0");
    expect(shortPrediction(found)).toBe("NaN");
    expect(longPrediction(found)).toBe("The model returns NaN");
    expect(found).toMatchObject({ correct: false });
  });

  it("is nothing for a sample that was not measured", () => {
    expect(predict(output([0.5, 0.5], [1, 2]), 1, "0")).toBeNull();
  });
});

describe("classes", () => {
  it("come in the order of their values, equal ones by index, without NaN", () => {
    const values = Float32Array.of(1, Number.NaN, 3, 1, Number.POSITIVE_INFINITY);
    expect(rankClasses(values, 3)).toEqual([4, 2, 0]);
    expect(rankClasses(values, 9)).toEqual([4, 2, 0, 3]);
  });

  it("are named by labels that are an index of one", () => {
    expect(classOfLabel("7", 10)).toBe(7);
    expect(classOfLabel("10", 10)).toBeNull();
    expect(classOfLabel("cat", 10)).toBeNull();
    expect(classOfLabel("", 10)).toBeNull();
    expect(classOfLabel(undefined, 10)).toBeNull();
    expect(classOfLabel("-1", 10)).toBeNull();
  });
});
