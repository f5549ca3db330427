import { describe, expect, it } from "vitest";
import { createColorScale, cssPixel, NONFINITE_COLORS } from "../model/color_scale";
import { ActivationData } from "../model/tensor_view";
import { activationTensors, layerActivation } from "../testing/fake_logs";
import { colorMap, fitSize, layoutGrid, tileCorner, visibleTiles } from "./map_grid";

describe("colorMap", () => {
  it("puts a map's colours where they belong, and marks what is no number", () => {
    const entry = layerActivation("conv", { channels: 2 });
    const marks = new Map([
      [5, 1],
      [6, 2],
      [7, 3],
    ]);
    const data = ActivationData.create(activationTensors(entry, marks), entry);
    const scale = createColorScale(0, 2, false);
    const pixels = new Uint32Array(4 * 3);
    colorMap(data, 1, scale, pixels, 1, 4);
    const [, nan, plus, minus] = NONFINITE_COLORS.map(cssPixel);
    expect(Array.from(pixels)).toEqual([
      ...[0, scale.lut[128], nan, 0],
      ...[0, plus, minus, 0],
      ...[0, 0, 0, 0],
    ]);
  });
});

describe("layoutGrid", () => {
  it("holds all tiles without overlap, within the width", () => {
    for (const [count, height, width, size, room] of [
      [1, 28, 28, 96, 800],
      [64, 28, 28, 96, 800],
      [2048, 7, 7, 24, 333],
      [3, 1, 512, 100, 50],
      [5, 200, 2, 64, 500],
    ] as const) {
      const layout = layoutGrid(count, height, width, size, room);
      const seen = new Set<string>();
      for (let tile = 0; tile < count; tile += 1) {
        const { x, y } = tileCorner(layout, tile);
        seen.add(`${x} ${y}`);
        expect(y + layout.tileHeight).toBeLessThanOrEqual(layout.height);
        expect(layout.columns === 1 || x + layout.mapWidth <= room).toBe(true);
      }
      expect(seen.size).toBe(count);
      expect(layout.mapWidth).toBeLessThan(layout.tileWidth);
      expect(layout.mapHeight).toBeLessThan(layout.tileHeight);
    }
  });

  it("draws exactly the rows in view", () => {
    const layout = layoutGrid(1000, 8, 8, 50, 600);
    const { from, to } = visibleTiles(layout, 1000, 700, 300);
    expect(from % layout.columns).toBe(0);
    expect(tileCorner(layout, from).y).toBeLessThanOrEqual(706);
    expect(tileCorner(layout, to).y).toBeGreaterThanOrEqual(1000);
    expect(to - from).toBeLessThan(8 * layout.columns);
    expect(visibleTiles(layout, 3, 0, 300)).toEqual({ from: 0, to: 3 });
    expect(visibleTiles(layout, 0, 0, 300)).toEqual({ from: 0, to: 0 });
  });
});

describe("fitSize", () => {
  it("takes the largest size that shows all, but none too small to see", () => {
    const size = fitSize(16, 8, 8, 1100, 600);
    expect(layoutGrid(16, 8, 8, size, 1100).height).toBeLessThanOrEqual(600);
    expect(size).toBe(160);
    expect(fitSize(2048, 7, 7, 800, 400)).toBe(48);
    expect(fitSize(16, 8, 8, 0, 0)).toBe(48);
  });
});
