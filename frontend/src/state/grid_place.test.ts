import { describe, expect, it } from "vitest";
import {
  formatCompared,
  formatGridPlace,
  GRID_START,
  type GridPlace,
  parseCompared,
  parseGridPlace,
  parseNumber,
} from "./grid_place";

function roundTrip(change: Partial<GridPlace>): GridPlace {
  const entries = new Map<string, string>();
  formatGridPlace({ ...GRID_START, ...change }, entries);
  return parseGridPlace(entries);
}

describe("how channels are shown, in the address", () => {
  it.each<Partial<GridPlace>>([
    {},
    { order: "std", reversed: true },
    { filter: "saturated" },
    { range: "channel" },
    { range: "pinned" },
    { range: { low: -1.5e-30, high: 3e38 } },
    { compared: { kind: "step", step: "previous" } },
    { compared: { kind: "step", step: "first" } },
    { compared: { kind: "step", step: 0 }, difference: true },
    { compared: { kind: "sample", sample: 7 } },
    { compared: { kind: "run", run: "a:b, c/d" } },
  ])("comes back as it was: %j", (change) => {
    expect(roundTrip(change)).toEqual({ ...GRID_START, ...change });
  });

  it("leaves out what is as at the start", () => {
    const entries = new Map<string, string>();
    formatGridPlace(GRID_START, entries);
    expect(entries.size).toBe(0);
  });

  it.each([
    ["order", "min"],
    ["filter", "__proto__"],
    ["range", "1"],
    ["range", "2,1"],
    ["range", "1,1"],
    ["range", "1,2,3"],
    ["range", "0x1,2"],
    ["range", "-1e999,1"],
    ["vs", "run:"],
    ["vs", "step:-1"],
    ["vs", "step:last"],
    ["vs", "sample:1.5"],
    ["vs", "other:1"],
    ["vs", `run:${"x".repeat(2000)}`],
  ])("takes %s=%.40s as if it were not there", (key, value) => {
    expect(parseGridPlace(new Map([[key, value]]))).toEqual(GRID_START);
  });
});

describe("numbers that are typed", () => {
  it.each([
    ["1", 1],
    [" -2.5e-3 ", -0.0025],
    [".5", 0.5],
    ["+3.", 3],
  ])("may be %j", (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });

  it.each([
    "",
    " ",
    "-",
    "1,5",
    "Infinity",
    "1e999",
    "0x10",
    "1 2",
  ])("may not be %j", (text) => {
    expect(parseNumber(text)).toBeNaN();
  });
});

it("keeps the name of a run as it is", () => {
  expect(parseCompared("run:step:3")).toEqual({ kind: "run", run: "step:3" });
  expect(formatCompared({ kind: "run", run: "step:3" })).toBe("run:step:3");
});
