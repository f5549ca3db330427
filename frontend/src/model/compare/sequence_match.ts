/** Which items of two sequences are the same, in order: the longest way to pair them. */

/** Pairs of positions, ascending in both. */
export type Pair = readonly [number, number];

/** More differences than this are not followed one by one. */
const MAX_DIFFERENCES = 400;

/**
 * Pairs equal items of two sequences without crossing.
 *
 * The longest such pairing (Myers, "An O(ND) Difference Algorithm") where the
 * sequences differ in a few hundred items at most; where in more, first what is
 * in both exactly once is paired, and then what lies between.
 */
export function matchSequences(
  before: readonly string[],
  after: readonly string[],
): Pair[] {
  const numbers = new Map<string, number>();
  const number = (token: string): number => {
    const known = numbers.get(token);
    if (known !== undefined) {
      return known;
    }
    numbers.set(token, numbers.size);
    return numbers.size - 1;
  };
  const a = Int32Array.from(before, number);
  const b = Int32Array.from(after, number);
  const pairs: Pair[] = [];
  const stack: Part[] = [{ a0: 0, a1: a.length, b0: 0, b1: b.length }];
  while (stack.length > 0) {
    const part = trim(a, b, stack.pop() as Part, pairs);
    if (part === null) {
      continue;
    }
    const found = shortestEdit(a, b, part);
    if (found !== null) {
      pairs.push(...found);
      continue;
    }
    const anchors = uniquePairs(a, b, part);
    if (anchors.length === 0) {
      pairs.push(...pairInOrder(a, b, part));
      continue;
    }
    let { a0, b0 } = part;
    for (const [i, j] of [...anchors, [part.a1, part.b1] as const]) {
      stack.push({ a0, a1: i, b0, b1: j });
      [a0, b0] = [i + 1, j + 1];
    }
    pairs.push(...anchors);
  }
  return pairs.sort((x, y) => x[0] - y[0]);
}

/**
 * The most pairs that do not cross each other.
 *
 * @param pairs Ascending in the first.
 */
export function withoutCrossing(pairs: readonly Pair[]): Pair[] {
  // Patience sorting: the last of each pile ends the best chain of its length.
  const ends: number[] = [];
  const previous = new Int32Array(pairs.length);
  pairs.forEach(([, j], at) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] as number] as Pair)[1] < j) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    previous[at] = low === 0 ? -1 : (ends[low - 1] as number);
    ends[low] = at;
  });
  const chain: Pair[] = [];
  for (let at = ends.at(-1) ?? -1; at !== -1; at = previous[at] as number) {
    chain.push(pairs[at] as Pair);
  }
  return chain.reverse();
}

/** A stretch of both sequences; ends are exclusive. */
interface Part {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

/** Pairs what both begin and end with; returns the rest, or null if nothing is left. */
function trim(a: Int32Array, b: Int32Array, part: Part, pairs: Pair[]): Part | null {
  let { a0, a1, b0, b1 } = part;
  while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) {
    pairs.push([a0, b0]);
    a0 += 1;
    b0 += 1;
  }
  while (a0 < a1 && b0 < b1 && a[a1 - 1] === b[b1 - 1]) {
    a1 -= 1;
    b1 -= 1;
    pairs.push([a1, b1]);
  }
  return a0 === a1 || b0 === b1 ? null : { a0, a1, b0, b1 };
}

/** The longest pairing, or null where it takes too many steps to find. */
function shortestEdit(a: Int32Array, b: Int32Array, part: Part): Pair[] | null {
  const n = part.a1 - part.a0;
  const m = part.b1 - part.b0;
  const most = Math.min(n + m, MAX_DIFFERENCES);
  // furthest[k + most]: how far in `a` the best way with i - j = k has come.
  const furthest = new Int32Array(2 * most + 2);
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d += 1) {
    trace.push(furthest.slice(most - d, most + d + 1));
    for (let k = -d; k <= d; k += 2) {
      const at = most + k;
      const down =
        k === -d ||
        (k !== d && (furthest[at - 1] as number) < (furthest[at + 1] as number));
      let i = down ? (furthest[at + 1] as number) : (furthest[at - 1] as number) + 1;
      while (i < n && i - k < m && a[part.a0 + i] === b[part.b0 + i - k]) {
        i += 1;
      }
      furthest[at] = i;
      if (i >= n && i - k >= m) {
        return walkBack(trace, part, d);
      }
    }
  }
  return null;
}

/** The pairs of a way that was found; `trace[d]` is how it stood before step d. */
function walkBack(trace: readonly Int32Array[], part: Part, steps: number): Pair[] {
  const pairs: Pair[] = [];
  let i = part.a1 - part.a0;
  let j = part.b1 - part.b0;
  for (let d = steps; d > 0; d -= 1) {
    const before = trace[d] as Int32Array;
    const k = i - j;
    const at = d + k;
    const down =
      k === -d || (k !== d && (before[at - 1] as number) < (before[at + 1] as number));
    const fromK = down ? k + 1 : k - 1;
    const fromI = before[d + fromK] as number;
    const startI = down ? fromI : fromI + 1;
    while (i > startI) {
      i -= 1;
      j -= 1;
      pairs.push([part.a0 + i, part.b0 + j]);
    }
    i = fromI;
    j = fromI - fromK;
  }
  while (i > 0 && j > 0) {
    i -= 1;
    j -= 1;
    pairs.push([part.a0 + i, part.b0 + j]);
  }
  return pairs.reverse();
}

/** Pairs of items that both stretches hold exactly once, without crossing. */
function uniquePairs(a: Int32Array, b: Int32Array, part: Part): Pair[] {
  const places = new Map<number, { i: number; j: number }>();
  const at = (token: number): { i: number; j: number } => {
    const known = places.get(token) ?? { i: -1, j: -1 };
    places.set(token, known);
    return known;
  };
  for (let i = part.a0; i < part.a1; i += 1) {
    const place = at(a[i] as number);
    place.i = place.i === -1 ? i : -2;
  }
  for (let j = part.b0; j < part.b1; j += 1) {
    const place = at(b[j] as number);
    place.j = place.j === -1 ? j : -2;
  }
  const pairs = [...places.values()]
    .filter(({ i, j }) => i >= 0 && j >= 0)
    .map(({ i, j }): Pair => [i, j]);
  return withoutCrossing(pairs.sort((x, y) => x[0] - y[0]));
}

/** Pairs each item with the next equal one: quick, and right where they repeat. */
function pairInOrder(a: Int32Array, b: Int32Array, part: Part): Pair[] {
  const waiting = new Map<number, number[]>();
  for (let j = part.b1 - 1; j >= part.b0; j -= 1) {
    const token = b[j] as number;
    const list = waiting.get(token);
    if (list === undefined) {
      waiting.set(token, [j]);
    } else {
      list.push(j);
    }
  }
  const pairs: Pair[] = [];
  for (let i = part.a0; i < part.a1; i += 1) {
    const j = waiting.get(a[i] as number)?.pop();
    if (j !== undefined) {
      pairs.push([i, j]);
    }
  }
  return withoutCrossing(pairs);
}
