import { describe, expect, it } from "vitest";
import { layoutMatrix, matrixCellAt } from "./attention_map";

describe("the layout of a matrix", () => {
  it("has whole pixels per cell where there is room, and fits in any case", () => {
    const small = layoutMatrix(10, 10, 600, 500, ["a long token"]);
    expect(small.cell).toBe(38);
    const large = layoutMatrix(512, 512, 600, 500);
    expect(large.cell * 512).toBeLessThanOrEqual(512);
    const wide = layoutMatrix(4, 40, 600, 500, ["token"]);
    expect(wide.left + wide.cell * 40).toBeLessThanOrEqual(600);
  });

  it("finds the cell at a place", () => {
    const layout = layoutMatrix(3, 5, 600, 500, ["a"]);
    const { left, top, cell } = layout;
    expect(matrixCellAt(layout, left + 4.5 * cell, top + 2.5 * cell)).toEqual({
      query: 2,
      key: 4,
    });
    expect(matrixCellAt(layout, left - 1, top + 1)).toBeNull();
    expect(matrixCellAt(layout, left + 5 * cell + 1, top + 1)).toBeNull();
    expect(matrixCellAt(layout, left + 1, top + 3 * cell + 1)).toBeNull();
  });
});
