import { describe, expect, test } from "vitest";
import { VARIABLE_INFO_DEFAULTS } from "../wire/generated";
import {
  bytesOf,
  describeLayer,
  formatBytes,
  formatCount,
  formatShape,
  formatShapes,
  formatShortCount,
  itemSize,
  shorten,
} from "./layer_text";
import { createLayer } from "./test_graphs";

describe("shapes", () => {
  test.each([
    [[null, 26, 26, 32], "(None, 26, 26, 32)"],
    [[null], "(None,)"],
    [[], "()"],
    [[0, 1], "(0, 1)"],
  ])("%j", (shape, text) => {
    expect(formatShape(shape)).toBe(text);
  });

  test("of several outputs are a list, unknown ones a question mark", () => {
    expect(formatShapes([[null, 2], [null]])).toBe("[(None, 2), (None,)]");
    expect(formatShapes([[null, 2]])).toBe("(None, 2)");
    expect(formatShapes([])).toBe("?");
  });
});

describe("counts and sizes", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [1_000, "1,000"],
    [25_636_712, "25,636,712"],
  ])("%i", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  test("in few letters", () => {
    expect([7, 999, 1_000, 12_345, 999_950, 2e9].map(formatShortCount)).toEqual([
      "7",
      "999",
      "1.0 k",
      "12.3 k",
      "1.0 M",
      "2.0 G",
    ]);
  });

  test("bytes are written as model.summary() writes them", () => {
    expect(formatBytes(25_636_712 * 4)).toBe("97.80 MB");
    expect(formatBytes(0)).toBe("0.00 B");
    expect(formatBytes(1536)).toBe("1.50 KB");
  });

  test("bytes of one element", () => {
    const dtypes = ["float32", "bfloat16", "int64", "bool", "float8_e4m3fn", "strange"];
    expect(dtypes.map(itemSize)).toEqual([4, 2, 8, 1, 1, 1]);
  });

  test("a variable that two layers share counts once", () => {
    const variable = {
      ...VARIABLE_INFO_DEFAULTS,
      path: "shared/kernel",
      name: "kernel",
      shape: [4, 5],
      dtype: "float16",
      trainable: true,
      params: 20,
    };
    const frozen = { ...variable, path: "b/kernel", trainable: false };
    const layers = [
      createLayer({ path: "a", variables: [variable] }),
      createLayer({
        path: "b",
        children: [createLayer({ path: "b/c", variables: [variable, frozen] })],
      }),
    ];
    expect(bytesOf(layers)).toBe(80);
    expect(bytesOf(layers, "trainable")).toBe(40);
    expect(bytesOf(layers, "non_trainable")).toBe(40);
  });
});

test("a layer in one sentence", () => {
  const layer = createLayer({
    path: "m/conv2d",
    class_name: "Conv2D",
    params: 1_160,
    output_shapes: [[null, 24, 24, 16]],
  });
  expect(describeLayer(layer)).toBe(
    "conv2d, Conv2D, output (None, 24, 24, 16), 1,160 parameters",
  );
});

test("long texts are cut in their middle", () => {
  expect(shorten("abcdefghij", 10)).toBe("abcdefghij");
  expect(shorten("abcdefghijk", 5)).toBe("ab…jk");
  expect(shorten("x".repeat(10_000), 80)).toHaveLength(80);
});
