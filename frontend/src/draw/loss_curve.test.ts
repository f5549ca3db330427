import { describe, expect, it } from "vitest";
import { axisX, jointRange, SIDE, stepIndexAt } from "./loss_curve";

describe("the axis of the slider", () => {
  it("has its ends where the middle of the thumb can be", () => {
    expect(axisX(0, 5, 212)).toBe(SIDE);
    expect(axisX(4, 5, 212)).toBe(212 - SIDE);
    expect(axisX(2, 5, 212)).toBe(106);
  });

  it("finds the nearest step of a pixel, also beyond the ends", () => {
    for (const index of [0, 1, 2, 3, 4]) {
      expect(stepIndexAt(axisX(index, 5, 212), 5, 212)).toBe(index);
    }
    expect(stepIndexAt(-50, 5, 212)).toBe(0);
    expect(stepIndexAt(500, 5, 212)).toBe(4);
  });
});

describe("the range of the curves", () => {
  const trend = (...values: (number | null)[]) => ({
    trend: { steps: values.map((_, at) => at), values, cut: "" },
    dashed: false,
  });

  it("is one for all of them", () => {
    expect(jointRange([trend(2, 1, null), trend(Number.NaN, 3)])).toEqual({
      low: 1,
      high: 3,
      log: false,
    });
    expect(jointRange([trend(1000, 1), trend(0.5)])?.log).toBe(true);
    expect(jointRange([trend(null, Number.POSITIVE_INFINITY)])).toBeNull();
    expect(jointRange([])).toBeNull();
  });
});
