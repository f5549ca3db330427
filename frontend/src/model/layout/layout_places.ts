/** The third step of the layout: how far right each node is. */

import { LAYOUT, type RankedGraph } from "./layout_types";

/** How much a node insists on its place, by what holds it there. */
const WEIGHT = { main: 4096, trunk: 32, other: 1, free: 1 / 64 } as const;
const SWEEPS = 8;

/**
 * Finds centres that keep the order and the room between nodes, and keep *main*
 * ways straight: each node has at most one main neighbour above and one below.
 */
export function assignX(
  graph: RankedGraph,
  order: readonly Int32Array[],
): Float64Array {
  const centres = new Float64Array(graph.total);
  for (const rank of order) {
    let x = 0;
    for (let i = 0; i < rank.length; i += 1) {
      x += i > 0 ? separation(graph, rank[i - 1] as number, rank[i] as number) : 0;
      centres[rank[i] as number] = x;
    }
    for (const v of rank) {
      centres[v] = (centres[v] as number) - x / 2;
    }
  }
  const { above, below } = mainWays(graph);
  const solver = new RankSolver(graph, centres);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (let r = order.length - 2; r >= 0; r -= 1) {
      solver.solve(order[r] as Int32Array, below, false);
    }
    for (let r = 1; r < order.length; r += 1) {
      solver.solve(order[r] as Int32Array, above, true);
    }
  }
  return centres.map((x) => Math.round(x));
}

function separation(graph: RankedGraph, left: number, right: number): number {
  const between = left < graph.real && right < graph.real;
  const gap = between ? LAYOUT.nodeGap : LAYOUT.edgeGap;
  const widths = (graph.widths[left] as number) + (graph.widths[right] as number);
  return widths / 2 + gap;
}

/**
 * Pairs neighbours that shall be straight below each other: each the one that
 * leads furthest for the other. Where several are alike, none is: what they
 * have in common then goes to their middle.
 */
function mainWays(graph: RankedGraph): { above: Int32Array; below: Int32Array } {
  const { total, real, downStart, down, upStart, up, reach, depth } = graph;
  const above = new Int32Array(total).fill(-1);
  const below = new Int32Array(total).fill(-1);
  const lower = best(total, real, downStart, down, reach);
  const upper = best(total, real, upStart, up, depth);
  for (let v = 0; v < total; v += 1) {
    const w = lower[v] as number;
    if (w >= 0 && upper[w] === v) {
      below[v] = w;
      above[w] = v;
    }
  }
  return { above, below };
}

/** Each node's neighbour of the highest score, or -1 where several have it. */
function best(
  total: number,
  real: number,
  start: Int32Array,
  list: Int32Array,
  scores: Int32Array,
): Int32Array {
  const chosen = new Int32Array(total).fill(-1);
  for (let v = 0; v < total; v += 1) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = start[v] as number; i < (start[v + 1] as number); i += 1) {
      const w = list[i] as number;
      // A trunk goes on in itself; of a node, the trunk is the last choice.
      const trunk = v < real ? -1 : Number.POSITIVE_INFINITY;
      const score = w < real ? (scores[w] as number) : trunk;
      if (score > highest) {
        highest = score;
        chosen[v] = w;
      } else if (score === highest) {
        chosen[v] = -1;
      }
    }
  }
  return chosen;
}

/** Places one rank by weighted isotonic regression (pool adjacent violators). */
class RankSolver {
  private readonly sums: Float64Array;
  private readonly weights: Float64Array;
  private readonly sizes: Int32Array;
  private readonly shifts: Float64Array;

  constructor(
    private readonly graph: RankedGraph,
    private readonly centres: Float64Array,
  ) {
    this.sums = new Float64Array(graph.total);
    this.weights = new Float64Array(graph.total);
    this.sizes = new Int32Array(graph.total);
    this.shifts = new Float64Array(graph.total);
  }

  solve(rank: Int32Array, main: Int32Array, fromAbove: boolean): void {
    const { sums, weights, graph, centres } = this;
    const sizes = this.sizes;
    const shifts = this.shifts;
    let blocks = 0;
    let shift = 0;
    for (let i = 0; i < rank.length; i += 1) {
      const v = rank[i] as number;
      shift += i > 0 ? separation(graph, rank[i - 1] as number, v) : 0;
      shifts[i] = shift;
      const wish = this.wish(v, main[v] as number, fromAbove);
      sums[blocks] = (wish.x - shift) * wish.weight;
      weights[blocks] = wish.weight;
      sizes[blocks] = 1;
      blocks += 1;
      while (blocks > 1 && !this.inOrder(blocks)) {
        const into = blocks - 2;
        sums[into] = (sums[into] as number) + (sums[into + 1] as number);
        weights[into] = (weights[into] as number) + (weights[into + 1] as number);
        sizes[into] = (sizes[into] as number) + (sizes[into + 1] as number);
        blocks -= 1;
      }
    }
    let i = 0;
    for (let block = 0; block < blocks; block += 1) {
      const base = (sums[block] as number) / (weights[block] as number);
      for (let n = 0; n < (sizes[block] as number); n += 1) {
        centres[rank[i] as number] = base + (shifts[i] as number);
        i += 1;
      }
    }
  }

  private inOrder(blocks: number): boolean {
    const last = blocks - 1;
    const right = (this.sums[last] as number) / (this.weights[last] as number);
    const left = (this.sums[last - 1] as number) / (this.weights[last - 1] as number);
    return left <= right;
  }

  private wish(
    v: number,
    main: number,
    fromAbove: boolean,
  ): { x: number; weight: number } {
    const graph = this.graph;
    const centres = this.centres;
    const own = fromAbove ? graph.inOffsets : graph.outOffsets;
    const other = fromAbove ? graph.outOffsets : graph.inOffsets;
    const offset = own[v] as number;
    if (main >= 0) {
      const nodes = v < graph.real && main < graph.real;
      const x = (centres[main] as number) + (other[main] as number) - offset;
      return { x, weight: nodes ? WEIGHT.main : WEIGHT.trunk };
    }
    const start = fromAbove ? graph.upStart : graph.downStart;
    const list = fromAbove ? graph.up : graph.down;
    const from = start[v] as number;
    const to = start[v + 1] as number;
    if (from === to) {
      return { x: centres[v] as number, weight: WEIGHT.free };
    }
    let sum = 0;
    for (let i = from; i < to; i += 1) {
      const w = list[i] as number;
      sum += (centres[w] as number) + (other[w] as number);
    }
    return { x: sum / (to - from) - offset, weight: WEIGHT.other };
  }
}
