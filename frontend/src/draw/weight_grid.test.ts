import { describe, expect, it } from "vitest";
import { layOut } from "../model/weights/weight_picture";
import { gridCellAt, layoutGrid, placeOfCell } from "./weight_grid";

describe("the grid of a variable", () => {
  it("finds each cell again where it lies, and nothing between tiles", () => {
    const picture = layOut([3, 3, 2, 4], 2);
    const layout = layoutGrid(picture, 500);
    for (const cell of [
      { row: 0, column: 0 },
      { row: 3, column: 5 },
      { row: 5, column: 11 },
    ]) {
      const { x, y } = placeOfCell(picture, layout, cell);
      expect(gridCellAt(picture, layout, x + 1, y + 1)).toEqual(cell);
    }
    expect(gridCellAt(picture, layout, 3 * layout.cell + 1, 1)).toBeNull();
    expect(gridCellAt(picture, layout, layout.width + 1, 1)).toBeNull();
    expect(gridCellAt(picture, layout, -1, 1)).toBeNull();
  });

  it("fits the width, but never makes cells too small to point at", () => {
    const small = layoutGrid(layOut([10, 20], 0), 400);
    expect(small.width).toBeLessThanOrEqual(400);
    const large = layoutGrid(layOut([2000, 2000], 0), 400);
    expect(large.cell).toBe(3);
    expect(large.width).toBe(6000);
  });
});
