import { expect, it } from "vitest";
import { scrollTo, windowRows } from "./windowing";

it("keeps the rows in view and a few beyond", () => {
  const { from, to } = windowRows(10_000, 20, 4000, 300);
  expect(from).toBeLessThanOrEqual(200);
  expect(to).toBeGreaterThanOrEqual(215);
  expect(to - from).toBeLessThan(40);
  expect(windowRows(3, 20, 0, 300)).toEqual({ from: 0, to: 3 });
  expect(windowRows(0, 20, 900, 300)).toEqual({ from: 0, to: 0 });
  expect(windowRows(3, 20, 9000, 300)).toEqual({ from: 3, to: 3 });
});

it("scrolls as little as it must", () => {
  expect(scrollTo(10, 20, 150, 300)).toBe(150);
  expect(scrollTo(2, 20, 150, 300)).toBe(40);
  expect(scrollTo(30, 20, 150, 300)).toBe(320);
});
