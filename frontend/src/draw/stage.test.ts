import { describe, expect, it } from "vitest";
import { placeAlone, placeOver } from "../model/map_placement";
import { layerActivation } from "../testing/fake_logs";
import { cellAlpha, fitStage } from "./stage";

describe("a map over a picture", () => {
  it("is hidden at one end and covers all at the other", () => {
    for (const strength of [0, 0.5, 1]) {
      expect(cellAlpha(strength, 0)).toBe(0);
      expect(cellAlpha(strength, 1)).toBe(1);
    }
  });

  it("covers more where values are strong", () => {
    expect(cellAlpha(1, 0.6)).toBe(1);
    expect(cellAlpha(0.5, 0.6)).toBeCloseTo(0.6);
    expect(cellAlpha(0, 0.6)).toBeCloseTo(0.36);
    expect(cellAlpha(7, 0.6)).toBe(1);
    expect(cellAlpha(-7, 0.6)).toBeCloseTo(0.36);
  });

  it("is as large as it fits, in whole pixels where that loses little", () => {
    const alone = placeAlone(
      layerActivation("a", { full_map: [8, 4], kept_map: [8, 4] }),
    );
    expect(fitStage(alone, 100, 100)).toEqual({
      zoom: 12,
      left: 0,
      top: 0,
      width: 48,
      height: 96,
    });
    const large = placeAlone(
      layerActivation("a", { full_map: [224, 224], kept_map: [28, 28] }),
    );
    expect(fitStage(large, 300, 336).zoom).toBeCloseTo(300 / 224);
    expect(fitStage(large, 0, 0)).toMatchObject({ width: 0, height: 0 });
  });

  it("leaves room for a map that is larger than its picture", () => {
    const axis = { size: 10, stride: 1, offset: -1, extent: 1 };
    const placed = placeOver(
      layerActivation("a", { full_map: [10, 10], kept_map: [10, 10] }),
      { state: "known", field: { rows: axis, columns: axis } },
      [8, 8],
    );
    expect(fitStage(placed, 100, 100)).toMatchObject({ zoom: 10, left: -1, top: -1 });
  });
});
