import { expect, test } from "vitest";
import { summarize } from "./config_text";

test.each([
  [null, "None"],
  [true, "True"],
  [0.5, "0.5"],
  ["relu", "relu"],
  [[3, 3], "[3, 3]"],
  [{}, "{}"],
])("%j is complete in one line", (value, text) => {
  expect(summarize(value)).toEqual({ text, complete: true });
});

test("a serialized object is its class and what it was made with", () => {
  const value = {
    module: "keras.initializers",
    class_name: "RandomNormal",
    config: { mean: 0, stddev: 0.05, seed: null, nested: {} },
  };
  expect(summarize(value)).toEqual({
    text: "RandomNormal(mean=0, stddev=0.05, seed=None, …)",
    complete: false,
  });
});

test("what does not fit in a line says how much it is", () => {
  expect(summarize([[1]])).toEqual({ text: "list of 1", complete: false });
  expect(summarize({ a: 1, b: 2 })).toEqual({ text: "dict of 2", complete: false });
  expect(summarize("x".repeat(10_000)).text).toHaveLength(300);
  expect(summarize(JSON.parse('{"__proto__": 1}')).text).toBe("dict of 1");
});
