import { describe, expect, it } from "vitest";
import { layerActivation } from "../../testing/fake_logs";
import type { HeadFacts } from "./head_facts";
import { callName, describeFact, headLabel, shortName } from "./head_text";

const FACTS: HeadFacts = {
  previous: 0.934,
  itself: 0.02,
  next: 0,
  first: 0.1,
  masked: null,
  entropy: 0.44,
};

describe("what stands below a head", () => {
  it("is what it clearly does", () => {
    expect(headLabel(FACTS, "layer")).toEqual({
      text: "93% previous token",
      clear: true,
    });
    expect(headLabel({ ...FACTS, previous: 0.3 }, "layer")).toEqual({
      text: "spread, 0.4 bits",
      clear: false,
    });
  });

  it("is what it is ordered by", () => {
    expect(headLabel(FACTS, "first")).toEqual({
      text: "10% first token",
      clear: false,
    });
    expect(headLabel(FACTS, "masked").text).toBe("masked tokens: unknown");
    expect(headLabel(FACTS, "entropy").text).toBe("0.4 bits");
    expect(headLabel(undefined, "layer").text).toBe("");
  });

  it("says all and nothing only where that is so", () => {
    expect(describeFact("previous", 1)).toBe("100% previous token");
    expect(describeFact("previous", 0.999)).toBe("99.9% previous token");
    expect(describeFact("previous", 0)).toBe("0% previous token");
    expect(describeFact("previous", 0.0001)).toBe("< 0.1% previous token");
  });
});

describe("a call's name", () => {
  it("has the call where there are several", () => {
    const attention = (path: string, call = 0) =>
      layerActivation(path, { kind: "attention", call });
    const shared = [attention("a/b/shared"), attention("a/b/shared", 1)];
    const all = [...shared, attention("own"), layerActivation("own")];
    expect(all.slice(0, 3).map((one) => callName(one, all))).toEqual([
      "a/b/shared (call 0)",
      "a/b/shared (call 1)",
      "own",
    ]);
    expect(shared.map(shortName)[0]).toBe("b/shared");
  });
});
