import { describe, expect, it } from "vitest";
import { layerActivation } from "../../testing/fake_logs";
import type { LayerActivation, UnitCounts } from "../../wire/generated";
import { describeTrouble, findTroubles, isMeant, orderLayers } from "./layer_query";

const NONE: UnitCounts = { dead: 0, constant: 0, nonfinite: 0, saturated: null };

function listed(path: string, ...changes: Partial<LayerActivation>[]) {
  return { path, entries: changes.map((change) => layerActivation(path, change)) };
}

const CONV = listed("block/conv", {
  channels: 8,
  unit_counts: { ...NONE, dead: 2 },
  summary: [0, 1, 0.5, 0.1, 0.4, 0],
});
const DENSE = listed("dense", {
  class_name: "Dense",
  channels: 64,
  unit_counts: { ...NONE, dead: 48, nonfinite: 1 },
  summary: [0, 1, 0.5, 0.1, 0.9, 3],
});
const LSTM = listed(
  "lstm",
  { class_name: "LSTM", channels: 4, unit_counts: { ...NONE, saturated: 3 } },
  { class_name: "LSTM", channels: 4, output: 1, unit_counts: NONE },
);
const OLD = listed("old", { class_name: "Conv2D" });
const SKIPPED = listed("ragged");
const ALL = [CONV, DENSE, LSTM, OLD, SKIPPED];

describe("the layers that are meant", () => {
  const find = (typed: string) =>
    ALL.filter((layer) => isMeant(layer, typed)).map((layer) => layer.path);

  it("have it in their path or class", () => {
    expect(find("CONV")).toEqual(["block/conv", "old"]);
    expect(find("lst")).toEqual(["lstm"]);
    expect(find("conv block")).toEqual(["block/conv"]);
    expect(find("__proto__")).toEqual([]);
  });

  it("have units in the state", () => {
    expect(find("dead")).toEqual(["block/conv", "dense"]);
    expect(find("nan")).toEqual(["dense"]);
    expect(find("saturated")).toEqual(["lstm"]);
    expect(find("dead dense")).toEqual(["dense"]);
  });
});

describe("the order", () => {
  const order = (by: Parameters<typeof orderLayers>[1]) =>
    orderLayers(ALL, by).map((layer) => layer.path);

  it("begins with the largest share, and ends with what was not counted", () => {
    expect(order("executed")).toEqual(ALL.map((layer) => layer.path));
    expect(order("dead")).toEqual(["dense", "block/conv", "lstm", "old", "ragged"]);
    expect(order("saturated")[0]).toBe("lstm");
    expect(order("zeros").slice(0, 2)).toEqual(["dense", "block/conv"]);
  });
});

describe("what is the matter", () => {
  it("is said with numbers, and not where there is nothing", () => {
    expect(findTroubles(DENSE).map((one) => [one.kind, one.count])).toEqual([
      ["dead", 48],
      ["nonfinite", 1],
    ]);
    expect(findTroubles(LSTM)).toEqual([{ kind: "saturated", count: 3, units: 4 }]);
    expect(findTroubles(OLD)).toEqual([]);
    expect(describeTrouble({ kind: "dead", count: 48, units: 64 })).toMatch(
      /^48 of 64 units are dead\. Exactly zero/,
    );
  });
});
