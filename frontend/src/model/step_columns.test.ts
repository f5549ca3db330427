import { describe, expect, it } from "vitest";
import { columnAt, placeColumns, shareOfStep } from "./step_columns";

describe("placeColumns", () => {
  it("fills the axis where steps are equally far apart", () => {
    expect(placeColumns([0, 10, 20])).toEqual({
      low: -5,
      high: 25,
      columns: [
        { from: -5, to: 5 },
        { from: 5, to: 15 },
        { from: 15, to: 25 },
      ],
    });
  });

  it("leaves a gap where captures are further apart, and never overlaps", () => {
    const { columns } = placeColumns([0, 10, 20, 100, 110]);
    expect(columns.slice(2)).toEqual([
      { from: 15, to: 25 },
      { from: 95, to: 105 },
      { from: 105, to: 115 },
    ]);
    const growing = placeColumns([0, 1, 2, 4, 8, 16, 32, 64]).columns;
    growing.slice(1).forEach(({ from }, at) => {
      expect(from).toBeGreaterThanOrEqual(growing[at]?.to ?? 0);
    });
  });

  it("makes no wide column of one capture after a long gap", () => {
    expect(placeColumns([0, 10, 20, 100]).columns.at(-1)).toEqual({
      from: 95,
      to: 105,
    });
    expect(placeColumns([0, 80, 90, 100]).columns[0]).toEqual({ from: -5, to: 5 });
    expect(placeColumns([0, 100])).toMatchObject({ low: -50, high: 150 });
  });

  it("has room for a single step", () => {
    const one = placeColumns([7]);
    expect(one).toEqual({ low: 6.5, high: 7.5, columns: [{ from: 6.5, to: 7.5 }] });
    expect(shareOfStep(one, 7)).toBe(0.5);
  });
});

describe("columnAt", () => {
  it("finds the nearest step, in a gap and beyond the ends too", () => {
    const steps = [0, 10, 20, 100];
    const placed = placeColumns(steps);
    expect(
      steps.map((step) => columnAt(steps, placed, shareOfStep(placed, step))),
    ).toEqual([0, 1, 2, 3]);
    expect(columnAt(steps, placed, shareOfStep(placed, 59))).toBe(2);
    expect(columnAt(steps, placed, shareOfStep(placed, 61))).toBe(3);
    expect([columnAt(steps, placed, -1), columnAt(steps, placed, 2)]).toEqual([0, 3]);
  });
});
