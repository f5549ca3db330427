import { describe, expect, test } from "vitest";
import { createRandom } from "../test_graphs";
import { matchSequences, type Pair, withoutCrossing } from "./sequence_match";

/** Length of the longest common subsequence, by the plain table. */
function longest(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const token of a) {
    const next = [0];
    b.forEach((other, j) => {
      const best = Math.max(row[j + 1] as number, next[j] as number);
      next.push(token === other ? (row[j] as number) + 1 : best);
    });
    row = next;
  }
  return row.at(-1) as number;
}

function expectValid(
  a: readonly string[],
  b: readonly string[],
  pairs: readonly Pair[],
) {
  pairs.forEach(([i, j], at) => {
    expect(a[i]).toBe(b[j]);
    const before = pairs[at - 1];
    if (before !== undefined) {
      expect(i).toBeGreaterThan(before[0]);
      expect(j).toBeGreaterThan(before[1]);
    }
  });
}

describe("matching sequences", () => {
  test("pairs what is equal, in order", () => {
    expect(matchSequences([..."abcd"], [..."axbd"])).toEqual([
      [0, 0],
      [1, 2],
      [3, 3],
    ]);
    expect(matchSequences([], [..."ab"])).toEqual([]);
    expect(matchSequences([..."ab"], [..."cd"])).toEqual([]);
  });

  test("finds the longest pairing of random sequences", () => {
    const random = createRandom(1);
    for (let round = 0; round < 300; round += 1) {
      const letters = 2 + Math.floor(random() * 6);
      const draw = () =>
        Array.from({ length: Math.floor(random() * 30) }, () =>
          String(Math.floor(random() * letters)),
        );
      const [a, b] = [draw(), draw()];
      const pairs = matchSequences(a, b);
      expectValid(a, b, pairs);
      expect(pairs).toHaveLength(longest(a, b));
    }
  });

  test("pairs long sequences that differ everywhere", () => {
    const random = createRandom(2);
    const draw = () =>
      Array.from({ length: 20_000 }, (_, i) =>
        i % 10 === 0 ? `own ${i}` : String(Math.floor(random() * 9)),
      );
    const [a, b] = [draw(), draw()];
    const pairs = matchSequences(a, b);
    expectValid(a, b, pairs);
    // The 2,000 anchors, and something in each of the gaps.
    expect(pairs.length).toBeGreaterThan(4_000);
    const none = matchSequences(
      a.map((token) => `a${token}`),
      b,
    );
    expect(none).toEqual([]);
  });

  test("leaves the fewest pairs out where they cross", () => {
    const pairs = [3, 0, 1, 4, 2].map((j, i): Pair => [i, j]);
    expect(withoutCrossing(pairs)).toHaveLength(3);
    expect(withoutCrossing([])).toEqual([]);
  });
});
