import { describe, expect, it } from "vitest";
import { activationOf } from "../../testing/activation_of";
import { channelChange } from "./channel_change";

const NAN = Number.NaN;
const INF = Number.POSITIVE_INFINITY;

describe("the change of a channel", () => {
  const change = (a: number[], b: number[]) =>
    channelChange(activationOf([a]), activationOf([b]), 0);

  it("is 0 for equal maps, 1 from or to nothing, 2 for a turned sign", () => {
    expect(change([1, 2, 3], [1, 2, 3])).toBe(0);
    expect(change([0, 0, 0], [1, 2, 3])).toBe(1);
    expect(change([1, 2, 3], [0, 0, 0])).toBe(1);
    expect(change([0, 0, 0], [0, 0, 0])).toBe(0);
    expect(change([3, 4], [-3, -4])).toBeCloseTo(2, 5);
  });

  it("is the root mean square over that of the larger map", () => {
    // sqrt((1 + 9) / 2) over sqrt((9 + 25) / 2)
    expect(change([2, 2], [3, 5])).toBeCloseTo(Math.sqrt(10 / 34), 5);
    expect(change([3, 5], [2, 2])).toBeCloseTo(Math.sqrt(10 / 34), 5);
  });

  it("leaves out cells that are no number on either side", () => {
    expect(change([NAN, 2, 2, 7], [1, 3, 5, INF])).toBeCloseTo(Math.sqrt(10 / 34), 2);
    expect(change([NAN, 2], [1, INF])).toBeNaN();
  });

  it("takes huge and tiny values", () => {
    expect(change([0, 1e30], [0, 3e30])).toBeCloseTo(2 / 3, 5);
    expect(change([0, 1e-30], [0, 3e-30])).toBeCloseTo(2 / 3, 5);
  });

  it("goes by the means where a map was not kept, or not as large", () => {
    const a = activationOf(
      [
        [1, 3],
        [1, 1],
      ],
      { kept_channels: [0] },
    );
    const b = activationOf([
      [1, 3],
      [2, 2],
    ]);
    expect(channelChange(a, b, 1)).toBeCloseTo(0.5, 5);
    const wider = activationOf([[2, 2, 2]]);
    expect(channelChange(activationOf([[1, 1]]), wider, 0)).toBeCloseTo(0.5, 5);
  });

  it("is no number for a channel that one of them lacks", () => {
    expect(channelChange(activationOf([[1]]), activationOf([[1], [2]]), 1)).toBeNaN();
  });
});
