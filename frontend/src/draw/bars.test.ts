import { describe, expect, it } from "vitest";
import { barCorner, labelStep, layoutBars, unitAt } from "./bars";
import { rangeWithZero } from "./line_plot";
import { layoutSequence, sequenceCellAt } from "./sequence";

describe("layoutBars", () => {
  it.each([1, 10, 100, 4096])("finds each of %d units where it was put", (count) => {
    const values = Array.from({ length: count }, (_, unit) => unit - 3);
    const layout = layoutBars(values, 900, 500);
    for (let unit = 0; unit < count; unit += 1) {
      const { x, y } = barCorner(layout, unit);
      expect(unitAt(layout, x + layout.barWidth / 2, y + 10)).toBe(unit);
      expect(x + layout.barWidth).toBeLessThanOrEqual(900);
    }
    expect(layout.strips * layout.perStrip).toBeGreaterThanOrEqual(count);
    expect(unitAt(layout, 2, 10)).toBeNull();
    expect(unitAt(layout, 100, -1)).toBeNull();
    expect(unitAt(layout, 100, layout.height + 1)).toBeNull();
  });

  it("wraps what is too wide into even strips", () => {
    const layout = layoutBars(new Array(1000).fill(1), 900, 500);
    expect(layout.strips).toBeGreaterThan(1);
    expect(layout.barWidth).toBeGreaterThanOrEqual(5);
  });

  it("takes a vector without a finite value", () => {
    const layout = layoutBars([Number.NaN, Infinity], 900, 500);
    expect(layout).toMatchObject({ low: 0, high: 1 });
  });
});

describe("rangeWithZero", () => {
  it("holds zero and all finite values", () => {
    expect(rangeWithZero([2, 3, Number.NaN])).toEqual({ low: 0, high: 3 });
    expect(rangeWithZero([-2, -Infinity])).toEqual({ low: -2, high: 0 });
    expect(rangeWithZero([])).toEqual({ low: 0, high: 0 });
  });
});

describe("labelStep", () => {
  it("is 1, 2, 5, 10, ... and leaves room", () => {
    expect([30, 15, 6, 3, 0.5].map((pixels) => labelStep(pixels))).toEqual([
      1, 2, 5, 10, 100,
    ]);
    expect(labelStep(0)).toBeGreaterThan(1e6);
  });
});

describe("layoutSequence", () => {
  it("finds each cell where it was put", () => {
    for (const [units, steps] of [
      [24, 8],
      [512, 512],
      [1, 1],
    ] as const) {
      const layout = layoutSequence(units, steps, 800, 500);
      const x = (step: number) => 56 + (step + 0.5) * layout.cellWidth;
      const y = (row: number) => 8 + (row + 0.5) * layout.cellHeight;
      expect(sequenceCellAt(layout, x(0), y(0))).toEqual({ row: 0, step: 0 });
      expect(sequenceCellAt(layout, x(steps - 1), y(units - 1))).toEqual({
        row: units - 1,
        step: steps - 1,
      });
      expect(sequenceCellAt(layout, x(steps), y(0))).toBeNull();
      expect(sequenceCellAt(layout, x(0), y(units))).toBeNull();
      expect(sequenceCellAt(layout, 3, 3)).toBeNull();
    }
  });
});
