import { describe, expect, it } from "vitest";
import { countValues } from "../../draw/histogram";
import { ActivationData } from "../../model/tensor_view";
import { activationTensors, layerActivation, tensor } from "../../testing/fake_logs";
import { findMarks } from "./legend";
import { orderRows } from "./statistics_table";

/** Data with given statistics, one row per channel, and ranges to match. */
function dataWith(rows: number[][], kept = rows.map((_, channel) => channel)) {
  const entry = layerActivation("a", { channels: rows.length, kept_channels: kept });
  const tensors = new Map(activationTensors(entry));
  const stats = Float32Array.from(rows.flat());
  tensors.set("stats", tensor(stats, [rows.length, 6]));
  const low = kept.map((channel) => rows[channel]?.[0] ?? 0);
  const high = kept.map((channel) => rows[channel]?.[1] ?? 0);
  tensors.set("offset", tensor(Float32Array.from(low)));
  const scale = high.map((value, at) => (value - (low[at] ?? 0)) / 255);
  tensors.set("scale", tensor(Float32Array.from(scale)));
  return ActivationData.create(tensors, entry);
}

const ROWS = [
  [0, 2, 1, 0.5, 0.1, 0],
  [0, 0, 0, 0, 1, 0],
  [-1, 9, 1, 3, 0, 2],
  [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 4],
  [5, 5, 5, 0, 0, 0],
];

describe("the order of the table", () => {
  it("goes up and down, and keeps what is no number last", () => {
    const data = dataWith(ROWS);
    expect(orderRows(data, "channel", true)).toEqual([4, 3, 2, 1, 0]);
    expect(orderRows(data, "max", false)).toEqual([1, 0, 4, 2, 3]);
    expect(orderRows(data, "max", true)).toEqual([2, 4, 0, 1, 3]);
  });
});

describe("the marks", () => {
  it("are counted over all channels", () => {
    expect(findMarks(dataWith(ROWS, [0]))).toEqual({
      nonfinite: [],
      broken: 2,
      constant: 2,
      zero: 1,
    });
  });
});

describe("the histogram", () => {
  it("counts finite cells, the highest in the last bin", () => {
    const entry = layerActivation("a", { channels: 1 });
    const tensors = new Map(activationTensors(entry, new Map([[1, 1]])));
    tensors.set("maps", tensor(Uint8Array.of(0, 7, 255, 128), [1, 2, 2]));
    const data = ActivationData.create(tensors, entry);
    expect(countValues(data, 0, 4)).toEqual([1, 0, 1, 1]);
  });
});
