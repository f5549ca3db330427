import { describe, expect, it } from "vitest";
import { activationTensors, layerActivation, tensor } from "../testing/fake_logs";
import { rangeOverSamples, rankSamples } from "./sample_rank";
import { ActivationData } from "./tensor_view";

const entry = layerActivation("a", { channels: 1 });

function sample(max: number, offset = 0): ActivationData {
  const tensors = new Map(activationTensors(entry));
  tensors.set("stats", tensor(Float32Array.of(0, max, max / 2, 1, 0, 0), [1, 6]));
  tensors.set("offset", tensor(Float32Array.of(offset)));
  tensors.set("scale", tensor(Float32Array.of(1)));
  return ActivationData.create(tensors, entry);
}

describe("samples by what excites a channel", () => {
  const found = new Map([
    [0, sample(1)],
    [1, sample(Number.NaN)],
    [2, sample(3, -5)],
    [3, sample(1)],
    [4, sample(-2)],
  ]);

  it("come with the highest first, equal ones by index, NaN last", () => {
    const order = (by: "max" | "mean") =>
      rankSamples(found, 0, by).map((one) => one.sample);
    expect(order("max")).toEqual([2, 0, 3, 4, 1]);
    expect(order("mean")).toEqual([2, 0, 3, 4, 1]);
  });

  it("have one range for their colours", () => {
    expect(rangeOverSamples(rankSamples(found, 0, "max"), 0)).toEqual({
      low: -5,
      high: 255,
    });
    expect(rangeOverSamples([], 0)).toBeNull();
  });
});
