import { describe, expect, it } from "vitest";
import { layoutSheet } from "./contact_sheet";

describe("the sheet of a layer's maps", () => {
  it("has whole pixels per cell and is about as wide as high", () => {
    const layout = layoutSheet(32, 24, 24);
    expect(layout.mapWidth).toBe(96);
    expect(layout.columns * Math.ceil(32 / layout.columns)).toBeGreaterThanOrEqual(32);
    expect(layout.width / layout.height).toBeGreaterThan(0.6);
    expect(layout.width / layout.height).toBeLessThan(1.7);
  });

  it("has smaller maps where there are thousands, so that a browser can draw it", () => {
    const layout = layoutSheet(20_000, 28, 28);
    expect(Math.max(layout.width, layout.height)).toBeLessThanOrEqual(16_000);
    expect(layout.mapWidth % 28).toBe(0);
  });

  it("takes maps of any form", () => {
    expect(layoutSheet(1, 1, 300)).toMatchObject({ columns: 1, mapWidth: 300 });
    expect(layoutSheet(3, 7, 1).mapHeight).toBe(98);
  });
});
