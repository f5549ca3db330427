import { describe, expect, it } from "vitest";
import { activationOf } from "../../testing/activation_of";
import { layerActivation } from "../../testing/fake_logs";
import { findMisfit, MapDifference } from "./map_difference";

const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;

describe("the difference of two maps", () => {
  const a = activationOf([
    [1, 2, NAN, 4, INF],
    [1, 1, 1, 1, 1],
    [0, 0, 0, 0, 0],
  ]);
  const b = activationOf([
    [5, 1, 1, -INF, NAN],
    [1, 1, 1, 1, 1],
    [2, 2, 2, 2, 2],
  ]);
  const difference = new MapDifference(a, b);
  const cells = (position: number) =>
    Array.from({ length: difference.cells }, (_, cell) =>
      difference.valueAt(position, cell),
    );

  it("is b - a, and no number where either is none", () => {
    expect(cells(0)).toEqual([expect.closeTo(4), expect.closeTo(-1), NAN, NAN, NAN]);
    expect(cells(2)).toEqual([2, 2, 2, 2, 2]);
  });

  it("has the mark of b, or else of a", () => {
    const marks = [0, 1, 2, 3, 4].map((cell) => difference.markAt(0, cell));
    expect(marks).toEqual([0, 0, 1, 3, 1]);
    expect(new MapDifference(b, a).markAt(0, 4)).toBe(2);
  });

  it("has the range of what is finite", () => {
    expect(difference.rangeOf(0)).toEqual({
      low: expect.closeTo(-1),
      high: expect.closeTo(4),
    });
    const none = new MapDifference(activationOf([[NAN, 1]]), activationOf([[1, NAN]]));
    expect(none.rangeOf(0)).toBeNull();
    expect(none.isConstant(0)).toBe(false);
  });

  it("tells the channels that are unchanged, or no number", () => {
    expect([0, 1, 2].map((channel) => difference.isConstant(channel))).toEqual([
      false,
      true,
      true,
    ]);
    expect(difference.rangeOf(1)).toEqual({ low: 0, high: 0 });
    expect([0, 1, 2].map((channel) => difference.isBroken(channel))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("is exactly zero of the same capture, and says how far rounding may go", () => {
    const data = activationOf([[0.1, 0.7, 0.35]]);
    const same = new MapDifference(data, data);
    expect(same.rangeOf(0)).toEqual({ low: 0, high: 0 });
    expect(same.rounding(0)).toBeCloseTo(0.6 / 255, 7);
  });

  it("has the channels that both have maps of", () => {
    const maps = [[1], [2], [3], [4]];
    const left = activationOf(maps, { kept_channels: [0, 2, 3] });
    const right = activationOf(
      maps.map(([value = 0]) => [value * 10]),
      { kept_channels: [1, 2, 3] },
    );
    const both = new MapDifference(left, right);
    expect(both.count).toBe(2);
    expect([0, 1].map((position) => both.channelAt(position))).toEqual([2, 3]);
    expect(both.positionOf(1)).toBeNull();
    expect(both.valueAt(1, 0)).toBe(36);
    expect(both.entry.kept_channels).toEqual([2, 3]);
  });

  it("takes the whole range of float32", () => {
    const huge = new MapDifference(activationOf([[-3e38]]), activationOf([[3e38]]));
    expect(huge.valueAt(0, 0)).toBeCloseTo(6e38, -33);
  });
});

describe("two outputs", () => {
  const entry = layerActivation("a");

  it("fit if their cells are the same", () => {
    expect(findMisfit(entry, { ...entry, path: "b", kept_channels: [1] })).toBe("");
  });

  it.each([
    [{ channels: 4, shape: [2, 2, 2, 4] }, "(2, 2, 2, 4) there and (2, 2, 2, 3) here"],
    [{ kind: "vector" as const }, "no cells in common"],
    [{ full_map: [9, 9] as const }, "9x9 there and 2x2 here"],
    [{ kept_map: [1, 1] as const }, "keep maps of 1x1 there and of 2x2 here"],
  ])("do not fit with %j, and it says why", (change, sentence) => {
    expect(findMisfit({ ...entry, ...change }, entry)).toContain(sentence);
  });
});
