import { describe, expect, test } from "vitest";
import type { LayerNode, ModelGraph, Shape } from "../../wire/generated";
import { createDag, strongComponents } from "../graph/dag";
import { createLayerGraph, type LayerGraph } from "../graph/layer_graph";
import { BORDER, edgesIn, liftLinks } from "../graph/lifted_edges";
import { childrenOf, groupsOf, isGroup, ROOT } from "../graph/node_tree";
import { createLayer, createModel, createRandom, randomEdges } from "../test_graphs";
import { foldCalls } from "./folding";

type Made = Partial<LayerNode> & { path: string };

/** A model of these layers, each called once, in series unless links are given. */
function createSeries(
  made: readonly Made[],
  links?: readonly (readonly [number, number])[],
): ModelGraph {
  const layers = made.map(createLayer);
  const series = made.slice(1).map((_, i) => [i, i + 1] as const);
  const model = createModel(
    layers,
    made.map(({ path }) => [path, null] as const),
    links ?? series,
  );
  const nodes = model.nodes.map((node, i) => ({
    ...node,
    output_shapes: (layers[i] as LayerNode).output_shapes,
  }));
  return { ...model, nodes };
}

function fold(model: ModelGraph): LayerGraph {
  return createLayerGraph(model, foldCalls);
}

/** Titles of what is in a group; of folds with their kind and count. */
function titles(graph: LayerGraph, group = ROOT): string[] {
  return Array.from(childrenOf(graph.tree, group), (id) => {
    const { call, fold: own } = graph.nodes[id] as LayerGraph["nodes"][number];
    const count = own?.kind === "repeat" ? ` x ${own.count} ${own.unit}` : "";
    return own === null ? (call?.layer ?? "?") : `${own.kind} ${own.title}${count}`;
  });
}

function find(graph: LayerGraph, title: string): number {
  const id = graph.nodes.findIndex((node) => node.fold?.title === title);
  expect(id, `${title} in ${titles(graph)}`).toBeGreaterThanOrEqual(0);
  return id;
}

/** No way may leave a group and come back: what is side by side has no cycle. */
function expectAcyclic(graph: LayerGraph): void {
  const edges = liftLinks(graph.tree);
  for (const group of [ROOT, ...groupsOf(graph.tree)]) {
    const children = childrenOf(graph.tree, group);
    const place = new Map(Array.from(children, (child, i) => [child, i]));
    const pairs: number[] = [];
    for (const e of edgesIn(edges, group)) {
      const [from, to] = [edges.from[e] as number, edges.to[e] as number];
      if (from !== BORDER && to !== BORDER) {
        pairs.push(place.get(from) as number, place.get(to) as number);
      }
    }
    const components = strongComponents(createDag(children.length, pairs));
    expect(new Set(components).size).toBe(children.length);
  }
}

/** Every call is drawn once, within the calls that it was in before. */
function expectWhole(graph: LayerGraph): void {
  const { tree, nodes, nodeOfCall, callTree } = graph;
  expect(nodes.filter((node) => node.call !== null)).toHaveLength(callTree.size);
  expect(new Set(nodes.map((node) => node.key)).size).toBe(nodes.length);
  nodes.forEach(({ call, fold: own }, id) => {
    expect(tree.parent[id] as number).toBeLessThan(id);
    if (own !== null) {
      expect(childrenOf(tree, id).length).toBeGreaterThan(1);
    }
    if (call !== null) {
      expect(nodeOfCall[call.id]).toBe(id);
      let around = tree.parent[id] as number;
      while (around !== ROOT && nodes[around]?.call === null) {
        around = tree.parent[around] as number;
      }
      const before = callTree.parent[call.id] as number;
      expect(around).toBe(before === ROOT ? ROOT : nodeOfCall[before]);
    }
  });
  expect(tree.links.length).toBe(callTree.links.length);
}

const CONV = { class_name: "Conv2D", params: 100 };

function residual(block: string, after: number, from: number, named: boolean) {
  const add = named ? `${block}_add` : `add_${from}`;
  const parts: Made[] = [
    { path: `${block}_conv`, ...CONV },
    { path: `${block}_bn`, class_name: "BatchNormalization", params: 10 },
    { path: `${block}_relu`, class_name: "ReLU" },
    { path: add, class_name: "Add" },
  ];
  const links: [number, number][] = [
    [after, from],
    [from, from + 1],
    [from + 1, from + 2],
    [from + 2, from + 3],
    [after, from + 3],
  ];
  return { parts, links };
}

/** An input and residual blocks; each is one of `groups`, like "conv2_block1". */
function createResidual(blocks: readonly string[], named = true): ModelGraph {
  const layers: Made[] = [{ path: "image", class_name: "InputLayer", kind: "input" }];
  const links: [number, number][] = [];
  for (const block of blocks) {
    const made = residual(block, layers.length - 1, layers.length, named);
    layers.push(...made.parts);
    links.push(...made.links);
  }
  return createSeries(layers, links);
}

