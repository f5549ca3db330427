import { describe, expect, it } from "vitest";
import { layoutTiles, tileCellAt } from "./kernel_tiles";

const kernel = { height: 3, width: 3 };

describe("tiles of a kernel", () => {
  it("are large where there are few, and small where there are many", () => {
    expect(layoutTiles(3, kernel, 300).cell).toBe(22);
    const many = layoutTiles(512, kernel, 300);
    expect(many.cell).toBe(5);
    expect(many.columns).toBe(16);
    expect(many.height).toBe(32 * many.tileHeight);
  });

  it("fit the panel, however wide a kernel is", () => {
    const wide = layoutTiles(2, { height: 1, width: 100 }, 200);
    expect(wide.columns).toBe(1);
    expect(wide.cell).toBe(2);
  });

  it("tell which weight is under the pointer", () => {
    const layout = layoutTiles(3, kernel, 300);
    expect(tileCellAt(layout, kernel, 3, 0, 0)).toEqual({ tile: 0, row: 0, column: 0 });
    expect(tileCellAt(layout, kernel, 3, 70 + 23, 45)).toEqual({
      tile: 1,
      row: 2,
      column: 1,
    });
    // Between the tiles, and behind the last.
    expect(tileCellAt(layout, kernel, 3, 68, 0)).toBeNull();
    expect(tileCellAt(layout, kernel, 3, 215, 0)).toBeNull();
    expect(tileCellAt(layout, kernel, 3, 0, 500)).toBeNull();
  });
});
