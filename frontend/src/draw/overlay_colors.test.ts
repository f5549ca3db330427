import { describe, expect, test } from "vitest";
import { findMetric, type Metric } from "../model/overlay/metrics";
import { KNOWN, NO_DATA, type NodeValues } from "../model/overlay/overlay";
import { createOverlayScale, overlayLevels } from "../model/overlay/overlay_scale";
import { inkOn, luminance, paintOverlay } from "./overlay_colors";

function paint(values: readonly (number | null)[], dark = false) {
  const given: NodeValues = {
    metric: findMetric("grad_norm_mean") as Metric,
    values: Float64Array.from(values, (value) => value ?? 0),
    states: Uint8Array.from(values, (value) => (value === null ? NO_DATA : KNOWN)),
    step: 3,
  };
  const scale = createOverlayScale(given, values.keys(), dark);
  return paintOverlay(given, overlayLevels(given, scale), scale, dark);
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [
    number,
    number,
  ];
  return (high + 0.05) / (low + 0.05);
}

describe.each([false, true])("with a dark page: %s", (dark) => {
  test("texts can be read on every colour of every scale", () => {
    const many = Array.from({ length: 256 }, (_, i) => i);
    for (const values of [
      many.map((i) => i + 10),
      many.map((i) => i - 128),
      many.map((i) => 10 ** i),
    ]) {
      const overlay = paint(values, dark);
      for (const node of values.keys()) {
        const fill = overlay.fill(node) ?? "";
        expect(contrast(fill, overlay.ink(node) ?? "")).toBeGreaterThan(4.5);
      }
    }
  });

  test("what has no value differs from all that has one, by more than colour", () => {
    const overlay = paint([null, 1, 2], dark);
    expect(overlay.pattern(0)).toBe("hatched");
    expect(overlay.text(0)).toBe("–");
    expect(overlay.description(0)).toBe("no data");
    expect([overlay.fill(1), overlay.fill(2)]).not.toContain(overlay.fill(0));
  });

  test("what is no number is crossed, signed and named", () => {
    const overlay = paint([Number.NaN, Number.POSITIVE_INFINITY, -1 / 0, 1], dark);
    expect([0, 1, 2, 3].map((node) => overlay.pattern(node))).toEqual([
      "crossed",
      "crossed",
      "crossed",
      "plain",
    ]);
    expect([0, 1, 2].map((node) => overlay.text(node))).toEqual([
      "× NaN",
      "▲ +Inf",
      "▼ -Inf",
    ]);
    expect(overlay.description(0)).toBe("NaN");
    expect(contrast(overlay.fill(0) ?? "", overlay.ink(0) ?? "")).toBeGreaterThan(4.5);
  });
});

test("nothing of what is counted is a plain card", () => {
  const overlay = paint([0, 1, 1_000]);
  expect(overlay.fill(0)).toBeNull();
  expect(overlay.ink(0)).toBeNull();
  expect(overlay.text(0)).toBe("0");
});

test("the ink is the one of more contrast", () => {
  expect(inkOn("#ffffff")).toBe("#000000");
  expect(inkOn("#440154")).toBe("#ffffff");
});