describe("names that begin alike", () => {
  test("make groups in groups, where the data flow allows it", () => {
    const stages = [2, 3, 4].flatMap((stage) =>
      [1, 2, 3, 4].map((block) => `conv${stage}_block${block}`),
    );
    const graph = fold(createResidual(stages));
    expectAcyclic(graph);
    expect(titles(graph)).toEqual([
      "image",
      "prefix conv2",
      "prefix conv3",
      "prefix conv4",
    ]);
    const inside = titles(graph, find(graph, "conv3"));
    expect(inside).toEqual([1, 2, 3, 4].map((block) => `prefix conv3_block${block}`));
    expect(titles(graph, find(graph, "conv3_block2"))).toEqual(
      ["conv", "bn", "relu", "add"].map((part) => `conv3_block2_${part}`),
    );
  });

  test("letters count the items of a list as digits do", () => {
    const blocks = [..."abcd"].flatMap((letter) => [
      `block2${letter}`,
      `block3${letter}`,
    ]);
    const graph = fold(createResidual(blocks.sort()));
    expect(titles(graph)).toEqual(["image", "prefix block2", "prefix block3"]);
  });

  test("a merge without a name of its own belongs to the block that it ends", () => {
    const blocks = ["stem_1", "stem_2", "tail_1", "tail_2"];
    const graph = fold(createResidual(blocks, false));
    expectAcyclic(graph);
    expect(titles(graph, find(graph, "stem_2"))).toEqual([
      "stem_2_conv",
      "stem_2_bn",
      "stem_2_relu",
      "add_5",
    ]);
  });

  test("names by Keras say nothing, and names on a cycle are no group", () => {
    const layers: Made[] = Array.from({ length: 30 }, (_, i) => ({
      path: i % 2 === 0 ? `left_${i}_of` : `right_${i}_of`,
      output_shapes: [[null, i + 1]],
    }));
    const graph = fold(createSeries(layers));
    expectAcyclic(graph);
    expect(graph.nodes.some((node) => node.fold?.kind === "prefix")).toBe(false);
  });

  test("name scopes count, of layers within a layer as well", () => {
    const scoped = ["cell_1", "cell_2", "cell_3", "cell_4"].flatMap((cell) =>
      ["a", "b", "c", "d"].map((part) => `outer/${cell}/x/${part}`),
    );
    const outer = createLayer({
      path: "outer",
      class_name: "Mine",
      children: scoped.map((path) =>
        createLayer({ path, name: path.at(-1) as string }),
      ),
    });
    const model = createModel(
      [outer],
      [["outer", null], ...scoped.map((path) => [path, 0] as const)],
      scoped.slice(1).map((_, i) => [i + 1, i + 2] as const),
    );
    const graph = fold(model);
    expectWhole(graph);
    expect(graph.nodes.some((node) => node.fold?.title === "cell_2/x")).toBe(true);
  });
});

describe("equal blocks in series", () => {
  test("are folded, and each opens by itself", () => {
    const graph = fold(createResidual(Array.from({ length: 12 }, (_, i) => `b_${i}`)));
    expect(titles(graph)).toEqual(["image", "repeat b_0 … b_11 x 12 b"]);
    const blocks = childrenOf(graph.tree, find(graph, "b_0 … b_11"));
    expect(blocks).toHaveLength(12);
    expect(Array.from(blocks).every((block) => isGroup(graph.tree, block))).toBe(true);
  });

  test("a block that differs ends the run", () => {
    const model = createResidual(Array.from({ length: 20 }, (_, i) => `b_${i}`));
    const wide = model.layers.map((layer) =>
      layer.path === "b_9_conv" ? { ...layer, params: 999 } : layer,
    );
    const graph = fold({ ...model, layers: wide });
    expect(titles(graph)).toEqual([
      "image",
      "repeat b_0 … b_8 x 9 b",
      "prefix b_9",
      "repeat b_10 … b_19 x 10 b",
    ]);
  });

  test("other wiring makes other blocks", () => {
    const model = createResidual(Array.from({ length: 16 }, (_, i) => `b_${i}`));
    // The skip connection of the seventh block comes from two blocks before.
    const links = model.links.map(([from, to]) =>
      from === 24 && to === 28 ? ([20, 28] as const) : ([from, to] as const),
    );
    const graph = fold({ ...model, links });
    expectAcyclic(graph);
    const counts = graph.nodes.flatMap(({ fold: own }) =>
      own?.kind === "repeat" ? [own.count] : [],
    );
    expect(counts.every((count) => count < 16)).toBe(true);
  });

  test("several layers make one block, without any names", () => {
    const layers: Made[] = Array.from({ length: 41 }, (_, i) =>
      i === 0
        ? { path: "in", class_name: "InputLayer", kind: "input" as const }
        : i % 2 === 1
          ? { path: `dense_${i}`, params: 72 }
          : { path: `re_lu_${i}`, class_name: "ReLU" },
    );
    const graph = fold(createSeries(layers));
    expect(titles(graph)).toEqual([
      "in",
      "repeat dense_1 … re_lu_40 x 20 Dense + ReLU",
    ]);
    const block = childrenOf(
      graph.tree,
      find(graph, "dense_1 … re_lu_40"),
    )[1] as number;
    expect(titles(graph, block)).toEqual(["dense_3", "re_lu_4"]);
  });

  test("parallel layers of one kind are no series", () => {
    const layers: Made[] = Array.from({ length: 22 }, (_, i) => ({ path: `x${i}y` }));
    const links = Array.from({ length: 20 }, (_, i) => [
      [0, i + 1] as const,
      [i + 1, 21] as const,
    ]).flat();
    const graph = fold(createSeries(layers, links));
    expectAcyclic(graph);
    expect(graph.nodes.some((node) => node.fold?.kind === "repeat")).toBe(false);
  });

  test("calls of one nested model, and of equal ones", () => {
    const inner = (path: string) =>
      createLayer({
        path,
        class_name: "Block",
        params: 72,
        children: [createLayer({ path: `${path}/dense`, params: 72 })],
      });
    const layers = Array.from({ length: 16 }, (_, i) => inner(`block_${i}`));
    const calls = layers.flatMap(({ path }, i) => [
      [path, null] as const,
      [`${path}/dense`, i * 2] as const,
    ]);
    const links = layers.slice(1).map((_, i) => [i * 2 + 1, i * 2 + 3] as const);
    const graph = fold(createModel(layers, calls, links));
    expect(titles(graph)).toEqual(["repeat block_0 … block_15 x 16 Block"]);
  });
});

