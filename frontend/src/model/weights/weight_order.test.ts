import { describe, expect, it } from "vitest";
import { WEIGHT_CAPTURE_DEFAULTS, type WeightCapture } from "../../wire/generated";
import { orderVariables, relativeChange, type WeightOrder } from "./weight_order";

const capture = (path: string, change: Partial<WeightCapture>): WeightCapture =>
  ({ ...WEIGHT_CAPTURE_DEFAULTS, path, shape: [2], ...change }) as WeightCapture;

const CAPTURES = [
  capture("layer_10/kernel", { norm: 3, change: 0.3, nonfinite: 0, shape: [4, 5] }),
  capture("broken/kernel", { norm: null, nonfinite: 2 }),
  capture("layer_2/kernel", { norm: 1, change: 0.5, nonfinite: 1, shape: [] }),
  capture("first/kernel", { norm: 5, change: null, nonfinite: null }),
  capture("empty", { norm: null, shape: [0, 3] }),
];

const ordered = (order: WeightOrder, reversed = false) =>
  orderVariables(CAPTURES, order, reversed).map(({ path }) => path.split("/")[0]);

describe("orderVariables", () => {
  it("keeps the order of the layers", () => {
    expect(orderVariables(CAPTURES, "layer", false)).toBe(CAPTURES);
  });

  it.each<[WeightOrder, string[]]>([
    ["norm", ["broken", "first", "layer_10", "layer_2", "empty"]],
    ["change", ["layer_2", "layer_10", "broken", "first", "empty"]],
    ["nonfinite", ["broken", "layer_2", "layer_10", "first", "empty"]],
    ["size", ["layer_10", "broken", "first", "layer_2", "empty"]],
    ["name", ["broken", "empty", "first", "layer_2", "layer_10"]],
  ])("orders by %s", (order, wanted) => {
    expect(ordered(order)).toEqual(wanted);
  });

  it("leaves what is not known at the end, both ways", () => {
    expect(ordered("change", true)).toEqual([
      "layer_10",
      "layer_2",
      "broken",
      "first",
      "empty",
    ]);
    expect(ordered("norm", true).at(-1)).toBe("empty");
  });
});

it("sizes a change by what changed", () => {
  expect(relativeChange(1, 4)).toBe(0.25);
  expect(relativeChange(null, 4)).toBeNaN();
  expect(relativeChange(1, 0)).toBeNaN();
});
