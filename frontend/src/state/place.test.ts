import { describe, expect, it } from "vitest";
import { formatPlace, type Place, parsePlace, START } from "./place";

const SOMEWHERE: Place = {
  run: "__proto__",
  step: 180,
  view: "activations",
  layer: "<b>conv</b>/1",
  node: 1,
  output: 2,
  sample: 3,
  channel: 0,
  mode: "health",
  health: "saturated",
  healthOrder: "worst",
  heads: "previous",
  grid: {
    order: "change_first",
    reversed: true,
    filter: "dead",
    range: { low: -1e-30, high: 2.5e30 },
    compared: { kind: "run", run: "a:b/c,d" },
    difference: true,
  },
  gradients: {
    quantity: "update_ratio",
    statistic: "mean",
    range: { first: 5, last: 90 },
    versus: "other run",
    ratio: true,
    at: 35,
    runs: false,
    histogram: "stem/kernel",
  },
  weights: {
    variable: "conv/kernel",
    base: { kind: "run", run: "a:b/c" },
    find: "conv & <b>",
    order: "change",
    reversed: true,
  },
  table: true,
  withRun: "other & more",
  withStep: 0,
  find: 'class:conv "two words" params>1e6',
  color: "grad_norm_max",
  open: "prefix:conv2:0:conv2_conv\n1:inner",
  paths: { from: '0:a"]["b', to: "1:c&d=e" },
};

describe("the place in the address", () => {
  it("comes back as it was", () => {
    expect(parsePlace(formatPlace(SOMEWHERE))).toEqual(SOMEWHERE);
    expect(parsePlace(formatPlace(START))).toEqual(START);
  });

  it("leaves out what is as at the start", () => {
    expect(formatPlace(START).size).toBe(0);
    expect([...formatPlace({ ...START, sample: 2 })]).toEqual([["sample", "2"]]);
  });

  it("keeps step 0 and channel 0 apart from none", () => {
    const place = { ...START, step: 0, channel: 0 };
    expect(parsePlace(formatPlace(place))).toEqual(place);
  });

  it.each([
    "-1",
    "1.5",
    "1e3",
    "NaN",
    "Infinity",
    "",
    " 1",
    "9".repeat(400),
    "0x10",
  ])("takes the number %.20j for none", (text) => {
    const keys = ["step", "call", "output", "sample", "channel", "with_step"];
    expect(parsePlace(new Map(keys.map((key) => [key, text])))).toEqual(START);
  });

  it("bounds what is searched for", () => {
    const place = parsePlace(new Map([["find", "x".repeat(5_000)]]));
    expect(place.find).toHaveLength(300);
    expect(formatPlace({ ...START, find: "y".repeat(5_000) }).get("find")).toHaveLength(
      300,
    );
  });

  it("takes unknown words for none", () => {
    const entries = new Map([
      ["view", "__proto__"],
      ["mode", "toString"],
      ["health", "constructor"],
      ["heads", "__proto__"],
      ["health_order", "best"],
      ["table", "yes"],
      ["layer", ""],
      ["toString", "x"],
    ]);
    expect(parsePlace(entries)).toEqual(START);
  });
});
