/** The last step of the layout: places of the nodes and lines of the edges. */

import type { Ranks } from "./layout_ranks";
import {
  LAYOUT,
  type LayoutProblem,
  type Placement,
  type RankedGraph,
} from "./layout_types";

/** Turns ranks and centres into places and lines. */
export function place(
  problem: LayoutProblem,
  ranks: Ranks,
  chains: RankedGraph,
  centres: Float64Array,
): Placement {
  const { widths, heights } = problem;
  const { real, rank, linked } = chains;
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
      const tall = Math.ceil(heights[v] as number);
      bandHeight[band] = Math.max(bandHeight[band] as number, tall);
    }
  }
  const drawn = right >= left;
  // Whole numbers are exact in 32 bits, so that lines that meet meet exactly.
  left = Math.floor(left);
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
      y[v] = (bandTop[band] as number) + Math.floor(spare / 2);
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
    (distance) =>
      LAYOUT.rankGap + Math.round(Math.min(LAYOUT.extraGap, distance * 0.09)),
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
  const routed = length <= (chains.trunkLength[source] as number);
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
