import { expect, it } from "vitest";
import { formatFloat32, formatShape, formatShare, formatValue } from "./format";

it.each([
  [0, "0"],
  [-0, "0"],
  [1, "1"],
  [-12345, "-12345"],
  [0.1, "0.1"],
  [0.123456, "0.1235"],
  [123.456, "123.5"],
  [1e-9, "1.00e-9"],
  [-123456789, "-1.23e8"],
  [3.4e38, "3.40e38"],
  [Number.NaN, "NaN"],
  [Infinity, "+Inf"],
  [-Infinity, "-Inf"],
])("formats the value %d as %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

it.each([
  [0, "0"],
  [0.1, "0.1"],
  [-1 / 3, "-0.33333334"],
  [16777215, "16777215"],
  [1e-45, "1e-45"],
  [3.4028234663852886e38, "3.4028235e38"],
  [Number.NaN, "NaN"],
])("formats the float32 of %d as %s", (value, text) => {
  expect(formatFloat32(Math.fround(value))).toBe(text);
});

it("tells a float32 from its neighbours", () => {
  const [value, bits] = [new Float32Array(1), new Uint32Array(1)];
  for (let i = 0; i < 500; i += 1) {
    bits[0] = (i * 7_919_801) % 0x7f7fffff;
    value.set(new Float32Array(bits.buffer));
    expect(Math.fround(Number(formatFloat32(value[0] ?? 0)))).toBe(value[0]);
  }
});

it.each([
  [0, "0%"],
  [1, "100%"],
  [0.99999, "> 99.9%"],
  [0.00001, "< 0.1%"],
  [0.5, "50%"],
  [1 / 3, "33.3%"],
  [Number.NaN, "NaN"],
])("formats the share %d as %s", (share, text) => {
  expect(formatShare(share)).toBe(text);
});

it("formats shapes as Keras prints them", () => {
  expect(formatShape([null, 28, 28, 1])).toBe("(None, 28, 28, 1)");
  expect(formatShape([])).toBe("()");
});
