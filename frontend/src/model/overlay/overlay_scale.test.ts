import { describe, expect, test } from "vitest";
import { findMetric, type Metric, type MetricId } from "./metrics";
import { KNOWN, NO_DATA, type NodeValues } from "./overlay";
import {
  createOverlayScale,
  INFINITE_LEVEL,
  levelOf,
  NAN_LEVEL,
  NO_DATA_LEVEL,
  overlayLevels,
  ZERO_LEVEL,
} from "./overlay_scale";

/** Values of a metric; null where there are none. */
function valuesOf(id: MetricId, values: readonly (number | null)[]): NodeValues {
  return {
    metric: findMetric(id) as Metric,
    values: Float64Array.from(values, (value) => value ?? 0),
    states: Uint8Array.from(values, (value) => (value === null ? NO_DATA : KNOWN)),
    step: null,
  };
}

function scaleOf(values: NodeValues) {
  const scale = createOverlayScale(values, values.values.keys(), false);
  if (scale === null) {
    throw new Error("There is no scale.");
  }
  return scale;
}

describe("the scale", () => {
  test("is logarithmic from two decades on, with the decades as ticks", () => {
    const values = valuesOf("grad_norm_mean", [0.001, 0.1, 10]);
    const scale = scaleOf(values);
    expect(scale.kind).toBe("log");
    expect(scale.ticks.map((tick) => tick.text)).toEqual([
      "0.001",
      "0.01",
      "0.1",
      "1",
      "10",
    ]);
    expect([...overlayLevels(values, scale)]).toEqual([0, 128, 255]);
  });

  test("is linear up to two decades", () => {
    const scale = scaleOf(valuesOf("weight_norm", [1, 99]));
    expect(scale.kind).toBe("linear");
    expect(scale.ticks.map((tick) => tick.text)).toEqual(["1", "50", "99"]);
  });

  test("has zero in its middle where values are negative", () => {
    const values = valuesOf("activation_mean", [-4, 0, 1]);
    const scale = scaleOf(values);
    expect(scale.kind).toBe("diverging");
    expect(scale.ticks.map((tick) => tick.text)).toEqual(["-4", "0", "4"]);
    const [low, zero, high] = overlayLevels(values, scale);
    expect(low).toBe(0);
    expect(zero).toBe(128);
    expect(high).toBe(159);
  });

  test("of a share is all of it, whatever values there are", () => {
    const scale = scaleOf(valuesOf("activation_zero_fraction", [0.4, 0.5]));
    expect(scale.ticks.map((tick) => tick.text)).toEqual(["0%", "50%", "100%"]);
    expect(levelOf(scale, 1)).toBe(255);
    expect(levelOf(scale, 0)).toBe(0);
  });

  test("of counts leaves nothing plain", () => {
    const values = valuesOf("params", [0, 100, 200]);
    expect([...overlayLevels(values, scaleOf(values))]).toEqual([ZERO_LEVEL, 0, 255]);
  });

  test("a logarithm has no place for zero", () => {
    const values = valuesOf("grad_norm_max", [0, 1e-6, 1]);
    expect([...overlayLevels(values, scaleOf(values))]).toEqual([ZERO_LEVEL, 0, 255]);
  });

  test("never has more numbers than fit", () => {
    for (const high of [1e3, 1e6, 1e12, 1e30, 1e300]) {
      const { ticks } = scaleOf(valuesOf("params", [1, high]));
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(5);
      expect(ticks.every(({ at }) => at >= 0 && at <= 1)).toBe(true);
    }
  });

  test("bytes have round ticks", () => {
    const { ticks } = scaleOf(valuesOf("activation_bytes", [16, 2 ** 14]));
    expect(ticks.map((tick) => tick.text)).toEqual(
      ["16 B", "64 B", "256 B", "1 KB", "4 KB", "16 KB"].filter((_, i) => i % 2 === 0),
    );
  });

  test("depends on the given nodes alone", () => {
    const values = valuesOf("params", [5, 10, 1e9]);
    expect(createOverlayScale(values, [0, 1], false)?.colors.high).toBe(10);
  });

  test("of one value only has one number", () => {
    const values = valuesOf("params", [42]);
    const scale = scaleOf(values);
    expect(scale.ticks.map((tick) => tick.text)).toEqual(["42"]);
    expect(overlayLevels(values, scale)[0]).toBeGreaterThan(0);
  });
});

describe("what is no number", () => {
  test("has levels of its own", () => {
    const values = valuesOf("grad_norm_mean", [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      null,
      1,
    ]);
    expect([...overlayLevels(values, scaleOf(values))].slice(0, 4)).toEqual([
      NAN_LEVEL,
      INFINITE_LEVEL,
      INFINITE_LEVEL,
      NO_DATA_LEVEL,
    ]);
  });

  test("makes no scale by itself", () => {
    const values = valuesOf("grad_norm_mean", [Number.NaN, null]);
    expect(createOverlayScale(values, [0, 1], false)).toBeNull();
    expect([...overlayLevels(values, null)]).toEqual([NAN_LEVEL, NO_DATA_LEVEL]);
  });
});
