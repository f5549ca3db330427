import { describe, expect, it } from "vitest";
import { placeOfStep, stepAtPlace } from "./dynamics_heat";
import { fitValues, lonelyCells, placeOfValue, type StepLine } from "./step_lines";

function line(mean: number[], largest: number[] | null = null): StepLine {
  const steps = Float64Array.from(mean, (_, at) => at + 1);
  return {
    cells: { firstSteps: steps, steps },
    mean: Float32Array.from(mean),
    largest: largest === null ? null : Float32Array.from(largest),
    color: "",
    isDashed: false,
  };
}

describe("axes", () => {
  it("place steps to scale, and find them again", () => {
    const axis = { first: 11, last: 20, width: 100 };
    expect(placeOfStep(axis, 11)).toBe(0);
    expect(placeOfStep(axis, 21)).toBe(100);
    expect([0, 9.9, 10, 99, 500].map((x) => stepAtPlace(axis, x))).toEqual([
      11, 11, 12, 20, 20,
    ]);
  });

  it("fit all values that are finite, and the largest ones", () => {
    const found = fitValues([
      line([1, Number.NaN, 2], [4, Number.POSITIVE_INFINITY, 3]),
    ]);
    expect(found).toEqual({ low: 1, high: 4, isLog: false });
    expect(fitValues([line([Number.NaN])])).toBeNull();
  });

  it("are logarithmic over many decades, with zero at the bottom", () => {
    const found = fitValues([line([0, 0.001, 10])]);
    expect(found?.isLog).toBe(true);
    const axis = found ?? { low: 1, high: 1, isLog: true };
    expect(axis.low).toBeCloseTo(0.001);
    expect(placeOfValue(axis, 0, 50)).toBe(placeOfValue(axis, axis.low, 50));
    expect(placeOfValue(axis, axis.high, 50)).toBeLessThan(placeOfValue(axis, 1, 50));
  });

  it("hold a guide besides", () => {
    expect(fitValues([line([2, 3])], [1e-3])).toMatchObject({ high: 3 });
    expect(fitValues([line([2, 3])], [1e-3])?.low).toBeCloseTo(1e-3);
  });
});

describe("cells without a neighbour", () => {
  it("are those that no line leads to", () => {
    const nothing = Number.NaN;
    expect(lonelyCells(Float32Array.of(3))).toEqual([0]);
    expect(
      lonelyCells(Float32Array.of(nothing, 3, nothing, 1, 2, Infinity, 0)),
    ).toEqual([1, 6]);
    expect(lonelyCells(Float32Array.of(1, 2))).toEqual([]);
  });
});
