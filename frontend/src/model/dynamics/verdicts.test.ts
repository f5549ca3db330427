import { describe, expect, it } from "vitest";
import { verdictOf } from "../../testing/fake_data_source";
import type { TrainingFinding, TrainingVerdict } from "../../wire/generated";
import { countMarks, markOf, toNumber, worstFirst } from "./verdicts";

function withFinding(run: string, broken: boolean): TrainingVerdict {
  const finding: TrainingFinding = {
    kind: "no_gradient",
    broken,
    headline: "",
    text: "",
    rule: "",
    variable: "",
    layer: "",
    step: 1,
  };
  return verdictOf(run, { findings: [finding] });
}

const RUNS = [
  verdictOf("short", { state: "short" }),
  verdictOf("a"),
  withFinding("b", false),
  withFinding("c", true),
  verdictOf("d"),
];

describe("verdicts", () => {
  it("are marked by the worst that was found", () => {
    expect(RUNS.map(markOf)).toEqual(["unknown", "fine", "unusual", "broken", "fine"]);
    expect(worstFirst(RUNS).map(({ run }) => run)).toEqual([
      "c",
      "b",
      "a",
      "d",
      "short",
    ]);
  });

  it("are counted, and so are those that are still to come", () => {
    expect(countMarks(RUNS, 5)).toBe("1 of 5 looks broken, 1 unusual");
    expect(countMarks(RUNS.slice(0, 2), 100)).toBe(
      "none of 100 looks broken, 2 looked at so far",
    );
  });

  it("hold numbers as JSON can", () => {
    expect([toNumber(2), toNumber("Infinity")]).toEqual([2, Number.POSITIVE_INFINITY]);
    expect(toNumber(null)).toBeNaN();
  });
});
