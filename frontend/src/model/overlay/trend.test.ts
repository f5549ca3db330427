import { describe, expect, test } from "vitest";
import type { LoggedNumber } from "../../wire/generated";
import {
  placeInRange,
  pointAtStep,
  pointNearStep,
  rangeOfTrend,
  readTrend,
  type Trend,
} from "./trend";

function trend(values: readonly LoggedNumber[], steps = [...values.keys()]): Trend {
  const read = readTrend({ name: "weight_norm", steps, values, cut: "" });
  if (read === null) {
    throw new Error("There is no trend.");
  }
  return read;
}

describe("a trend", () => {
  test("is none where nothing was logged", () => {
    const column = {
      name: "weight_norm",
      steps: [1, 2],
      values: [null, null],
      cut: "",
    };
    expect(readTrend(column)).toBeNull();
    expect(readTrend({ ...column, steps: [], values: [] })).toBeNull();
    expect(trend(["NaN", null]).values).toEqual([Number.NaN, null]);
  });

  test("has a range of its finite values", () => {
    const some = trend([3, "Infinity", null, -1, "NaN"]);
    expect(rangeOfTrend(some)).toEqual({ low: -1, high: 3, log: false });
    expect(rangeOfTrend(trend(["NaN", "-Infinity"]))).toBeNull();
  });

  test("is drawn by the logarithm over more than two decades", () => {
    expect(rangeOfTrend(trend([0.001, 1]))?.log).toBe(true);
    expect(rangeOfTrend(trend([0.01, 1]))?.log).toBe(false);
    expect(rangeOfTrend(trend([0, 1]))?.log).toBe(false);
    expect(placeInRange({ low: 0.001, high: 10, log: true }, 0.1)).toBeCloseTo(0.5);
    expect(placeInRange({ low: 2, high: 2, log: false }, 2)).toBe(0.5);
  });

  test("holds at a step what was logged last", () => {
    const some = trend([5, null, 7], [10, 20, 30]);
    expect(pointAtStep(some, 29)).toBe(0);
    expect(pointAtStep(some, 30)).toBe(2);
    expect(pointAtStep(some, 9)).toBeNull();
    expect(pointNearStep(some, 24)).toBe(1);
    expect(pointNearStep(some, 1e9)).toBe(2);
  });
});
