import { describe, expect, it } from "vitest";
import { linesScale, placeNames } from "./class_lines";

const line = (name: string, ...values: (number | null)[]) => ({
  name,
  index: Number(name),
  values,
});

describe("lines of classes", () => {
  it("lie between 0 and 1 where they are shares", () => {
    const lines = [line("1", 0.2, 0.4)];
    const scale = linesScale(lines, [0, 10], true, true, 300, 100);
    expect([scale.low, scale.high]).toEqual([0, 1]);
    expect(scale.y(1)).toBe(scale.top);
    expect(scale.y(0)).toBe(scale.bottom);
    expect(scale.x(0)).toBe(scale.left);
    expect(scale.x(10)).toBe(scale.right);
  });

  it("fill the plot where they are no shares, also if there is but one value", () => {
    const scale = linesScale(
      [line("1", -3, Number.NaN, 5)],
      [0, 1, 2],
      false,
      true,
      300,
      100,
    );
    expect([scale.low, scale.high]).toEqual([-3, 5]);
    const flat = linesScale([line("1", 2)], [7], false, true, 300, 100);
    expect([flat.low, flat.high]).toEqual([2, 3]);
    expect(flat.x(7)).toBe((flat.left + flat.right) / 2);
    expect(linesScale([], [], false, true, 300, 100).indexAt(5)).toBeNull();
  });

  it("find the nearest step", () => {
    const scale = linesScale(
      [line("1", 1, 2, 3)],
      [0, 10, 100],
      false,
      false,
      300,
      100,
    );
    expect(scale.indexAt(-50)).toBe(0);
    expect(scale.indexAt(scale.x(10) + 3)).toBe(1);
    expect(scale.indexAt(9999)).toBe(2);
  });

  it("keep their names apart, above the axis", () => {
    const lines = [line("1", 0.5), line("2", 0.5), line("3", 0), line("4", null)];
    const scale = linesScale(lines, [0], true, true, 300, 100);
    const places = placeNames(lines, scale);
    expect(places.map(({ at }) => at)).toEqual([2, 0, 1]);
    const heights = places.map(({ y }) => y);
    expect(heights[0]).toBeLessThanOrEqual(scale.bottom);
    expect((heights[1] ?? 0) - (heights[2] ?? 0)).toBeGreaterThanOrEqual(11);
  });
});
