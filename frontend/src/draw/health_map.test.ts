import { describe, expect, it } from "vitest";
import { healthCellAt, labelledSteps, layoutHealth, ROW_HEIGHT } from "./health_map";

describe("the layout of the map", () => {
  it("has wide cells while there is room, and fits all columns in any case", () => {
    expect(layoutHealth(3, 1000).cellWidth).toBe(56);
    const many = layoutHealth(500, 1000);
    expect(many.cellWidth * 500).toBeCloseTo(1000);
  });

  it("finds the cell at a place", () => {
    const layout = layoutHealth(10, 100);
    expect(healthCellAt(layout, 5, 25, ROW_HEIGHT * 3 + 1)).toEqual({
      row: 3,
      column: 2,
    });
    expect(healthCellAt(layout, 5, 101, 1)).toBeNull();
    expect(healthCellAt(layout, 5, -1, 1)).toBeNull();
    expect(healthCellAt(layout, 5, 1, ROW_HEIGHT * 5)).toBeNull();
  });
});

describe("the steps' numbers", () => {
  const label = (columns: number, width: number, current: number | null) =>
    labelledSteps(
      Array.from({ length: columns }, (_, at) => at * 100),
      width,
      current,
      (text) => text.length * 6,
      String,
    );

  it("are all there where they fit", () => {
    expect(label(4, 50, null)).toEqual([0, 1, 2, 3]);
  });

  it("always have the shown and the last step, and never touch", () => {
    const shown = label(100, 8, 40);
    expect(shown).toContain(40);
    expect(shown).toContain(99);
    for (const [at, column] of shown.slice(1).entries()) {
      expect((column - (shown[at] as number)) * 8).toBeGreaterThan(18);
    }
    expect(label(0, 10, null)).toEqual([]);
  });
});
