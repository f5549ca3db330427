import { describe, expect, it } from "vitest";
import { activationOf } from "../../testing/activation_of";
import type { LayerActivation } from "../../wire/generated";
import {
  computeHeadFacts,
  type HeadFacts,
  orderByFact,
  strongestFact,
  whyUnknown,
} from "./head_facts";

/** Attention of one head per matrix. */
function attention(
  matrices: readonly (readonly (readonly number[])[])[],
  mask?: readonly number[],
  change: Partial<LayerActivation> = {},
) {
  const [queries, keys] = [matrices[0]?.length ?? 0, matrices[0]?.[0]?.length ?? 0];
  const size = [queries, keys] as const;
  return activationOf(
    matrices.map((rows) => rows.flat()),
    { kind: "attention", full_map: size, kept_map: size, ...change },
    mask,
  );
}

/** A matrix whose rows have all their weight on one key. */
function pointing(...keys: number[]): number[][] {
  return keys.map((key) => keys.map((_, at) => (at === key ? 1 : 0)));
}

const EVEN = Array.from({ length: 4 }, () => [0.25, 0.25, 0.25, 0.25]);

describe("the facts of a head", () => {
  it("tell where it looks", () => {
    const data = attention([
      pointing(0, 0, 1, 2),
      pointing(0, 1, 2, 3),
      pointing(1, 2, 3, 3),
      pointing(0, 0, 0, 0),
    ]);
    const of = (head: number) => computeHeadFacts(data, head);
    expect(of(0)).toMatchObject({ previous: 1, itself: 0.25, next: 0, entropy: 0 });
    expect(of(0).first).toBeCloseTo(1 / 3);
    expect(of(1)).toMatchObject({ previous: 0, itself: 1, next: 0, masked: null });
    expect(of(2)).toMatchObject({ previous: 0, itself: 0.25, next: 1 });
    expect(of(3)).toMatchObject({ first: 1, itself: 0.25 });
  });

  it("are shares, whatever the weights sum up to", () => {
    const data = attention([EVEN.map((row) => row.map((one) => one * 3))]);
    const facts = computeHeadFacts(data, 0);
    expect(facts.previous).toBeCloseTo(0.25);
    expect(facts.entropy).toBeCloseTo(2);
  });

  it("leave masked queries out, and say what goes to masked keys", () => {
    // The last token is padding; the first head looks at it a little.
    const rows = [
      [0.5, 0, 0, 0.5],
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 1],
    ];
    const facts = computeHeadFacts(attention([rows], [1, 1, 1, 0]), 0);
    expect(facts.masked).toBeCloseTo(0.5 / 3);
    expect(facts.previous).toBeCloseTo(1);
    expect(facts.itself).toBeCloseTo(0.5 / 3);
  });

  it("say nothing of masked keys where there are none", () => {
    const facts = computeHeadFacts(attention([pointing(0, 0)], [1, 1]), 0);
    expect(facts).toMatchObject({ masked: null, previous: 1 });
  });

  it("take the first token that is not masked for the first", () => {
    const facts = computeHeadFacts(attention([pointing(1, 1, 1, 1)], [0, 1, 1, 1]), 0);
    expect(facts.first).toBeCloseTo(1);
    expect(facts.masked).toBeCloseTo(0);
  });

  it("are of what can be told only", () => {
    const across = attention([
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
    ]);
    expect(computeHeadFacts(across, 0)).toEqual({
      previous: null,
      itself: null,
      next: null,
      first: 1,
      masked: null,
      entropy: 0,
    });
    const reduced = attention([EVEN], undefined, { full_map: [64, 64] });
    expect(computeHeadFacts(reduced, 0).entropy).toBeNull();
    expect(whyUnknown(reduced.entry)).toContain("4x4 of 64x64");
    expect(whyUnknown(across.entry)).toBe("");
  });

  it("leave out queries without weights, or with what is no number", () => {
    const broken = attention([
      [
        [Number.NaN, 1],
        [1, 0],
      ],
    ]);
    expect(computeHeadFacts(broken, 0).previous).toBe(1);
    const nothing = attention([
      [
        [0, 0],
        [0, 0],
      ],
    ]);
    expect(computeHeadFacts(nothing, 0).entropy).toBeNull();
    expect(strongestFact(computeHeadFacts(nothing, 0))).toBeNull();
  });
});

describe("the heads in order", () => {
  const facts = (change: Partial<HeadFacts>): HeadFacts => ({
    previous: 0.1,
    itself: 0.2,
    next: 0,
    first: 0.3,
    masked: null,
    entropy: 2,
    ...change,
  });
  const heads = [
    facts({ previous: 0.1, entropy: 3 }),
    null,
    facts({ previous: 0.9, entropy: 0.5 }),
    facts({ previous: null, entropy: null }),
    facts({ previous: 0.1, entropy: 1 }),
  ];

  it("begin with the largest share, or the lowest entropy", () => {
    expect(orderByFact(heads, "previous")).toEqual([2, 0, 4, 1, 3]);
    expect(orderByFact(heads, "entropy")).toEqual([2, 4, 0, 1, 3]);
  });

  it("are named after what they look at most", () => {
    expect(strongestFact(facts({}))).toEqual({ fact: "first", share: 0.3 });
    expect(strongestFact(facts({ previous: 0.93 }))?.fact).toBe("previous");
  });
});
