import { describe, expect, it } from "vitest";
import { cssPixel } from "../../../model/color_scale";
import { tensor } from "../../../testing/fake_logs";
import { drawValues, readPicture } from "./sample_picture";

const picture = (values: number[], shape: number[]) =>
  readPicture(new Map([["picture", tensor(Uint8Array.from(values), shape)]]));
const values = (numbers: number[], shape: number[]) =>
  drawValues(new Map([["values", tensor(Float32Array.from(numbers), shape)]]), false);

describe("readPicture", () => {
  it("reads grey, coloured and transparent pictures", () => {
    expect(picture([0, 255], [1, 2, 1])?.values).toEqual(
      Uint32Array.of(cssPixel("#000000"), cssPixel("#ffffff")),
    );
    expect(picture([1, 2, 3], [1, 1, 3])?.values).toEqual(
      Uint32Array.of(cssPixel("#010203")),
    );
    expect(picture([1, 2, 3, 0], [1, 1, 4])?.values).toEqual(Uint32Array.of(0x030201));
  });

  it("is null for what is no picture", () => {
    expect(readPicture(new Map())).toBeNull();
    expect(picture([], [0, 2, 1])).toBeNull();
    expect(readPicture(new Map([["picture", tensor(new Float32Array(1))]]))).toBeNull();
  });
});

describe("drawValues", () => {
  it("leaves a few numbers to be shown as numbers", () => {
    expect(values([1, 2, 3, 4], [4])).toBeNull();
  });

  it("draws a vector as bars from zero", () => {
    const bars = values([0, 1, 2, -2, Number.NaN], [5]);
    expect(bars).toMatchObject({ width: 5, height: 33 });
    const filled = (column: number) =>
      Array.from({ length: 33 }, (_, row) => bars?.values[row * 5 + column]).filter(
        (pixel) => pixel !== 0,
      ).length;
    expect([0, 1, 2, 3, 4].map(filled)).toEqual([1, 9, 17, 17, 33]);
  });

  it("draws a matrix as it is, and folds a long vector", () => {
    expect(values([0, 1, 2, 3, 4, 5], [2, 3])).toMatchObject({ height: 2, width: 3 });
    expect(values(new Array(100).fill(1), [100])).toMatchObject({
      height: 10,
      width: 10,
    });
    expect(values(new Array(4000).fill(1), [1000, 4])).toMatchObject({
      height: 63,
      width: 64,
    });
    const deep = values([0, 9, 1, 9, 2, 9, 3, 9], [2, 2, 2]);
    expect(deep).toMatchObject({ height: 2, width: 2 });
    expect(deep?.values[0]).toBe(cssPixel("#440154"));
  });

  it("marks what is no number, also where nothing else is there", () => {
    const drawn = values([Number.NaN, Infinity, 0, 1, 2, 3], [2, 3]);
    expect(drawn?.values[0]).toBe(cssPixel("#e6007e"));
    expect(drawn?.values[1]).toBe(cssPixel("#e6007e"));
    expect(drawn?.values[2]).toBe(cssPixel("#440154"));
    const none = values(new Array(6).fill(Number.NaN), [2, 3]);
    expect(new Set(none?.values)).toEqual(new Set([cssPixel("#e6007e")]));
  });
});
