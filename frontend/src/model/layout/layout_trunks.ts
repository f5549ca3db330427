/** The layout's step between ranks and order: room for edges over many ranks. */

import type { Ranks } from "./layout_ranks";
import { LAYOUT, type LayoutProblem, type RankedGraph } from "./layout_types";

const DUMMY_WIDTH = 2;

/** Makes room for long edges, within a budget. */
export function addTrunks(
  count: number,
  problem: LayoutProblem,
  ranks: Ranks,
): RankedGraph {
  const { upper, lower, rank } = ranks;
  const edgeCount = upper.length;
  const longest = spanWithinBudget(count, ranks);
  const trunkLength = new Int32Array(count);
  for (let e = 0; e < edgeCount; e += 1) {
    const source = upper[e] as number;
    const length = (rank[lower[e] as number] as number) - (rank[source] as number) - 1;
    if (length < longest && length > (trunkLength[source] as number)) {
      trunkLength[source] = length;
    }
  }
  const trunk = new Int32Array(count).fill(-1);
  let total = count;
  for (let v = 0; v < count; v += 1) {
    if ((trunkLength[v] as number) > 0) {
      trunk[v] = total;
      total += trunkLength[v] as number;
    }
  }
  const ranksOfAll = new Int32Array(total);
  ranksOfAll.set(rank);
  const widths = new Float32Array(total).fill(DUMMY_WIDTH);
  widths.set(problem.widths);
  const inOffsets = new Float32Array(total);
  inOffsets.set(problem.inOffsets);
  const outOffsets = new Float32Array(total);
  outOffsets.set(problem.outOffsets);
  const segments: number[] = [];
  const linked = new Uint8Array(total);
  const seen = new Set<number>();
  for (let e = 0; e < edgeCount; e += 1) {
    const source = upper[e] as number;
    const target = lower[e] as number;
    linked[source] = 1;
    linked[target] = 1;
    const span = (rank[target] as number) - (rank[source] as number);
    if (span - 1 >= longest && span > 1) {
      continue;
    }
    const above = span === 1 ? source : (trunk[source] as number) + span - 2;
    const key = above * total + target;
    if (!seen.has(key)) {
      seen.add(key);
      segments.push(above, target);
    }
  }
  for (let v = 0; v < count; v += 1) {
    let above = v;
    for (let i = 0; i < (trunkLength[v] as number); i += 1) {
      const dummy = (trunk[v] as number) + i;
      ranksOfAll[dummy] = (rank[v] as number) + 1 + i;
      linked[dummy] = 1;
      segments.push(above, dummy);
      above = dummy;
    }
  }
  const pairs = Int32Array.from(segments);
  const [downStart, down] = neighbours(total, pairs, 0);
  const [upStart, up] = neighbours(total, pairs, 1);
  return {
    total,
    real: count,
    rankCount: ranks.rankCount,
    rank: ranksOfAll,
    widths,
    inOffsets,
    outOffsets,
    segments: pairs,
    downStart,
    down,
    upStart,
    up,
    reach: ranks.reach,
    depth: ranks.depth,
    linked,
    trunk,
    trunkLength,
  };
}

/** Edges of this many dummies or more are left out, to keep within the budget. */
function spanWithinBudget(count: number, ranks: Ranks): number {
  const { upper, lower, rank, rankCount } = ranks;
  // Trunks are shared, so what an edge costs is what it adds to the longest
  // shorter one of its source.
  const spans: [number, number][] = [];
  for (let e = 0; e < upper.length; e += 1) {
    const source = upper[e] as number;
    const length = (rank[lower[e] as number] as number) - (rank[source] as number) - 1;
    if (length > 0) {
      spans.push([length, source]);
    }
  }
  spans.sort((a, b) => a[0] - b[0]);
  const reached = new Int32Array(count);
  let used = 0;
  for (const [length, source] of spans) {
    const more = length - (reached[source] as number);
    if (used + more > LAYOUT.maxDummies) {
      return length;
    }
    used += more;
    reached[source] = length;
  }
  return rankCount + 1;
}

function neighbours(
  total: number,
  pairs: Int32Array,
  side: 0 | 1,
): [Int32Array, Int32Array] {
  const start = new Int32Array(total + 1);
  for (let i = side; i < pairs.length; i += 2) {
    const slot = (pairs[i] as number) + 1;
    start[slot] = (start[slot] as number) + 1;
  }
  for (let v = 0; v < total; v += 1) {
    start[v + 1] = (start[v + 1] as number) + (start[v] as number);
  }
  const next = start.slice();
  const list = new Int32Array(pairs.length / 2);
  for (let i = 0; i < pairs.length; i += 2) {
    const own = pairs[i + side] as number;
    const place = next[own] as number;
    list[place] = pairs[i + 1 - side] as number;
    next[own] = place + 1;
  }
  return [start, list];
}
