import { describe, expect, it } from "vitest";
import { activationTensors, layerActivation, tensor } from "../testing/fake_logs";
import { WireError } from "../wire/decode";
import type { Tensors } from "../wire/safetensors";
import { ActivationData, activationData } from "./tensor_view";

describe("ActivationData", () => {
  const entry = layerActivation("conv", { channels: 5, kept_channels: [1, 3] });

  it("de-quantises as offset + scale * code", () => {
    const tensors = new Map(activationTensors(entry));
    tensors.set("maps", tensor(Uint8Array.of(0, 1, 2, 255, 7, 0, 0, 255), [2, 2, 2]));
    tensors.set("scale", tensor(Float32Array.of(0.5, 2)));
    tensors.set("offset", tensor(Float32Array.of(-3, 10)));
    const data = ActivationData.create(tensors, entry);
    expect([0, 1, 2, 3].map((cell) => data.valueAt(0, cell))).toEqual([
      -3, -2.5, -2, 124.5,
    ]);
    expect([0, 1, 2, 3].map((cell) => data.valueAt(1, cell))).toEqual([
      24, 10, 10, 520,
    ]);
    expect(data.rangeOf(0)).toEqual({ low: -3, high: 124.5 });
    expect(data.range()).toEqual({ low: -3, high: 520 });
  });

  it("knows which channel lies where", () => {
    const data = ActivationData.create(activationTensors(entry), entry);
    expect(data.count).toBe(2);
    expect([data.channelAt(0), data.channelAt(1), data.channelAt(2)]).toEqual([
      1, 3, -1,
    ]);
    expect([0, 1, 2, 3].map((c) => data.positionOf(c))).toEqual([null, 0, null, 1]);
  });

  it("has statistics of every channel, kept or not", () => {
    const data = ActivationData.create(activationTensors(entry), entry);
    expect([0, 1, 2, 3, 4].map((channel) => data.stat(channel, "min"))).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(data.stat(5, "min")).toBeNaN();
  });

  it("gives NaN and infinities back as they are", () => {
    const marks = new Map([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    const data = ActivationData.create(activationTensors(entry, marks), entry);
    expect([0, 1, 2, 3].map((cell) => data.valueAt(0, cell))).toEqual([
      Number.NaN,
      Infinity,
      -Infinity,
      1 + Math.fround(1 / 255) * 3,
    ]);
    expect([0, 1, 2, 3].map((cell) => data.markAt(0, cell))).toEqual([1, 2, 3, 0]);
    expect(data.rangeOf(0)).not.toBeNull();
    expect(data.stat(1, "nonfinite")).toBe(3);
    expect(data.isConstant(1)).toBe(false);
  });

  it("has no range where nothing is finite", () => {
    const single = layerActivation("conv", { channels: 1 });
    const marks = new Map([0, 1, 2, 3].map((cell) => [cell, 1]));
    const data = ActivationData.create(activationTensors(single, marks), single);
    expect(data.rangeOf(0)).toBeNull();
    expect(data.range()).toEqual({ low: 0, high: 0 });
  });

  it("finds the value of a unit whose map was not kept", () => {
    const vector = layerActivation("dense", {
      kind: "vector",
      channels: 3,
      kept_channels: [0, 2],
      full_map: [1, 1],
      kept_map: [1, 1],
    });
    const data = ActivationData.create(activationTensors(vector), vector);
    expect([0, 1, 2].map((unit) => data.unitValue(unit))).toEqual([0, 1, 2]);
    expect(data.isConstant(1)).toBe(true);
  });

  it.each([
    ["maps", undefined, 'has no array "maps"'],
    ["maps", tensor(new Uint8Array(8), [2, 4]), "maps is [2, 4] for [2, 2, 2]"],
    ["scale", tensor(new Float32Array(3)), "scale is [3] for [2]"],
    ["stats", tensor(new Float32Array(12), [2, 6]), "stats is [2, 6] for [5, 6]"],
    ["offset", tensor(new Uint8Array(2)), '"offset" is of type U8'],
    ["nonfinite", tensor(new Uint8Array(4), [1, 2, 2]), "nonfinite is [1, 2, 2]"],
  ])("refuses arrays that do not fit the index: %s", (name, value, message) => {
    const tensors = new Map(activationTensors(entry));
    tensors.delete(name);
    if (value !== undefined) {
      tensors.set(name, value);
    }
    expect(() => ActivationData.create(tensors, entry)).toThrow(WireError);
    expect(() => ActivationData.create(tensors, entry)).toThrow(message);
  });

  it("is the same object for the same arrays", () => {
    const tensors: Tensors = activationTensors(entry);
    expect(activationData(tensors, entry)).toBe(activationData(tensors, entry));
    expect(activationData(tensors, { ...entry })).not.toBe(
      activationData(tensors, entry),
    );
  });
});
