import { describe, expect, test } from "vitest";
import { createLayerGraph } from "../graph/layer_graph";
import { BORDER, edgesIn, liftLinks } from "../graph/lifted_edges";
import {
  childrenOf,
  groupsAround,
  groupsOf,
  ROOT,
  representatives,
} from "../graph/node_tree";
import { createModel, createNested } from "../test_graphs";
import { NestedLayout, type Scene } from "./nested_layout";

function setUp(model = createNested()) {
  const { tree } = createLayerGraph(model);
  const edges = liftLinks(tree);
  const sizes = {
    widths: new Float32Array(tree.size).fill(160),
    heights: new Float32Array(tree.size).fill(50),
  };
  return { tree, edges, nested: new NestedLayout(tree, edges, sizes) };
}

function box(scene: Scene, call: number) {
  const i = scene.nodes.indexOf(call);
  const left = scene.left[i] as number;
  const top = scene.top[i] as number;
  return {
    left,
    top,
    right: left + (scene.widths[i] as number),
    bottom: top + (scene.heights[i] as number),
  };
}

describe("the tree of calls", () => {
  test("knows groups and what is in them", () => {
    const { tree } = setUp();
    expect(groupsOf(tree)).toEqual([1, 5]);
    expect(Array.from(childrenOf(tree, ROOT))).toEqual([0, 1, 5, 9]);
    expect(Array.from(childrenOf(tree, 5))).toEqual([6, 7, 8]);
    expect(groupsAround(tree, 7)).toEqual([5]);
  });

  test("a closed group stands for all in it", () => {
    const { tree } = setUp();
    const open = new Uint8Array(tree.size);
    open[5] = 1;
    expect(Array.from(representatives(tree, open))).toEqual([
      0, 1, 1, 1, 1, 5, 6, 7, 8, 9,
    ]);
  });

  test("leaves out parents and links that lead nowhere", () => {
    const model = createModel(
      [],
      [
        ["a", 1],
        ["b", 7],
        ["c", 0],
        ["d", null],
      ],
      [
        [0, 3],
        [3, 99],
        [-1, 2],
        [2, 2],
        [2, 3],
      ],
    );
    const { callTree, nodeOfCall } = createLayerGraph(model);
    expect(Array.from(callTree.parent)).toEqual([ROOT, ROOT, 0, ROOT]);
    expect(Array.from(callTree.links)).toEqual([2, 3]);
    expect(Array.from(nodeOfCall)).toEqual([0, 2, 1, 3]);
  });
});

describe("lifted edges", () => {
  test("are merged, and lead through borders", () => {
    const { edges } = setUp();
    const pairs = (group: number) =>
      Array.from(edgesIn(edges, group)).map((e) => [edges.from[e], edges.to[e]]);
    expect(pairs(ROOT)).toEqual([
      [0, 1],
      [1, 5],
      [5, 9],
      [0, 9],
    ]);
    expect(pairs(1)).toEqual([
      [BORDER, 2],
      [2, 3],
      [3, 4],
      [4, BORDER],
    ]);
    const way = edges.linkEdges.subarray(edges.linkStart[3], edges.linkStart[4]);
    expect(Array.from(way).map((e) => edges.scope[e])).toEqual([1, 5, ROOT]);
  });
});

describe("layout with groups", () => {
  test("shows only what is in open groups", () => {
    const { tree, nested } = setUp();
    const open = new Uint8Array(tree.size);
    expect(Array.from(nested.layout(open).nodes)).toEqual([0, 1, 5, 9]);
    open[5] = 1;
    const scene = nested.layout(open);
    expect(Array.from(scene.nodes)).toEqual([0, 1, 5, 6, 7, 8, 9]);
    expect(Array.from(scene.open)).toEqual([0, 0, 1, 0, 0, 0, 0]);
  });

  test("groups hold what is in them, and edges meet at their borders", () => {
    const { tree, edges, nested } = setUp();
    const scene = nested.layout(new Uint8Array(tree.size).fill(1));
    const group = box(scene, 5);
    for (const call of [6, 7, 8]) {
      const inner = box(scene, call);
      expect(inner.left).toBeGreaterThan(group.left);
      expect(inner.right).toBeLessThan(group.right);
      expect(inner.top).toBeGreaterThan(group.top);
      expect(inner.bottom).toBeLessThan(group.bottom);
    }
    expect(group.bottom).toBeLessThan(box(scene, 9).top);
    const ends = new Map<string, readonly number[]>();
    scene.edges.forEach((e, i) => {
      const from = (scene.pointStart[i] as number) * 2;
      const to = (scene.pointStart[i + 1] as number) * 2;
      const start = scene.points[from] as number;
      ends.set(`${edges.from[e]}>${edges.to[e]} in ${edges.scope[e]}`, [
        start,
        scene.points[to - 2] as number,
      ]);
    });
    expect(ends.get("1>5 in -1")?.[1]).toBe(ends.get("-1>6 in 5")?.[0]);
    expect(ends.get("8>-1 in 5")?.[1]).toBe(ends.get("5>9 in -1")?.[0]);
  });

  test("keeps the layout of what did not change, and gives the same again", () => {
    const { tree, nested } = setUp();
    const open = new Uint8Array(tree.size);
    const closed = nested.layout(open);
    open[1] = 1;
    nested.layout(open);
    open[1] = 0;
    expect(nested.layout(open)).toEqual(closed);
  });

  test("10,000 levels of groups", () => {
    const depth = 10_000;
    const calls = Array.from(
      { length: depth },
      (_, i) => [`g${i}`, i === 0 ? null : i - 1] as const,
    );
    const { tree, nested } = setUp(createModel([], calls, []));
    const scene = nested.layout(new Uint8Array(tree.size).fill(1));
    expect(scene.nodes.length).toBe(depth);
    expect(scene.width).toBeGreaterThan(depth);
  });
});
