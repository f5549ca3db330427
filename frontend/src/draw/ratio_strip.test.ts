import { describe, expect, it } from "vitest";
import { placeOfRatio } from "./ratio_strip";

describe("a strip of ratios", () => {
  it("has the usual ratio in the middle, and zero at the bottom", () => {
    expect(placeOfRatio(1e-3)).toBeCloseTo(0.5);
    expect(placeOfRatio(0)).toBe(0);
    expect(placeOfRatio(1e-9)).toBe(0);
    expect(placeOfRatio(40)).toBe(1);
  });
});
