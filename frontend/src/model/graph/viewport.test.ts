import { describe, expect, test } from "vitest";
import {
  centre,
  firstSight,
  fitScene,
  keepInSight,
  MAX_ZOOM,
  minZoomOf,
  READABLE_ZOOM,
  reveal,
  zoomAround,
} from "./viewport";

const window = { width: 800, height: 600 };

describe("viewport", () => {
  test("zooming leaves the point under the pointer where it is", () => {
    const view = { x: 100, y: 50, zoom: 0.5 };
    const zoomed = zoomAround(view, 1.7, 300, 200, 0.01);
    expect(zoomed.x + 300 / zoomed.zoom).toBeCloseTo(100 + 300 / 0.5);
    expect(zoomed.y + 200 / zoomed.zoom).toBeCloseTo(50 + 200 / 0.5);
    expect(zoomAround(view, 1e9, 0, 0, 0.01).zoom).toBe(MAX_ZOOM);
    expect(zoomAround(view, 1e-9, 0, 0, 0.01).zoom).toBe(0.01);
  });

  test("fit shows the whole scene in the middle", () => {
    const scene = { width: 4_000, height: 1_000 };
    const view = fitScene(scene, window);
    expect(view.x).toBeLessThan(0);
    expect(view.x + window.width / view.zoom).toBeGreaterThan(4_000);
    expect(view.y + window.height / view.zoom / 2).toBeCloseTo(500);
    expect(minZoomOf(scene, window)).toBeLessThan(view.zoom);
  });

  test("first sight is the whole scene if it can be read", () => {
    const scene = { width: 500, height: 700 };
    expect(firstSight(scene, window, 250)).toEqual(fitScene(scene, window));
  });

  test("first sight of a long chain is its beginning, readable", () => {
    const view = firstSight({ width: 200, height: 90_000 }, window, 100);
    expect(view.zoom).toBeGreaterThanOrEqual(READABLE_ZOOM);
    expect(view.y).toBeLessThan(0);
    expect(view.y).toBeGreaterThan(-100);
    expect(view.x + window.width / view.zoom / 2).toBeCloseTo(100);
  });

  test("first sight of a wide scene has its first layer in the middle", () => {
    const view = firstSight({ width: 9_000, height: 9_000 }, window, 7_000);
    expect(view.x + window.width / view.zoom / 2).toBeCloseTo(7_000);
  });

  test("revealing moves no more than needed", () => {
    const view = { x: 0, y: 0, zoom: 1 };
    const seen = { left: 300, top: 300, width: 100, height: 50 };
    expect(reveal(view, window, seen)).toEqual(view);
    const below = reveal(view, window, { ...seen, top: 700 });
    expect(below).toMatchObject({ x: 0, y: 700 + 50 + 40 - 600 });
    const tall = reveal(view, window, { ...seen, top: 700, height: 5_000 });
    expect(tall.y).toBe(700 - 40);
    const middle = centre({ ...view, zoom: 0.1 }, window, { ...seen, top: 700 });
    expect(middle.zoom).toBeGreaterThan(READABLE_ZOOM);
    expect(middle.y + window.height / middle.zoom / 2).toBeCloseTo(725);
  });

  test("the scene cannot be lost", () => {
    const scene = { width: 1_000, height: 1_000 };
    const lost = keepInSight({ x: 9e9, y: -9e9, zoom: 1 }, window, scene);
    expect(lost.x).toBeLessThan(1_000);
    expect(lost.y + window.height).toBeGreaterThan(0);
  });
});
