/** What the steps of the layout hand to each other. */

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
  rankGap: 24,
  /** Most room that is added for edges that go far sideways. */
  extraGap: 56,
  /** Most places that long edges may take up in all. */
  maxDummies: 40_000,
  /** Most points of all edges. */
  maxPoints: 1_000_000,
} as const;

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
  /** Longest path from a beginning, in ranks, to each node. */
  readonly depth: Int32Array;
  /** Nodes that take part; the others have no edges. */
  readonly linked: Uint8Array;
  /** First dummy of the trunk of each node, or -1. */
  readonly trunk: Int32Array;
  /** Number of dummies of that trunk. */
  readonly trunkLength: Int32Array;
}
