import { describe, expect, it } from "vitest";
import {
  colorIndex,
  colorPixel,
  createColorScale,
  createDifferenceScale,
  createFixedScale,
  cssPixel,
  NONFINITE_COLORS,
  scaleGradient,
} from "./color_scale";

describe("createColorScale", () => {
  it("is sequential from lowest to highest where nothing is negative", () => {
    const scale = createColorScale(0.25, 3, false);
    expect(scale).toMatchObject({ kind: "sequential", low: 0.25, high: 3 });
    expect(colorIndex(scale, 0.25)).toBe(0);
    expect(colorIndex(scale, 3)).toBe(255);
  });

  it("is centred at zero as soon as something is negative", () => {
    const scale = createColorScale(-1, 3, false);
    expect(scale).toMatchObject({ kind: "diverging", low: -3, high: 3 });
    expect(colorIndex(scale, 0)).toBe(128);
    expect(createColorScale(-5, -2, false)).toMatchObject({ low: -5, high: 5 });
  });

  it("has its known ends", () => {
    const viridis = createColorScale(0, 1, false);
    expect(colorPixel(viridis, 0)).toBe(cssPixel("#440154"));
    expect(colorPixel(viridis, 1)).toBe(cssPixel("#fde725"));
    const light = createColorScale(-1, 1, false);
    expect(colorPixel(light, -1)).toBe(cssPixel("#053061"));
    expect(colorPixel(light, 1)).toBe(cssPixel("#7f3b08"));
    expect(scaleGradient(viridis)).toMatch(
      /^linear-gradient\(to right, rgb\(68 1 84\), .*rgb\(253 231 37\)\)$/,
    );
  });

  it("draws zero close to the background of both themes", () => {
    expect(colorPixel(createColorScale(-1, 1, false), 0) & 255).toBeGreaterThan(235);
    expect(colorPixel(createColorScale(-1, 1, true), 0) & 255).toBeLessThan(60);
  });

  it("clamps what is outside, and takes huge ranges", () => {
    const scale = createColorScale(0, 1, false);
    expect(colorIndex(scale, -7)).toBe(0);
    expect(colorIndex(scale, 7)).toBe(255);
    const huge = createColorScale(-3.4e38, 3.4e38, false);
    expect(colorIndex(huge, 3.4e38)).toBe(255);
    expect(colorIndex(huge, 0)).toBe(128);
  });

  it("tells a constant zero from another constant", () => {
    expect(colorIndex(createColorScale(0, 0, false), 0)).toBe(0);
    expect(colorIndex(createColorScale(2, 2, false), 2)).toBe(128);
  });

  it("has no colour that marks a value that is not finite", () => {
    const marks = NONFINITE_COLORS.slice(1).map(cssPixel);
    for (const dark of [false, true]) {
      for (const low of [0, -1]) {
        const { lut } = createColorScale(low, 1, dark);
        expect(marks.filter((mark) => lut.includes(mark))).toEqual([]);
      }
    }
  });
});

describe("createFixedScale", () => {
  it("reaches from the one number to the other, with zero in its own colour", () => {
    const scale = createFixedScale(-1, 3, false);
    expect(scale).toMatchObject({ kind: "diverging", low: -1, high: 3 });
    const even = createColorScale(-1, 3, false);
    for (const value of [-1, 0, 1, 3]) {
      const distance =
        colorIndex(even, value) - even.lut.indexOf(colorPixel(scale, value));
      expect(Math.abs(distance)).toBeLessThanOrEqual(1);
    }
    expect(createFixedScale(1, 2, false)).toEqual(createColorScale(1, 2, false));
  });
});

describe("createDifferenceScale", () => {
  it("is centred at zero, in colours that no value and no mark has", () => {
    for (const dark of [false, true]) {
      const scale = createDifferenceScale(2, dark);
      expect(scale).toMatchObject({ kind: "diverging", low: -2, high: 2 });
      const marks = NONFINITE_COLORS.slice(1).map(cssPixel);
      expect(marks.filter((mark) => scale.lut.includes(mark))).toEqual([]);
      expect(colorPixel(scale, 2)).not.toBe(colorPixel(scale, -2));
    }
  });
});
