import { describe, expect, it } from "vitest";
import { maskedRuns } from "./masked";

describe("the runs of masked positions", () => {
  it("hold every masked position once", () => {
    expect(maskedRuns(Uint8Array.of(0, 1, 1, 0, 0, 1, 0))).toEqual([
      [0, 1],
      [3, 5],
      [6, 7],
    ]);
    expect(maskedRuns(Uint8Array.of(1, 1))).toEqual([]);
    expect(maskedRuns(null)).toEqual([]);
  });
});
