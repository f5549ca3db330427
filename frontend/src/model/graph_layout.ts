/**
 * Layered layout of one directed graph, top to bottom.
 *
 * The steps are those of Sugiyama's method: ranks by longest path, then room for
 * long edges, an order within each rank with few crossings, and places along it.
 * Everything is iterative and on typed arrays, since long chains are the normal
 * case here, and deterministic, since a picture that is drawn again must not move.
 */

import { orderRanks } from "./layout_order";
import { assignX } from "./layout_places";
import { assignRanks, type Ranks } from "./layout_ranks";

/** A graph to lay out. Nodes are numbers from 0. */
export interface LayoutProblem {
  readonly widths: Float32Array;
  readonly heights: Float32Array;
  /** Where edges enter a node at its top, from its centre. */
  readonly inOffsets: Float32Array;
  /** Where edges leave a node at its bottom, from its centre. */
  readonly outOffsets: Float32Array;
  /** Pairs (source, target). */
  readonly edges: Int32Array;
  /** A node without inputs that comes above all others, or -1. */
  readonly first: number;
  /** A node without outputs that comes below all others, or -1. */
  readonly last: number;
}

/** Where everything goes; the origin is the upper left corner. */
export interface Placement {
  readonly width: number;
  readonly height: number;
  /** Centres of the nodes. */
  readonly x: Float32Array;
  /** Upper edges of the nodes. */
  readonly y: Float32Array;
  /**
   * Points (x, y) of edge e: `points[2 * pointStart[e] .. 2 * pointStart[e + 1]]`,
   * from its source to its target. Between two points of different x the edge
   * bends; those places hold no nodes.
   */
  readonly pointStart: Int32Array;
  readonly points: Float32Array;
  /** 0 where an edge is so long that it goes straight, maybe below nodes. */
  readonly routed: Uint8Array;
}

export const LAYOUT = {
  /** Least room between two nodes side by side. */
  nodeGap: 28,
  /** Least room beside an edge. */
  edgeGap: 14,
  /** Room between two ranks. */
  rankGap: 30,
  /** Most room that is added for edges that go far sideways. */
  extraGap: 44,
  /** Most places that long edges may take up in all. */
  maxDummies: 40_000,
  /** Most points of all edges. */
  maxPoints: 1_000_000,
} as const;

/** Lays out a graph. */
export function layoutGraph(problem: LayoutProblem): Placement {
  const count = problem.widths.length;
  const ranks = assignRanks(count, problem.edges, problem.first, problem.last);
  const chains = addTrunks(count, problem, ranks);
  const order = orderRanks(chains);
  const x = assignX(chains, order);
  return place(problem, ranks, chains, order, x);
}

/**
 * The graph that is ordered: the nodes, and below each source of long edges a
 * *trunk* of dummies, one per rank, which all its long edges share.
 */
export interface RankedGraph {
  /** Nodes and dummies. */
  readonly total: number;
  /** Nodes; the rest are dummies. */
  readonly real: number;
  readonly rankCount: number;
  readonly rank: Int32Array;
  readonly widths: Float32Array;
  readonly inOffsets: Float32Array;
  readonly outOffsets: Float32Array;
  /** Pairs (upper, lower) between neighbouring ranks. */
  readonly segments: Int32Array;
  readonly downStart: Int32Array;
  readonly down: Int32Array;
  readonly upStart: Int32Array;
  readonly up: Int32Array;
  /** Longest path to an end, in ranks, of each node. */
  readonly reach: Int32Array;
  /** Nodes that take part; the others have no edges. */
  readonly linked: Uint8Array;
  /** First dummy of the trunk of each node, or -1. */
  readonly trunk: Int32Array;
}

const DUMMY_WIDTH = 2;

function addTrunks(count: number, problem: LayoutProblem, ranks: Ranks): RankedGraph {
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
    linked,
    trunk,
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

function place(
  problem: LayoutProblem,
  ranks: Ranks,
  chains: RankedGraph,
  order: readonly Int32Array[],
  centres: Float64Array,
): Placement {
  const { widths, heights } = problem;
  const { real, rank, linked, segments } = chains;
  const bandHeight = new Float64Array(chains.rankCount);
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < chains.total; v += 1) {
    if (linked[v] === 0) {
      continue;
    }
    const half = (chains.widths[v] as number) / 2;
    left = Math.min(left, (centres[v] as number) - half);
    right = Math.max(right, (centres[v] as number) + half);
    if (v < real) {
      const band = rank[v] as number;
      bandHeight[band] = Math.max(bandHeight[band] as number, heights[v] as number);
    }
  }
  const drawn = right >= left;
  const gaps = rankGaps(chains, centres);
  const bandTop = new Float64Array(chains.rankCount);
  let height = 0;
  for (let band = 0; band < chains.rankCount; band += 1) {
    bandTop[band] = height;
    height += bandHeight[band] as number;
    if (band + 1 < chains.rankCount) {
      height += gaps[band] as number;
    }
  }
  const x = new Float32Array(real);
  const y = new Float32Array(real);
  for (let v = 0; v < real; v += 1) {
    if (linked[v] === 1) {
      const band = rank[v] as number;
      const spare = (bandHeight[band] as number) - (heights[v] as number);
      x[v] = (centres[v] as number) - left;
      y[v] = (bandTop[band] as number) + spare / 2;
    }
  }
  const main = drawn ? { width: right - left, height } : { width: 0, height: 0 };
  const size = placeUnlinked(widths, heights, linked, real, main, x, y);
  const lines = routeEdges(problem, ranks, chains, {
    left,
    centres,
    bandTop,
    bandHeight,
    x,
    y,
  });
  void order;
  void segments;
  return { width: size.width, height: size.height, x, y, ...lines };
}

