import { describe, expect, it } from "vitest";
import { activationTensors, layerActivation, tensor } from "../../testing/fake_logs";
import { ActivationData } from "../tensor_view";
import { readUnits } from "../units/unit_data";
import { channelFile, layerFile, statisticsCsv, trendCsv } from "./activation_files";

const entry = layerActivation("block/conv", {
  channels: 3,
  kept_channels: [0, 2],
  kept_map: [1, 2],
  cut: "2 of 3 channels",
});
const data = ActivationData.create(activationTensors(entry, new Map([[3, 2]])), entry);
const context = { run: "a", step: 10, sample: 1, label: "cat" };
const units = readUnits(
  new Map([
    [
      "stats",
      tensor(
        Float32Array.from({ length: 18 }, (_, at) => at),
        [3, 6],
      ),
    ],
    [
      "histogram",
      { dtype: "U32", shape: [3, 2], values: Uint32Array.of(1, 2, 3, 4, 5, 6) },
    ],
    ["saturated", tensor(Float32Array.of(0, 0.5, 1))],
  ]),
  entry,
);

const byName = (file: ReturnType<typeof layerFile>) =>
  new Map(file.arrays.map((array) => [array.name, array]));

describe("files of a layer", () => {
  it("hold de-quantised values, which channels they are, and all statistics", () => {
    const file = layerFile(data, context, units);
    const arrays = byName(file);
    expect(arrays.get("maps")?.shape).toEqual([2, 1, 2]);
    const values = [...(arrays.get("maps")?.values ?? [])];
    expect(values).toEqual([0, Math.fround(1 / 255), 2, Number.POSITIVE_INFINITY]);
    expect([...(arrays.get("channels")?.values ?? [])]).toEqual([0n, 2n]);
    expect(arrays.get("stats")?.shape).toEqual([3, 6]);
    expect([...(arrays.get("unit_stats")?.values ?? [])].slice(6, 8)).toEqual([6, 7]);
    expect(arrays.get("histogram")?.shape).toEqual([3, 2]);
    expect(file.metadata).toMatchObject({
      run: "a",
      step: "10",
      layer: "block/conv",
      sample: "1",
      label: "cat",
      cut: "2 of 3 channels",
    });
    expect(JSON.parse(file.metadata.stat_columns ?? "")).toContain("zero_fraction");
  });

  it("cut no value that float32 holds, and none beyond it", () => {
    const one = layerActivation("huge", { channels: 1, kept_map: [1, 2] });
    const tensors = new Map(activationTensors(one));
    tensors.set("scale", tensor(Float32Array.of(3e38)));
    tensors.set("maps", tensor(Uint8Array.of(0, 255), [1, 1, 2]));
    const file = layerFile(ActivationData.create(tensors, one), context, null);
    expect([...(byName(file).get("maps")?.values ?? [])]).toEqual([
      0, 3.4028234663852886e38,
    ]);
  });
});

describe("files of a channel", () => {
  it("hold its map and its statistics without the other channels", () => {
    const arrays = byName(channelFile(data, 2, context, units));
    expect(arrays.get("map")?.shape).toEqual([1, 2]);
    expect(arrays.get("stats")?.shape).toEqual([6]);
    expect([...(arrays.get("histogram")?.values ?? [])]).toEqual([5, 6]);
  });

  it("have no map where it was not kept", () => {
    const file = channelFile(data, 1, context, null);
    expect(file.arrays.map(({ name }) => name)).toEqual(["stats"]);
    expect(file.metadata.channel).toBe("1");
  });
});

describe("tables", () => {
  it("has a line per channel, for this sample and for all", () => {
    const lines = statisticsCsv(data, units);
    expect(lines.length).toBe(4);
    expect(lines[0]).toBe(
      "channel,map_kept,min,max,mean,std,zero_fraction,nonfinite," +
        "all_samples_min,all_samples_max,all_samples_mean,all_samples_std," +
        "all_samples_zero_fraction,all_samples_nonfinite,all_samples_saturated\r\n",
    );
    expect(lines[2]).toMatch(/^1,no,1,.*,6,7,8,9,10,11,0.5\r\n$/);
  });

  it("has a line per step", () => {
    const columns = [{ name: "mean", values: [0.5, Number.NaN] }];
    expect(trendCsv([0, 10], columns)).toEqual([
      "step,mean\r\n",
      "0,0.5\r\n",
      "10,NaN\r\n",
    ]);
  });
});
