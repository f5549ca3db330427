import { describe, expect, it } from "vitest";
import { activationOf } from "../../testing/activation_of";
import { tensor } from "../../testing/fake_logs";
import { judgeChannels, readUnitMeasures } from "./channel_filter";

const NAN = Number.NaN;
const DATA = activationOf([
  [0, 0],
  [2, 2],
  [0, NAN],
  [0, 1],
]);

describe("the states of channels", () => {
  it("are those of this sample where nothing else was logged", () => {
    const { overAll, of } = judgeChannels(DATA, null);
    expect(overAll).toBe(false);
    expect(of).toEqual({
      all: [0, 1, 2, 3],
      dead: [0],
      constant: [0, 1],
      nonfinite: [2],
      saturated: null,
    });
  });

  it("are those over all samples where they were measured", () => {
    const stats = Float32Array.from(
      [
        [0, 3, 1, 1, 0.9, 0],
        [2, 2, 2, 0, 0, 0],
        [0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1, 0],
      ].flat(),
    );
    const tensors = new Map([
      ["stats", tensor(stats, [4, 6])],
      ["saturated", tensor(Float32Array.of(0.5, 0.6, NAN, 1))],
    ]);
    const { overAll, of } = judgeChannels(DATA, readUnitMeasures(tensors, DATA.entry));
    expect(overAll).toBe(true);
    expect(of).toEqual({
      all: [0, 1, 2, 3],
      dead: [3],
      constant: [1, 3],
      nonfinite: [2],
      saturated: [1, 3],
    });
  });

  it("do not tell what is saturated where the activation has no bounds", () => {
    const stats = new Float32Array(24);
    const tensors = new Map([["stats", tensor(stats, [4, 6])]]);
    const units = readUnitMeasures(tensors, DATA.entry);
    expect(judgeChannels(DATA, units).of.saturated).toBeNull();
  });
});
