import { describe, expect, it } from "vitest";
import { activationOf } from "../../testing/activation_of";
import { layerActivation } from "../../testing/fake_logs";
import { colorIndex } from "../color_scale";
import { createDifferenceScales, createScales, pinnedRange } from "./channel_scales";
import { MapDifference } from "./map_difference";

const NAN = Number.NaN;
const A = activationOf([
  [0, 2],
  [1, 4],
]);
const B = activationOf([
  [0, 8],
  [-3, 1],
]);

describe("the colours of values", () => {
  it("are the same in both of what is compared", () => {
    expect(createScales([A], "layer", null, false).of(0)).toMatchObject({
      kind: "sequential",
      low: 0,
      high: expect.closeTo(4),
    });
    const both = createScales([A, B], "layer", null, false);
    expect(both.of(0)).toMatchObject({
      kind: "diverging",
      low: expect.closeTo(-8),
      high: expect.closeTo(8),
    });
    expect(both.of(1)).toBe(both.of(0));
    expect(both.own).toBe(false);
  });

  it("have a range of their own per channel, centred at zero as the layer is", () => {
    const both = createScales([A, B], "channel", null, false);
    expect(both.own).toBe(true);
    expect(both.of(1)).toMatchObject({
      low: expect.closeTo(-4),
      high: expect.closeTo(4),
    });
    expect(both.of(0)).toMatchObject({
      kind: "diverging",
      low: expect.closeTo(-8),
      high: expect.closeTo(8),
    });
    expect(createScales([A], "channel", null, false).of(0)).toMatchObject({
      kind: "sequential",
      high: expect.closeTo(2),
    });
  });

  it("are the pinned ones at every step, and say what lies beyond", () => {
    const pinned = { low: 0, high: 5 };
    const small = createScales([A], "pinned", pinned, false);
    expect(small.of(0)).toMatchObject({ low: 0, high: expect.closeTo(5) });
    expect(small).toMatchObject({ below: false, above: false });
    const large = createScales([B], "pinned", pinned, false);
    expect(large.of(0)).toMatchObject({ low: 0, high: expect.closeTo(5) });
    expect(large).toMatchObject({ below: true, above: true });
    expect(createScales([A], "pinned", null, false).of(0)).toMatchObject({
      high: expect.closeTo(4),
    });
  });

  it("reach exactly from one given number to the other", () => {
    const scales = createScales([B], { low: -1, high: 3 }, null, false);
    expect(scales.of(0)).toMatchObject({
      kind: "diverging",
      low: -1,
      high: expect.closeTo(3),
    });
    expect(scales).toMatchObject({ below: true, above: true });
    // Zero has the colour that it has with any other range.
    const zero = scales.of(0).lut[colorIndex(scales.of(0), 0)];
    const even = createScales([B], "layer", null, false).of(0);
    expect(zero).toBe(even.lut[colorIndex(even, 0)]);
  });

  it("are not called clipped by what the log rounds", () => {
    const data = activationOf([[0, 1.001]]);
    expect(createScales([data], { low: 0, high: 1 }, null, false).above).toBe(false);
  });

  it("have some range where nothing is finite", () => {
    const data = activationOf([[NAN, NAN]]);
    for (const choice of ["layer", "channel", "pinned"] as const) {
      expect(createScales([data], choice, null, false).of(0)).toMatchObject({
        low: 0,
        high: 0,
      });
    }
  });
});

describe("the colours of a difference", () => {
  const difference = new MapDifference(A, B);

  it("are the same strength on both sides of zero", () => {
    const scales = createDifferenceScales(difference, "layer", null, false);
    expect(scales.of(0)).toMatchObject({
      kind: "diverging",
      low: expect.closeTo(-6),
      high: expect.closeTo(6),
    });
    expect(scales.of(0).lut).not.toBe(
      createScales([B], "layer", null, false).of(0).lut,
    );
    const own = createDifferenceScales(difference, "channel", null, false);
    expect(own.of(1)).toMatchObject({
      low: expect.closeTo(-4),
      high: expect.closeTo(4),
    });
  });

  it("reach as far as two values of a fixed range can be apart", () => {
    const pinned = { low: -1, high: 4 };
    expect(
      createDifferenceScales(difference, "pinned", pinned, false).of(0),
    ).toMatchObject({ low: expect.closeTo(-5), high: expect.closeTo(5) });
    const typed = createDifferenceScales(
      difference,
      { low: 0, high: 2 },
      pinned,
      false,
    );
    expect(typed.of(0)).toMatchObject({
      low: expect.closeTo(-2),
      high: expect.closeTo(2),
    });
    expect(typed).toMatchObject({ below: true, above: true });
  });

  it("are the middle one where nothing differs", () => {
    const same = new MapDifference(A, A);
    for (const choice of ["layer", "channel"] as const) {
      const scale = createDifferenceScales(same, choice, null, false).of(0);
      expect(scale.lut[colorIndex(scale, 0)]).toBe(scale.lut[128]);
    }
  });
});

describe("the pinned range", () => {
  it("holds all captures, as far as they say", () => {
    const entry = layerActivation("a");
    const with_ = (...summary: (number | null)[]) => ({ ...entry, summary });
    expect(
      pinnedRange([with_(-1, 2, 0, 0, 0, 0), entry, with_(0, 7, 0, 0, 0, 3)]),
    ).toEqual({ low: -1, high: expect.closeTo(7) });
    expect(pinnedRange([entry, with_(null, null, null, null, null, 4)])).toBeNull();
  });
});
