import { describe, expect, it } from "vitest";
import type { UnitHealth, UnitHealthLayer } from "../../wire/generated";
import {
  describeCell,
  layerName,
  orderLayers,
  shareAt,
  summarizeHealth,
  totalAt,
} from "./unit_health";

function layer(path: string, change: Partial<UnitHealthLayer> = {}): UnitHealthLayer {
  return {
    path,
    call: 0,
    output: 0,
    name: "",
    class_name: "Dense",
    activation: "relu",
    units: 64,
    dead: [0, 0, 0],
    constant: [0, 0, 0],
    nonfinite: [0, 0, 0],
    saturated: [null, null, null],
    ...change,
  };
}

function health(...layers: UnitHealthLayer[]): UnitHealth {
  return { version: 2, steps: [0, 100, 230], layers, cut: "" };
}

const HEALTH = health(
  layer("conv", { units: 8, dead: [0, 1, 4] }),
  layer("dense_1", { dead: [0, 0, 48] }),
  layer("squash", { activation: "tanh", saturated: [0, 3, 64] }),
  layer("late", { dead: [null, null, 2] }),
);

describe("the sentence above the map", () => {
  it("counts the layers and names the worst by its share", () => {
    expect(summarizeHealth(HEALTH, "dead", 2, 8)).toBe(
      "3 layers have units that are zero for all 8 samples at step 230; " +
        "worst: dense_1, 48 of 64 (75%)",
    );
    expect(summarizeHealth(HEALTH, "dead", 1, 8)).toBe(
      "1 layer has units that are zero for all 8 samples at step 100; " +
        "worst: conv, 1 of 8 (12.5%)",
    );
  });

  it("looks at the other steps where there is nothing at this one", () => {
    expect(summarizeHealth(HEALTH, "dead", 0, 8)).toBe(
      "No unit is zero for all 8 samples at step 0; most were at step 230, " +
        "worst: dense_1, 48 of 64 (75%)",
    );
    expect(summarizeHealth(HEALTH, "nonfinite", 0, 8)).toBe(
      "No unit is NaN or infinite at step 0, nor at any other captured step",
    );
  });

  it("says when nothing has bounds", () => {
    const unbounded = health(layer("conv"));
    expect(summarizeHealth(unbounded, "saturated", 0, 8)).toContain(
      "No layer here has an activation with bounds",
    );
    expect(summarizeHealth(HEALTH, "saturated", 2, 8)).toContain(
      "1 layer has units that are saturated at step 230; worst: squash, 64 of 64 (100%)",
    );
  });
});

describe("a cell of the map", () => {
  it("is said with its numbers", () => {
    const [conv, , squash, late] = HEALTH.layers as [
      UnitHealthLayer,
      UnitHealthLayer,
      UnitHealthLayer,
      UnitHealthLayer,
    ];
    const cell = (one: UnitHealthLayer, at: number, samples = 8) =>
      describeCell(HEALTH, one, "dead", at, samples);
    expect(cell(conv, 2)).toBe(
      "4 of 8 units of conv are zero for all 8 samples at step 230",
    );
    expect(cell(conv, 1, 1)).toBe(
      "1 of 8 units of conv is zero for the one sample at step 100",
    );
    expect(cell(conv, 0, 0)).toContain("zero for every sample");
    expect(cell(late, 0)).toBe("The capture at step 0 counts no units of late");
    expect(describeCell(HEALTH, conv, "saturated", 2, 8)).toBe(
      "The activation of conv has no bounds, so its units cannot saturate",
    );
    expect(describeCell(HEALTH, squash, "saturated", 2, 8)).toBe(
      "64 of 64 units of squash are saturated at step 230",
    );
  });

  it("has no share where nothing was counted", () => {
    expect(shareAt(HEALTH.layers[3] as UnitHealthLayer, "dead", 0)).toBeNull();
    expect(shareAt(layer("empty", { units: 0 }), "dead", 0)).toBeNull();
    expect(totalAt(HEALTH, "dead", 0)).toEqual({ count: 0, units: 136 });
    expect(totalAt(HEALTH, "dead", 2)).toEqual({ count: 54, units: 200 });
  });
});

describe("the order of the layers", () => {
  it("is that of the model, or begins with the worst at the step", () => {
    expect(orderLayers(HEALTH, "dead", "layer", 2)).toEqual([0, 1, 2, 3]);
    expect(orderLayers(HEALTH, "dead", "worst", 2)).toEqual([1, 0, 3, 2]);
    // Nothing at this step: by what they were at their worst, uncounted ones last.
    expect(orderLayers(HEALTH, "dead", "worst", 0)).toEqual([1, 0, 2, 3]);
  });
});

describe("a layer's name", () => {
  it("says which call and output it is, where there are several", () => {
    const shared = [0, 1].map((call) => layer("shared", { call }));
    const lstm = ["", "state_h"].map((name, output) => layer("lstm", { output, name }));
    const all = health(layer("conv"), ...shared, ...lstm);
    expect(all.layers.map((one) => layerName(all, one))).toEqual([
      "conv",
      "shared (call 0)",
      "shared (call 1)",
      "lstm (output 0)",
      "lstm (state_h)",
    ]);
  });
});
