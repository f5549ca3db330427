import { describe, expect, it } from "vitest";
import { formatWeightBase, parseWeightBase, type WeightBase } from "./weights_place";

describe("what weights are compared with", () => {
  it.each<WeightBase | null>([
    null,
    { kind: "start" },
    { kind: "previous" },
    { kind: "step", step: 0 },
    { kind: "run", run: "step:3" },
  ])("comes back from its word: %j", (base) => {
    expect(parseWeightBase(formatWeightBase(base))).toEqual(base);
  });

  it.each([
    "step:",
    "step:-1",
    "step:1e3",
    "run:",
    "other",
    `run:${"x".repeat(2000)}`,
  ])("takes %.20j for nothing", (word) => {
    expect(parseWeightBase(word)).toBeNull();
  });
});
