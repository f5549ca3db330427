import { describe, expect, it } from "vitest";
import { ActivationData } from "../model/tensor_view";
import { activationTensors, layerActivation } from "../testing/fake_logs";
import { binAt, binRange, countValues } from "./histogram";

describe("histograms", () => {
  it("count the finite cells of a map", () => {
    const entry = layerActivation("a", { channels: 1, kept_map: [2, 128] });
    const tensors = activationTensors(entry, new Map([[0, 1]]));
    const counts = countValues(ActivationData.create(tensors, entry), 0, 4);
    expect(counts).toEqual([63, 64, 64, 64]);
  });

  it("say which bin is at a place, and what it holds", () => {
    expect(binAt(0, 100, 4)).toBe(0);
    expect(binAt(99.9, 100, 4)).toBe(3);
    expect(binAt(100, 100, 4)).toBeNull();
    expect(binAt(-1, 100, 4)).toBeNull();
    expect(binRange({ low: -1, high: 1 }, 4, 1)).toEqual({ low: -0.5, high: 0 });
    // The range itself may be larger than any number.
    const huge = binRange({ low: -1.7e308, high: 1.7e308 }, 2, 0);
    expect(huge.high).toBe(0);
  });
});