describe("what has no structure of its own", () => {
  const image = (size: number): Shape[] => [[null, size, size, 8]];

  const stages = (sizes: readonly number[]): Made[] =>
    sizes.flatMap((size, s) =>
      Array.from({ length: 6 }, (_, i): Made => {
        const [class_name, name] = [
          ["Conv2D", "conv2d"] as const,
          ["ReLU", "re_lu"] as const,
          ["Dropout", "dropout"] as const,
        ][(i + s) % 3] as readonly [string, string];
        return {
          path: `${name}_${s * 6 + i}`,
          class_name,
          params: i * s,
          output_shapes: image(size),
        };
      }),
    );

  test("is cut where the size of the images changes", () => {
    const graph = fold(createSeries(stages([64, 32, 16, 8])));
    expect(titles(graph)).toEqual([
      "stage 64×64",
      "stage 32×32",
      "stage 16×16",
      "stage 8×8",
    ]);
  });

  test("stages of one size are told apart by a number", () => {
    const graph = fold(createSeries(stages([64, 32, 16, 32, 64])));
    expect(titles(graph)).toEqual([
      "stage 64×64 (1 of 2)",
      "stage 32×32 (1 of 2)",
      "stage 16×16",
      "stage 32×32 (2 of 2)",
      "stage 64×64 (2 of 2)",
    ]);
  });

  test("is cut into ranges, of ranges if it is long", () => {
    const random = createRandom(5);
    const layers = Array.from({ length: 5_000 }, (_, i): Made => {
      const params = Math.floor(random() * 1e6);
      return { path: `dense_${i}`, params };
    });
    const graph = fold(createSeries(layers));
    expectWhole(graph);
    for (const group of [ROOT, ...groupsOf(graph.tree)]) {
      expect(childrenOf(graph.tree, group).length).toBeLessThanOrEqual(40);
    }
    expect(childrenOf(graph.tree, ROOT).length).toBeLessThanOrEqual(14);
  });

  test("a small model is left as it is", () => {
    const graph = fold(
      createSeries(Array.from({ length: 14 }, (_, i) => ({ path: `a_${i}` }))),
    );
    expect(graph.nodes).toHaveLength(14);
  });
});

describe("any graph", () => {
  const words = ["conv", "block", "left", "add", "x/y", "_", "stage"];

  test.each(
    Array.from({ length: 40 }, (_, seed) => [seed]),
  )("keeps its calls and has no cycles, however it is named: %i", (seed) => {
    const random = createRandom(seed);
    const count = 15 + Math.floor(random() * 300);
    const pick = <T>(list: readonly T[]): T =>
      list[Math.floor(random() * list.length)] as T;
    const layers = Array.from({ length: count }, (_, i): Made => {
      const near = Math.floor(i / (3 + (seed % 9)));
      const style = random();
      const path =
        style < 0.3
          ? `dense_${i}`
          : style < 0.8
            ? `block_${near}_${pick(words)}${i}`
            : `${pick(words)}${pick(words)}_${i % 7}_${i}`;
      const class_name = pick(["Dense", "Add", "ReLU", "Conv2D"]);
      const size = pick([8, 8, 8, 16, 32]);
      return { path, class_name, output_shapes: image(size), params: pick([0, 5]) };
    });
    const graph = fold(createSeries(layers, randomEdges(count, seed)));
    expectWhole(graph);
    expectAcyclic(graph);
    expect(childrenOf(graph.tree, ROOT).length).toBeLessThan(60);
  });

  function image(size: number): Shape[] {
    return [[null, size, size, 8]];
  }

  test("the same graph again gets the same keys", () => {
    const model = createResidual(Array.from({ length: 30 }, (_, i) => `b_${i}`));
    const keys = (graph: LayerGraph) => graph.nodes.map((node) => node.key);
    expect(keys(fold(model))).toEqual(keys(fold(structuredClone(model))));
  });
});
