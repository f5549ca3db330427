import { describe, expect, it } from "vitest";
import { STATUS_DEFAULTS, type Status } from "../wire/generated";
import { costShare, describeCost, formatSecs } from "./logging_cost";

function status(changes: Partial<Status>): Status {
  return {
    version: 1,
    step: 20,
    accepted: 0,
    written: 0,
    dropped: {},
    refused: {},
    blocked_secs: 0,
    notices: [],
    closed: true,
    package_version: "0.2.0",
    ...STATUS_DEFAULTS,
    ...changes,
  };
}

function texts(changes: Partial<Status>): string[] {
  return describeCost(status(changes)).map((fact) => fact.text);
}

describe("what logging cost", () => {
  it("is a share of the training's wall time", () => {
    const cost = { overhead_secs: 0.416, training_secs: 32, writer_cpu_secs: 0.9 };
    expect(texts(cost)).toEqual([
      "Logging cost 1.3% of this run",
      "0.42 s of 32 s on the training thread",
      "0.90 s of processor time beside it",
    ]);
    expect(costShare(status({ overhead_secs: 3, training_secs: 2 }))).toBe(1);
  });

  it("is not said where it was not measured", () => {
    expect(describeCost(status({}))).toEqual([]);
    expect(costShare(status({}))).toBeNull();
  });

  it("names the steps of captures that were left out", () => {
    expect(texts({ captures_skipped: 1, skipped_steps: [1200] })).toEqual([
      "1 capture left out for it, at step 1,200",
    ]);
    const steps = Array.from({ length: 40 }, (_, at) => at + 1);
    expect(texts({ captures_skipped: 1500, skipped_steps: steps })).toEqual([
      "1,500 captures left out for it, at steps 1; 2; 3; 4; 5; 6; 7; 8; 9; 10; 11; 12" +
        " and 1,488 more",
    ]);
  });
});

describe("durations", () => {
  it.each([
    [0, "0.00 s"],
    [0.416, "0.42 s"],
    [0.996, "1.0 s"],
    [9.94, "9.9 s"],
    [31.6, "32 s"],
    [185, "3 min 5 s"],
    [3599.7, "1 h 0 min"],
    [7440, "2 h 4 min"],
  ])("%f is %s", (secs, text) => {
    expect(formatSecs(secs)).toBe(text);
  });
});