/** More room between two ranks where edges go far sideways. */
function rankGaps(chains: RankedGraph, centres: Float64Array): Float64Array {
  const furthest = new Float64Array(chains.rankCount);
  const { segments, rank, inOffsets, outOffsets } = chains;
  for (let i = 0; i < segments.length; i += 2) {
    const upper = segments[i] as number;
    const lower = segments[i + 1] as number;
    const start = (centres[upper] as number) + (outOffsets[upper] as number);
    const end = (centres[lower] as number) + (inOffsets[lower] as number);
    const band = rank[upper] as number;
    furthest[band] = Math.max(furthest[band] as number, Math.abs(start - end));
  }
  return furthest.map(
    (distance) => LAYOUT.rankGap + Math.min(LAYOUT.extraGap, distance * 0.06),
  );
}

/** Nodes without edges go below the rest, row by row. */
function placeUnlinked(
  widths: Float32Array,
  heights: Float32Array,
  linked: Uint8Array,
  real: number,
  main: { width: number; height: number },
  x: Float32Array,
  y: Float32Array,
): { width: number; height: number } {
  let area = 0;
  let widest = 0;
  for (let v = 0; v < real; v += 1) {
    if (linked[v] === 0) {
      const width = (widths[v] as number) + LAYOUT.nodeGap;
      area += width * ((heights[v] as number) + LAYOUT.nodeGap);
      widest = Math.max(widest, widths[v] as number);
    }
  }
  if (area === 0) {
    return main;
  }
  const rowWidth = Math.max(main.width, widest, Math.sqrt(area * 1.6));
  let width = main.width;
  let rowLeft = 0;
  let rowTop = main.height > 0 ? main.height + LAYOUT.rankGap * 2 : 0;
  let rowHeight = 0;
  for (let v = 0; v < real; v += 1) {
    if (linked[v] === 1) {
      continue;
    }
    const own = widths[v] as number;
    if (rowLeft > 0 && rowLeft + own > rowWidth) {
      rowTop += rowHeight + LAYOUT.nodeGap;
      rowLeft = 0;
      rowHeight = 0;
    }
    x[v] = rowLeft + own / 2;
    y[v] = rowTop;
    width = Math.max(width, rowLeft + own);
    rowLeft += own + LAYOUT.nodeGap;
    rowHeight = Math.max(rowHeight, heights[v] as number);
  }
  return { width, height: rowTop + rowHeight };
}

interface Bands {
  readonly left: number;
  readonly centres: Float64Array;
  readonly bandTop: Float64Array;
  readonly bandHeight: Float64Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

function routeEdges(
  problem: LayoutProblem,
  ranks: Ranks,
  chains: RankedGraph,
  bands: Bands,
): Pick<Placement, "pointStart" | "points" | "routed"> {
  const { upper, lower, reversed } = ranks;
  const count = problem.edges.length / 2;
  const pointStart = new Int32Array(count + 1);
  const routed = new Uint8Array(count);
  const points: number[] = [];
  for (let e = 0; e < count; e += 1) {
    const path = edgePath(
      problem,
      chains,
      bands,
      upper[e] as number,
      lower[e] as number,
    );
    const free = points.length + path.line.length <= LAYOUT.maxPoints * 2;
    const line = free ? path.line : [...path.line.slice(0, 2), ...path.line.slice(-2)];
    routed[e] = path.routed && free ? 1 : 0;
    if (reversed[e] === 1) {
      for (let i = line.length - 2; i >= 0; i -= 2) {
        points.push(line[i] as number, line[i + 1] as number);
      }
    } else {
      for (const value of line) {
        points.push(value);
      }
    }
    pointStart[e + 1] = points.length / 2;
  }
  return { pointStart, points: Float32Array.from(points), routed };
}

function edgePath(
  problem: LayoutProblem,
  chains: RankedGraph,
  bands: Bands,
  source: number,
  target: number,
): { line: number[]; routed: boolean } {
  const { rank, trunk } = chains;
  const line: number[] = [];
  const add = (x: number, y: number): void => {
    const end = line.length;
    // The middle one of three points on a vertical line says nothing.
    if (end >= 4 && line[end - 2] === x && line[end - 4] === x) {
      line[end - 1] = y;
    } else if (end < 2 || line[end - 2] !== x || line[end - 1] !== y) {
      line.push(x, y);
    }
  };
  if (source === target) {
    return { line: [], routed: true };
  }
  const top = rank[source] as number;
  const bottom = rank[target] as number;
  const startX = (bands.x[source] as number) + (problem.outOffsets[source] as number);
  const endX = (bands.x[target] as number) + (problem.inOffsets[target] as number);
  const startBand = (bands.bandTop[top] as number) + (bands.bandHeight[top] as number);
  add(startX, (bands.y[source] as number) + (problem.heights[source] as number));
  add(startX, startBand);
  const first = trunk[source] as number;
  const length = bottom - top - 1;
  const routed = length <= 0 || (first >= 0 && hasDummy(chains, first, length, source));
  if (routed) {
    for (let i = 0; i < length; i += 1) {
      const x = Math.fround((bands.centres[first + i] as number) - bands.left);
      const band = top + 1 + i;
      const bandTop = bands.bandTop[band] as number;
      add(x, bandTop);
      add(x, bandTop + (bands.bandHeight[band] as number));
    }
  }
  add(endX, bands.bandTop[bottom] as number);
  add(endX, bands.y[target] as number);
  return { line, routed };
}

/** Whether a source's trunk is long enough for an edge of so many dummies. */
function hasDummy(
  chains: RankedGraph,
  first: number,
  length: number,
  source: number,
): boolean {
  const last = first + length - 1;
  const expected = (chains.rank[source] as number) + length;
  return last < chains.total && chains.rank[last] === expected;
}
