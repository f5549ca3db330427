import { describe, expect, it } from "vitest";
import { layerActivation } from "../../testing/fake_logs";
import { describeTime, timeSpan } from "./time_axis";

describe("the time steps that a kept one stands for", () => {
  const entry = (full: number, kept: number) =>
    layerActivation("lstm", { full_map: [1, full], kept_map: [1, kept] });

  it("is itself where all were kept", () => {
    expect(timeSpan(entry(10, 10), 4)).toEqual({ from: 4, to: 4 });
    expect(describeTime(timeSpan(entry(10, 10), 4))).toBe("time step 4");
  });

  it("are several where they were averaged", () => {
    const reduced = entry(10, 4);
    expect([0, 1, 2, 3].map((kept) => timeSpan(reduced, kept))).toEqual([
      { from: 0, to: 2 },
      { from: 2, to: 4 },
      { from: 5, to: 7 },
      { from: 7, to: 9 },
    ]);
    expect(describeTime(timeSpan(reduced, 2))).toBe("time steps 5 to 7");
  });
});
