import { describe, expect, it } from "vitest";
import { roundTicks } from "./round_ticks";

describe("roundTicks", () => {
  it.each([
    [0, 276, 5, 1, [0, 100, 200]],
    [-12, 288, 7, 1, [0, 50, 100, 150, 200, 250]],
    [6.5, 7.5, 6, 1, [7]],
    [-0.28, 0.3, 6, 0, [-0.2, -0.1, 0, 0.1, 0.2, 0.3]],
    [1e-9, 4e-9, 4, 0, [1e-9, 2e-9, 3e-9, 4e-9]],
    [3, 3, 5, 0, []],
  ])("from %d to %d has at most %d", (low, high, most, finest, wanted) => {
    expect(roundTicks(low, high, most, finest)).toEqual(wanted);
  });

  it("is exactly zero at zero", () => {
    for (const high of [0.3, 0.7, 1.1, 123.4]) {
      expect(roundTicks(-high, high, 7)).toContain(0);
    }
  });
});
