import { describe, expect, it } from "vitest";
import { activationOf } from "../../testing/activation_of";
import {
  findOrder,
  isDescending,
  ORDERS,
  orderKeys,
  sortChannels,
} from "./channel_order";

const NAN = Number.NaN;
const MAPS = [
  [0, 2],
  [0, 0],
  [-1, 9],
  [NAN, NAN],
  [5, 5],
];
const ALL = [0, 1, 2, 3, 4];

describe("the order of channels", () => {
  const order = (name: Parameters<typeof orderKeys>[0], reversed = false) =>
    sortChannels(
      ALL,
      orderKeys(name, activationOf(MAPS), activationOf(MAPS.map(() => [0, 2]))),
      isDescending(name, reversed),
    );

  it("has the highest first, and what is no number last", () => {
    expect(order("index")).toEqual([0, 1, 2, 3, 4]);
    expect(order("max")).toEqual([2, 4, 0, 1, 3]);
    expect(order("mean")).toEqual([4, 2, 0, 1, 3]);
    expect(order("std")).toEqual([2, 0, 1, 4, 3]);
    expect(order("zero_fraction")).toEqual([1, 0, 2, 4, 3]);
    expect(order("nonfinite")).toEqual([3, 0, 1, 2, 4]);
    expect(order("difference")).toEqual([1, 4, 2, 0, 3]);
  });

  it("is turned round, and what is no number stays last", () => {
    expect(order("index", true)).toEqual([4, 3, 2, 1, 0]);
    expect(order("max", true)).toEqual([1, 0, 4, 2, 3]);
  });

  it("is that of the indices as long as there is nothing to measure against", () => {
    const data = activationOf(MAPS);
    for (const name of ["change", "change_first", "difference"] as const) {
      expect(orderKeys(name, data, null)).toBeNull();
    }
  });

  it("goes by the statistics of channels whose maps were not kept", () => {
    const data = activationOf(MAPS, { kept_channels: [1] });
    expect(sortChannels([0, 2, 4], orderKeys("max", data, null), true)).toEqual([
      2, 4, 0,
    ]);
  });

  it("is found by its name, and nothing else is", () => {
    for (const one of ORDERS) {
      expect(findOrder(one.order)).toBe(one.order);
      expect(one.definition).not.toBe("");
    }
    expect(findOrder("min")).toBeNull();
    expect(findOrder(undefined)).toBeNull();
  });
});
