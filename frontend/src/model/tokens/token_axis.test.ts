import { describe, expect, it } from "vitest";
import {
  PROBE_INDEX_DEFAULTS,
  PROBE_INPUT_DEFAULTS,
  type ProbeIndex,
} from "../../wire/generated";
import { findTokenAxes, showToken } from "./token_axis";

function probe(inputs: Record<string, string[][]>): ProbeIndex {
  return {
    ...PROBE_INDEX_DEFAULTS,
    version: 2,
    samples: 2,
    probe_samples: 2,
    labels: [],
    inputs: Object.entries(inputs).map(([name, tokens]) => ({
      ...PROBE_INPUT_DEFAULTS,
      name,
      shape: [2, 4],
      dtype: "int32",
      picture: false,
      low: 0,
      high: 0,
      members: [],
      cut: "",
      tokens,
    })),
  };
}

describe("the tokens of a sequence", () => {
  const both = probe({
    padding_mask: [
      ["1", "1", "1", "0"],
      ["1", "0", "0", "0"],
    ],
    token_ids: [
      ["a", "b", "a", "c"],
      ["x", "y", "z", ""],
    ],
    other: [["long", "er", "than", "it", "is"], []],
    picture: [],
  });

  it("are of an input that is as long, the most telling one first", () => {
    expect(findTokenAxes(both, 1, 4).map((axis) => axis.input)).toEqual([
      "token_ids",
      "padding_mask",
    ]);
    expect(findTokenAxes(both, 1, 4)[0]?.texts).toEqual(["x", "y", "z", ""]);
    expect(findTokenAxes(both, 0, 5).map((axis) => axis.input)).toEqual(["other"]);
  });

  it("are none where nothing fits", () => {
    expect(findTokenAxes(both, 0, 3)).toEqual([]);
    expect(findTokenAxes(both, 9, 4)).toEqual([]);
    expect(findTokenAxes(both, 1, 0)).toEqual([]);
    expect(findTokenAxes(undefined, 0, 4)).toEqual([]);
  });

  it("can be seen", () => {
    expect([" ", "\n", "", "ab", "a b", "a\tb"].map(showToken)).toEqual([
      "␣",
      "⏎",
      "∅",
      "ab",
      "a b",
      "a⇥b",
    ]);
  });
});
