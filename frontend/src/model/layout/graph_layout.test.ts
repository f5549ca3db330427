import { describe, expect, test } from "vitest";
import { createProblem, createRandom, overlaps, randomEdges } from "../test_graphs";
import { layoutGraph } from "./graph_layout";
import type { LayoutProblem, Placement } from "./layout_types";

function upward(problem: LayoutProblem, placed: Placement): number[] {
  const wrong: number[] = [];
  for (let e = 0; e * 2 < problem.edges.length; e += 1) {
    const source = problem.edges[e * 2] as number;
    const target = problem.edges[e * 2 + 1] as number;
    const bottom = (placed.y[source] ?? 0) + (problem.heights[source] ?? 0);
    if (bottom > (placed.y[target] ?? 0)) {
      wrong.push(e);
    }
  }
  return wrong;
}

/** Edges that pass through a node that is not an end of theirs. */
function pierced(problem: LayoutProblem, placed: Placement): string[] {
  const found: string[] = [];
  for (let e = 0; e * 2 < problem.edges.length; e += 1) {
    const ends = [problem.edges[e * 2], problem.edges[e * 2 + 1]];
    const from = placed.pointStart[e] as number;
    const to = placed.pointStart[e + 1] as number;
    for (let i = from; i + 1 < to; i += 1) {
      const [x1, y1, x2, y2] = placed.points.subarray(i * 2, i * 2 + 4);
      for (let v = 0; v < problem.widths.length; v += 1) {
        const half = (problem.widths[v] ?? 0) / 2;
        const x = placed.x[v] ?? 0;
        const top = placed.y[v] ?? 0;
        const beside =
          Math.max(x1 ?? 0, x2 ?? 0) <= x - half ||
          Math.min(x1 ?? 0, x2 ?? 0) >= x + half;
        const apart =
          Math.max(y1 ?? 0, y2 ?? 0) <= top ||
          Math.min(y1 ?? 0, y2 ?? 0) >= top + (problem.heights[v] ?? 0);
        if (!beside && !apart && !ends.includes(v)) {
          found.push(`edge ${ends.join("-")} at node ${v}`);
        }
      }
    }
  }
  return found;
}

describe("layout of a graph", () => {
  test("a chain is a straight line", () => {
    const problem = createProblem(
      6,
      [0, 1, 2, 3, 4].map((v) => [v, v + 1] as const),
    );
    const placed = layoutGraph(problem);
    expect(new Set(placed.x).size).toBe(1);
    expect(Array.from(placed.y)).toEqual(Array.from(placed.y).sort((a, b) => a - b));
    expect(placed.width).toBe(160);
    expect(Array.from(placed.pointStart)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  test("a skip connection leaves the main way straight and passes beside it", () => {
    const problem = createProblem(6, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
      [1, 4],
    ]);
    const placed = layoutGraph(problem);
    expect(new Set(placed.x).size).toBe(1);
    expect(pierced(problem, placed)).toEqual([]);
    expect((placed.pointStart[6] ?? 0) - (placed.pointStart[5] ?? 0)).toBeGreaterThan(
      2,
    );
    expect(placed.width).toBeGreaterThan(160);
  });

  test.each([
    1, 2, 3,
  ])("random graph %i: edges point down, nothing overlaps", (seed) => {
    const problem = createProblem(120, randomEdges(120, seed));
    const random = createRandom(seed);
    for (let v = 0; v < 120; v += 1) {
      problem.widths[v] = 40 + random() * 300;
      problem.heights[v] = 20 + random() * 200;
    }
    const placed = layoutGraph(problem);
    expect(upward(problem, placed)).toEqual([]);
    expect(overlaps(problem, placed)).toEqual([]);
    expect(pierced(problem, placed)).toEqual([]);
    expect(placed.routed.every((routed) => routed === 1)).toBe(true);
  });

  test("is the same each time", () => {
    const problem = createProblem(300, randomEdges(300, 7));
    expect(layoutGraph(problem)).toEqual(layoutGraph(problem));
  });

  test("edges begin and end at their nodes", () => {
    const problem = createProblem(40, randomEdges(40, 5));
    problem.outOffsets.fill(11);
    problem.inOffsets.fill(-7);
    const placed = layoutGraph(problem);
    for (let e = 0; e * 2 < problem.edges.length; e += 1) {
      const source = problem.edges[e * 2] as number;
      const target = problem.edges[e * 2 + 1] as number;
      const from = (placed.pointStart[e] as number) * 2;
      const to = (placed.pointStart[e + 1] as number) * 2;
      expect(placed.points[from]).toBe((placed.x[source] ?? 0) + 11);
      expect(placed.points[from + 1]).toBe((placed.y[source] ?? 0) + 50);
      expect(placed.points[to - 2]).toBe((placed.x[target] ?? 0) - 7);
      expect(placed.points[to - 1]).toBe(placed.y[target]);
    }
  });

  test("a cycle is broken, and its edge goes up", () => {
    const problem = createProblem(4, [
      [0, 1],
      [1, 2],
      [2, 1],
      [2, 3],
      [3, 3],
    ]);
    const placed = layoutGraph(problem);
    expect(overlaps(problem, placed)).toEqual([]);
    expect(upward(problem, placed)).toEqual([2, 4]);
    const from = (placed.pointStart[2] as number) * 2;
    const to = (placed.pointStart[3] as number) * 2;
    expect(placed.points[from + 1]).toBe(placed.y[2]);
    expect(placed.points[to - 1]).toBe((placed.y[1] ?? 0) + 50);
  });

  test("nodes without edges stand in rows", () => {
    const alone = createProblem(60, []);
    const placed = layoutGraph(alone);
    expect(overlaps(alone, placed)).toEqual([]);
    expect(placed.width).toBeLessThan(placed.height * 4);
    expect(placed.height).toBeLessThan(placed.width * 4);
    const mixed = createProblem(60, [[3, 4]]);
    expect(overlaps(mixed, layoutGraph(mixed))).toEqual([]);
  });

  test("nothing and one node are drawn", () => {
    expect(layoutGraph(createProblem(0, []))).toMatchObject({ width: 0, height: 0 });
    expect(layoutGraph(createProblem(1, []))).toMatchObject({ width: 160, height: 50 });
  });

  test("an input that is used late stands above its use", () => {
    const problem = createProblem(6, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [5, 4],
    ]);
    const placed = layoutGraph(problem);
    expect(placed.y[5]).toBe(placed.y[3]);
  });

  test("a chain of 5,000 nodes, with an input that all of them read", () => {
    const edges = Array.from({ length: 4_998 }, (_, v) => [v, v + 1] as const);
    for (let v = 10; v < 4_999; v += 10) {
      edges.push([4_999, v]);
    }
    const problem = createProblem(5_000, edges);
    const placed = layoutGraph(problem);
    expect(overlaps(problem, placed)).toEqual([]);
    expect(upward(problem, placed)).toEqual([]);
  });

  test("2,000 random nodes; and edges beyond the budget go straight", () => {
    const problem = createProblem(2_000, randomEdges(2_000, 11));
    const placed = layoutGraph(problem);
    expect(overlaps(problem, placed)).toEqual([]);
    expect(upward(problem, placed)).toEqual([]);
    const far = Array.from({ length: 1_999 }, (_, v) => [v, v + 1] as const);
    for (let v = 0; v < 900; v += 1) {
      far.push([v, v + 1_000]);
    }
    const long = layoutGraph(createProblem(2_000, far));
    expect(long.routed.some((routed) => routed === 0)).toBe(true);
    expect(long.routed.subarray(0, 1_999).every((routed) => routed === 1)).toBe(true);
  });
});
