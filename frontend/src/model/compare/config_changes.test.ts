import { describe, expect, test } from "vitest";
import { compareConfigs, layerKeys } from "./config_changes";

const initializer = (className: string, seed: number | null = null) => ({
  module: "keras.initializers",
  class_name: className,
  config: { seed },
  registered_name: null,
});
const keys = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  compareConfigs(a, b).map(({ key }) => key);

describe("comparing configurations", () => {
  test("names the keys that differ, from the outside in", () => {
    const a = { units: 4, kernel: initializer("Zeros"), size: [3, 3], only: 1 };
    const b = { units: 5, kernel: initializer("Zeros", 7), size: [3, 5] };
    expect(compareConfigs(a, b)).toEqual([
      { key: "units", before: 4, after: 5 },
      { key: "kernel.config.seed", before: null, after: 7 },
      { key: "size", before: [3, 3], after: [3, 5] },
      { key: "only", before: 1, after: undefined },
    ]);
    expect(keys(a, structuredClone(a))).toEqual([]);
  });

  test("objects of two classes are one difference", () => {
    const a = { kernel: initializer("Zeros") };
    expect(keys(a, { kernel: initializer("Ones", 3) })).toEqual(["kernel"]);
    expect(keys(a, { kernel: null })).toEqual(["kernel"]);
  });

  test("leaves out names and what is said elsewhere", () => {
    const inner = (name: string) => ({
      class_name: "LSTM",
      config: { name, trainable: true, units: 4, shared_object_id: name },
    });
    const a = { name: "x", trainable: true, dtype: "float32", layer: inner("lstm") };
    const b = { name: "y", trainable: false, dtype: "float16", layer: inner("lstm_1") };
    expect(keys(a, b)).toEqual([]);
    expect(layerKeys(a)).toEqual(["layer"]);
    expect(layerKeys({ kernel: initializer("Zeros") })).toEqual([]);
  });

  test("keys of every name are compared", () => {
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2}');
    expect(keys(odd, { constructor: 3 })).toEqual(["__proto__", "constructor"]);
  });

  test("the number of differences is bounded, and so is the depth", () => {
    const many = (value: number) =>
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, value]));
    expect(keys(many(1), many(2))).toHaveLength(100);
    const deep = (value: number) => {
      let config: Record<string, unknown> = { value };
      for (let i = 0; i < 5_000; i += 1) {
        config = { config };
      }
      return config;
    };
    expect(keys(deep(1), deep(2))).toHaveLength(1);
  });
});
