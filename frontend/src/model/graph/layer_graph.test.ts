import { describe, expect, test } from "vitest";
import { createFoldFacts } from "../folding/fold_facts";
import { createLayer, createModel, createNested } from "../test_graphs";
import { createCards } from "./cards";
import { createLayerGraph, type Fold } from "./layer_graph";
import { groupsAround, ROOT } from "./node_tree";

const FOLD: Fold = { kind: "prefix", title: "both", count: 2, unit: "" };

/** `createNested()`, whose two calls of the nested model are in one fold. */
function createFolded() {
  const model = createNested();
  return createLayerGraph(model, (_, calls) => {
    const parent = Int32Array.from([...calls.parent, ROOT]);
    parent[1] = calls.size;
    parent[5] = calls.size;
    return { folds: [FOLD], parent };
  });
}

describe("what is drawn", () => {
  test("is the calls alone without folds", () => {
    const graph = createLayerGraph(createNested());
    expect(graph.nodes.map((node) => node.call?.id)).toEqual([...Array(10).keys()]);
    expect(Array.from(graph.nodeOfCall)).toEqual([...Array(10).keys()]);
    expect(graph.callsOf.get("inner/a")).toEqual([3, 7]);
    expect(new Set(graph.nodes.map((node) => node.key)).size).toBe(10);
  });

  test("a fold comes before what is in it, and the calls are found again", () => {
    const graph = createFolded();
    expect(graph.nodes.map((node) => node.call?.id ?? "fold")).toEqual([
      0,
      "fold",
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      9,
    ]);
    expect(Array.from(graph.nodeOfCall)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(graph.callsOf.get("inner")).toEqual([2, 6]);
    expect(groupsAround(graph.tree, 8)).toEqual([6, 1]);
    expect(Array.from(graph.tree.links.subarray(0, 4))).toEqual([0, 3, 3, 4]);
    expect(Array.from(graph.callTree.links.subarray(0, 4))).toEqual([0, 2, 2, 3]);
  });

  test("a fold that nothing is in is not drawn", () => {
    const graph = createLayerGraph(createNested(), (_, calls) => ({
      folds: [FOLD],
      parent: Int32Array.from([...calls.parent, ROOT]),
    }));
    expect(graph.nodes).toHaveLength(10);
  });

  test("what calls come in between is numbered after the fold", () => {
    const names = ["a", "b", "c"];
    const model = createModel(
      names.map((path) => createLayer({ path })),
      names.map((path) => [path, null] as const),
      [
        [0, 1],
        [1, 2],
      ],
    );
    const graph = createLayerGraph(model, () => ({
      folds: [FOLD],
      parent: Int32Array.from([3, ROOT, 3, ROOT]),
    }));
    expect(graph.nodes.map((node) => node.key)).toEqual([
      "prefix:both:0:a",
      "0:a",
      "0:c",
      "0:b",
    ]);
    expect(Array.from(graph.tree.parent)).toEqual([ROOT, 0, 0, ROOT]);
    expect(Array.from(graph.tree.links)).toEqual([1, 3, 3, 2]);
  });
});

describe("what a fold sums up", () => {
  test("is what it holds, a shared layer once, and its ends", () => {
    const graph = createFolded();
    expect(createFoldFacts(graph).get(1)).toEqual({
      params: 30,
      calls: 2,
      inputs: [[null, 8]],
      outputs: [[null, 8]],
    });
  });

  test("what the model returns is on its card, and on those around it", () => {
    const model = createNested();
    const outputs = [
      { name: "head", node: 9, output: 0 },
      { name: "features", node: 8, output: 0 },
    ];
    const cards = createCards(createLayerGraph({ ...model, outputs }));
    expect(cards.map((card) => card.role).filter(Boolean)).toEqual([
      "output: features",
      "output: features",
      "output: head",
    ]);
    expect(cards[9]?.role).toBe("output: head");
  });

  test("is on its card", () => {
    expect(createCards(createFolded())[1]).toEqual({
      title: "both",
      className: "2 layers",
      shape: "8 → 8",
      params: "30",
      role: "",
      family: "model",
    });
  });
});
