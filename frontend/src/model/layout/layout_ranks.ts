/** The first step of the layout: which rank each node is in. */

/** Ranks of nodes; along `upper` to `lower` every edge goes down. */
export interface Ranks {
  readonly rankCount: number;
  readonly rank: Int32Array;
  /** Upper end of each edge: its source, or its target where it is reversed. */
  readonly upper: Int32Array;
  readonly lower: Int32Array;
  readonly reversed: Uint8Array;
  /** Number of edges on the longest way from each node to an end. */
  readonly reach: Int32Array;
  /** Number of edges on the longest way to each node from a beginning. */
  readonly depth: Int32Array;
}

/**
 * Puts every node below all that lead to it.
 *
 * Where the graph has a cycle, the edges into the first of its nodes are turned
 * round. Edges from a node to itself are left as they are, at rank distance 0.
 *
 * @param count Number of nodes.
 * @param edges Pairs (source, target).
 * @param first A node that is alone in the first rank, or -1.
 * @param last A node that is alone in the last rank, or -1.
 */
export function assignRanks(
  count: number,
  edges: Int32Array,
  first: number,
  last: number,
): Ranks {
  const edgeCount = edges.length / 2;
  const { outStart, outEdges, inStart, inEdges } = incidence(count, edges);
  const reversed = new Uint8Array(edgeCount);
  const waiting = new Int32Array(count);
  for (let v = 0; v < count; v += 1) {
    waiting[v] = (inStart[v + 1] as number) - (inStart[v] as number);
  }
  const rank = new Int32Array(count).fill(first >= 0 ? 1 : 0);
  if (first >= 0) {
    rank[first] = 0;
  }
  const order = new Int32Array(count);
  const done = new Uint8Array(count);
  let head = 0;
  let tail = 0;
  for (let v = 0; v < count; v += 1) {
    if (waiting[v] === 0) {
      order[tail] = v;
      tail += 1;
      done[v] = 1;
    }
  }
  let scan = 0;
  while (tail < count || head < tail) {
    if (head === tail) {
      while (done[scan] === 1) {
        scan += 1;
      }
      order[tail] = scan;
      tail += 1;
      done[scan] = 1;
      for (let i = inStart[scan] as number; i < (inStart[scan + 1] as number); i += 1) {
        const e = inEdges[i] as number;
        if (done[edges[e * 2] as number] === 0) {
          reversed[e] = 1;
        }
      }
    }
    const v = order[head] as number;
    head += 1;
    const below = (rank[v] as number) + 1;
    for (let i = inStart[v] as number; i < (inStart[v + 1] as number); i += 1) {
      const e = inEdges[i] as number;
      if (reversed[e] === 1) {
        const u = edges[e * 2] as number;
        rank[u] = Math.max(rank[u] as number, below);
      }
    }
    for (let i = outStart[v] as number; i < (outStart[v + 1] as number); i += 1) {
      const e = outEdges[i] as number;
      if (reversed[e] === 1) {
        continue;
      }
      const w = edges[e * 2 + 1] as number;
      rank[w] = Math.max(rank[w] as number, below);
      waiting[w] = (waiting[w] as number) - 1;
      if (waiting[w] === 0 && done[w] === 0) {
        order[tail] = w;
        tail += 1;
        done[w] = 1;
      }
    }
  }
  const upper = new Int32Array(edgeCount);
  const lower = new Int32Array(edgeCount);
  for (let e = 0; e < edgeCount; e += 1) {
    const turned = reversed[e] as number;
    upper[e] = edges[e * 2 + turned] as number;
    lower[e] = edges[e * 2 + 1 - turned] as number;
  }
  const depth = rank.slice();
  pullDownSources(count, upper, lower, rank, first);
  const rankCount = finishRanks(count, rank, last);
  return {
    rankCount,
    rank,
    upper,
    lower,
    reversed,
    reach: longestWays(order, rank, upper, lower),
    depth,
  };
}

/** An input that is used late stands above its first use, not at the top. */
function pullDownSources(
  count: number,
  upper: Int32Array,
  lower: Int32Array,
  rank: Int32Array,
  first: number,
): void {
  const isTarget = new Uint8Array(count);
  const nearest = new Int32Array(count).fill(-1);
  for (let e = 0; e < upper.length; e += 1) {
    const u = upper[e] as number;
    const v = lower[e] as number;
    if (u === v) {
      continue;
    }
    isTarget[v] = 1;
    const below = rank[v] as number;
    if (nearest[u] === -1 || below < (nearest[u] as number)) {
      nearest[u] = below;
    }
  }
  for (let v = 0; v < count; v += 1) {
    if (isTarget[v] === 0 && v !== first && (nearest[v] as number) > 0) {
      rank[v] = (nearest[v] as number) - 1;
    }
  }
}

function finishRanks(count: number, rank: Int32Array, last: number): number {
  let deepest = -1;
  for (let v = 0; v < count; v += 1) {
    if (v !== last) {
      deepest = Math.max(deepest, rank[v] as number);
    }
  }
  if (last >= 0) {
    deepest += 1;
    rank[last] = deepest;
  }
  return deepest + 1;
}

function longestWays(
  order: Int32Array,
  rank: Int32Array,
  upper: Int32Array,
  lower: Int32Array,
): Int32Array {
  const reach = new Int32Array(order.length);
  // Edges by the rank of their lower end, deepest first: each node's reach is
  // final before it is handed up.
  const byRank = Array.from(upper.keys()).sort(
    (a, b) =>
      (rank[lower[b] as number] as number) - (rank[lower[a] as number] as number),
  );
  for (const e of byRank) {
    const u = upper[e] as number;
    const v = lower[e] as number;
    if (u !== v) {
      reach[u] = Math.max(reach[u] as number, (reach[v] as number) + 1);
    }
  }
  return reach;
}

function incidence(count: number, edges: Int32Array) {
  const outStart = new Int32Array(count + 1);
  const inStart = new Int32Array(count + 1);
  const edgeCount = edges.length / 2;
  for (let e = 0; e < edgeCount; e += 1) {
    const u = edges[e * 2] as number;
    const v = edges[e * 2 + 1] as number;
    if (u !== v) {
      outStart[u + 1] = (outStart[u + 1] as number) + 1;
      inStart[v + 1] = (inStart[v + 1] as number) + 1;
    }
  }
  for (let v = 0; v < count; v += 1) {
    outStart[v + 1] = (outStart[v + 1] as number) + (outStart[v] as number);
    inStart[v + 1] = (inStart[v + 1] as number) + (inStart[v] as number);
  }
  const outNext = outStart.slice();
  const inNext = inStart.slice();
  const outEdges = new Int32Array(outStart[count] as number);
  const inEdges = new Int32Array(outStart[count] as number);
  for (let e = 0; e < edgeCount; e += 1) {
    const u = edges[e * 2] as number;
    const v = edges[e * 2 + 1] as number;
    if (u !== v) {
      const outPlace = outNext[u] as number;
      outEdges[outPlace] = e;
      outNext[u] = outPlace + 1;
      const inPlace = inNext[v] as number;
      inEdges[inPlace] = e;
      inNext[v] = inPlace + 1;
    }
  }
  return { outStart, outEdges, inStart, inEdges };
}
