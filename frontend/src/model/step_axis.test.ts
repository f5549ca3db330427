import { describe, expect, it } from "vitest";
import { placeOfStep } from "./step_axis";

describe("the place of a step", () => {
  const steps = [0, 10, 100, 200];

  it("is that of its index where it was logged", () => {
    expect(steps.map((step) => placeOfStep(steps, step))).toEqual([0, 1, 2, 3]);
  });

  it("is to scale between two logged steps, and beyond them", () => {
    expect(placeOfStep(steps, 5)).toBeCloseTo(0.5);
    expect(placeOfStep(steps, 55)).toBeCloseTo(1.5);
    expect(placeOfStep(steps, 300)).toBeCloseTo(4);
    expect(placeOfStep([10, 20], 5)).toBeCloseTo(-0.5);
  });

  it("never goes backwards", () => {
    const places = Array.from({ length: 250 }, (_, step) => placeOfStep(steps, step));
    expect(places.slice(1).every((place, at) => place > (places[at] ?? 0))).toBe(true);
  });
});
