import { describe, expect, test } from "vitest";
import { createNodeTree, type NodeTree, ROOT } from "../graph/node_tree";
import { createRandom } from "../test_graphs";
import { findPaths, type Paths, reachOf } from "./path_finder";

type Pair = [number, number];

function tree(links: readonly Pair[], parents: readonly number[]): NodeTree {
  return createNodeTree(Int32Array.from(parents), links.flat());
}

function flat(size: number, links: readonly Pair[]): NodeTree {
  return tree(links, new Array<number>(size).fill(ROOT));
}

const flagged = (flags: Uint8Array): number[] =>
  Array.from(flags.keys()).filter((i) => flags[i] === 1);

/** All paths, one by one: slow, and plainly right. */
function walk(graph: NodeTree, from: number, to: number): number[][] {
  const found: number[][] = [];
  const go = (path: number[]): void => {
    const last = path.at(-1) as number;
    if (last === to) {
      found.push(path);
      return;
    }
    for (let i = 0; i < graph.links.length; i += 2) {
      if (graph.links[i] === last) {
        go([...path, graph.links[i + 1] as number]);
      }
    }
  };
  go([from]);
  return found;
}

describe("paths between two leaves", () => {
  test.each([
    1, 2, 3, 4, 5, 6, 7, 8,
  ])("are those found one by one, graph %i", (seed) => {
    const random = createRandom(seed);
    const size = 12;
    const links: Pair[] = [];
    for (let target = 1; target < size; target += 1) {
      for (let source = 0; source < target; source += 1) {
        if (random() < 0.3) {
          links.push([source, target]);
        }
      }
    }
    const graph = flat(size, links);
    for (const [from, to] of [
      [0, 11],
      [2, 9],
      [3, 3],
      [8, 1],
    ] as const) {
      const all = from === to ? [] : walk(graph, from, to);
      const paths = findPaths(graph, from, to);
      expect(paths.count).toBe(all.length);
      expect(paths.shortest).toBe(
        all.length === 0 ? 0 : Math.min(...all.map((path) => path.length - 1)),
      );
      expect(flagged(paths.leaves)).toEqual(
        [...new Set(all.flat())].sort((a, b) => a - b),
      );
      const steps = new Set(
        all.flatMap((path) => path.slice(1).map((leaf, i) => `${path[i]}-${leaf}`)),
      );
      const lit = flagged(paths.links).map(
        (link) => `${graph.links[link * 2]}-${graph.links[link * 2 + 1]}`,
      );
      expect(new Set(lit)).toEqual(steps);
    }
  });
});

describe("paths of groups", () => {
  // 0 -> [1: 2 -> 3, 4] -> 5 -> [6: 7], and 0 -> 5.
  const grouped = tree(
    [
      [0, 2],
      [2, 3],
      [0, 4],
      [3, 5],
      [4, 5],
      [0, 5],
      [5, 7],
    ],
    [-1, -1, 1, 1, 1, -1, -1, 6],
  );

  test("begin where they leave it, and end where they enter it", () => {
    const paths = findPaths(grouped, 1, 6);
    expect(paths.count).toBe(2);
    expect(paths.shortest).toBe(2);
    expect(flagged(paths.leaves)).toEqual([3, 4, 5, 7]);
  });

  test("pass through other groups", () => {
    const paths = findPaths(grouped, 0, 7);
    expect(paths.count).toBe(3);
    expect(paths.shortest).toBe(2);
    expect(flagged(paths.leaves)).toEqual([0, 2, 3, 4, 5, 7]);
  });

  test("do not lead to what is in them", () => {
    expect(findPaths(grouped, 1, 3).count).toBe(0);
    expect(findPaths(grouped, 3, 1).count).toBe(0);
  });
});

describe("counting", () => {
  function ladder(rungs: number): Paths {
    const links: Pair[] = [];
    for (let rung = 0; rung < rungs; rung += 1) {
      const at = rung * 3;
      links.push([at, at + 1], [at, at + 2], [at + 1, at + 3], [at + 2, at + 3]);
    }
    return findPaths(flat(rungs * 3 + 1, links), 0, rungs * 3);
  }

  test("is exact as far as numbers are", () => {
    expect(ladder(53).count).toBe(2 ** 53);
    expect(ladder(53).shortest).toBe(106);
  });

  test("goes on roughly beyond, and takes no longer", () => {
    expect(ladder(1_000).count).toBeCloseTo(2 ** 1_000, -290);
    expect(ladder(20_000).count).toBe(Number.POSITIVE_INFINITY);
  });

  test("gives up where the data flow goes round, and still lights the way", () => {
    const graph = flat(5, [
      [0, 1],
      [1, 2],
      [2, 1],
      [2, 3],
      [3, 4],
    ]);
    const paths = findPaths(graph, 0, 4);
    expect(paths.count).toBeNaN();
    expect(paths.shortest).toBe(4);
    expect(flagged(paths.leaves)).toEqual([0, 1, 2, 3, 4]);
  });
});

test("what leads to a node and follows from it is found to the ends", () => {
  const graph = flat(7, [
    [0, 2],
    [1, 2],
    [2, 3],
    [3, 4],
    [3, 5],
    [1, 6],
  ]);
  const reach = reachOf(graph, 3);
  expect(flagged(reach.leavesBefore)).toEqual([0, 1, 2]);
  expect(flagged(reach.leavesAfter)).toEqual([4, 5]);
  expect(flagged(reach.linksBefore)).toEqual([0, 1, 2]);
  expect(flagged(reach.linksAfter)).toEqual([3, 4]);
});
