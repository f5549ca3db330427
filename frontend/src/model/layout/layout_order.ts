/** The second step of the layout: the order of the nodes within each rank. */

import type { RankedGraph } from "./layout_types";

/** Orders every rank so that few edges cross; nodes without edges are left out. */
export function orderRanks(graph: RankedGraph): Int32Array[] {
  let order = firstOrder(graph);
  const position = new Int32Array(graph.total);
  const keep = (): void => {
    for (const rank of order) {
      rank.forEach((v, i) => {
        position[v] = i;
      });
    }
  };
  keep();
  let best = order.map((rank) => rank.slice());
  let fewest = countCrossings(graph, order, position);
  const sweeps = sweepCount(graph.segments.length / 2);
  let idle = 0;
  for (let sweep = 0; sweep < sweeps && fewest > 0 && idle < 6; sweep += 1) {
    const down = sweep % 2 === 0;
    for (let i = 1; i < order.length; i += 1) {
      sortByNeighbours(graph, order[down ? i : order.length - 1 - i], position, down);
    }
    const crossings = countCrossings(graph, order, position);
    idle += 1;
    if (crossings < fewest) {
      fewest = crossings;
      best = order.map((rank) => rank.slice());
      idle = 0;
    }
  }
  order = best;
  return order;
}

function sweepCount(segments: number): number {
  if (segments < 3_000) {
    return 24;
  }
  return segments < 30_000 ? 10 : 4;
}

/** By a walk from the top, so that what belongs to one branch stays together. */
function firstOrder(graph: RankedGraph): Int32Array[] {
  const { total, rank, rankCount, downStart, down, upStart, linked } = graph;
  const lists: number[][] = Array.from({ length: rankCount }, () => []);
  const seen = new Uint8Array(total);
  const stack: number[] = [];
  for (let v = 0; v < total; v += 1) {
    if (linked[v] === 0 || upStart[v] !== upStart[v + 1]) {
      continue;
    }
    stack.push(v);
    while (stack.length > 0) {
      const u = stack.pop() as number;
      if (seen[u] === 1) {
        continue;
      }
      seen[u] = 1;
      lists[rank[u] as number]?.push(u);
      for (
        let i = (downStart[u + 1] as number) - 1;
        i >= (downStart[u] as number);
        i -= 1
      ) {
        stack.push(down[i] as number);
      }
    }
  }
  return lists.map((list) => Int32Array.from(list));
}

function sortByNeighbours(
  graph: RankedGraph,
  rank: Int32Array | undefined,
  position: Int32Array,
  fromAbove: boolean,
): void {
  if (rank === undefined || rank.length < 2) {
    return;
  }
  const start = fromAbove ? graph.upStart : graph.downStart;
  const list = fromAbove ? graph.up : graph.down;
  const keys = new Float64Array(rank.length);
  for (let i = 0; i < rank.length; i += 1) {
    const v = rank[i] as number;
    const from = start[v] as number;
    const to = start[v + 1] as number;
    let sum = 0;
    for (let j = from; j < to; j += 1) {
      sum += position[list[j] as number] as number;
    }
    keys[i] = to > from ? sum / (to - from) : i;
  }
  const places = Array.from(rank.keys()).sort(
    (a, b) => (keys[a] as number) - (keys[b] as number) || a - b,
  );
  const sorted = places.map((i) => rank[i] as number);
  for (let i = 0; i < sorted.length; i += 1) {
    const v = sorted[i] as number;
    rank[i] = v;
    position[v] = i;
  }
}

/** Number of pairs of segments that cross, by a Fenwick tree per rank. */
export function countCrossings(
  graph: RankedGraph,
  order: readonly Int32Array[],
  position: Int32Array,
): number {
  let crossings = 0;
  for (let r = 0; r + 1 < order.length; r += 1) {
    const upper = order[r] as Int32Array;
    const width = (order[r + 1] as Int32Array).length;
    if (upper.length < 2 || width < 2) {
      continue;
    }
    const tree = new Int32Array(width + 1);
    let inserted = 0;
    for (const u of upper) {
      const targets = graph.down
        .subarray(graph.downStart[u], graph.downStart[u + 1])
        .map((v) => position[v] as number)
        .sort();
      for (const target of targets) {
        let notRight = 0;
        for (let i = target + 1; i > 0; i -= i & -i) {
          notRight += tree[i] as number;
        }
        crossings += inserted - notRight;
      }
      for (const target of targets) {
        for (let i = target + 1; i <= width; i += i & -i) {
          tree[i] = (tree[i] as number) + 1;
        }
        inserted += 1;
      }
    }
  }
  return crossings;
}
