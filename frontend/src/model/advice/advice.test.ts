import { describe, expect, test } from "vitest";
import {
  type LayerNode,
  type ModelGraph,
  type Shape,
  VARIABLE_INFO_DEFAULTS,
} from "../../wire/generated";
import { createLayerGraph } from "../graph/layer_graph";
import { createLayer, createModel } from "../test_graphs";
import { adviceByPath, adviceInside, adviseOn, nodesWithNotes } from "./advice";

/** A layer with one variable of this many elements. */
function weighted(path: string, params: number, fields: Partial<LayerNode> = {}) {
  const variable = {
    ...VARIABLE_INFO_DEFAULTS,
    path: `${path}/kernel`,
    name: "kernel",
    shape: [params],
    dtype: "float32",
    trainable: true,
    params,
  };
  const own = { path, params, trainable_params: params, variables: [variable] };
  return createLayer({ ...own, ...fields });
}

/** Layers one after the other; shapes are those of each one's input. */
function chain(
  layers: readonly LayerNode[],
  shapes: Readonly<Record<string, Shape>> = {},
  change: Partial<ModelGraph> = {},
): ModelGraph {
  const params = layers.reduce((sum, layer) => sum + layer.params, 0);
  const graph = createModel(
    layers,
    layers.map((layer) => [layer.path, null]),
    layers.slice(1).map((_, i) => [i, i + 1]),
  );
  return {
    ...graph,
    params,
    trainable_params: params,
    nodes: graph.nodes.map((node, i) => ({
      ...node,
      input_shapes: i === 0 ? [] : [shapes[node.layer] ?? [null, 8]],
      inputs: i === 0 ? [] : [[i - 1, 0] as const],
    })),
    outputs: [{ name: "0", node: layers.length - 1, output: 0 }],
    ...change,
  };
}

function notes(graph: ModelGraph) {
  return adviseOn(createLayerGraph(graph));
}

const input = createLayer({ path: "in", class_name: "InputLayer", kind: "input" });
const flatten = createLayer({ path: "flat", class_name: "Flatten" });
const dropout = createLayer({ path: "drop", class_name: "Dropout" });
const conv = weighted("conv", 2_000, { class_name: "Conv2D" });

describe("a Dense after Flatten", () => {
  test("that holds most of the parameters is noted with its numbers and a remedy", () => {
    const dense = weighted("fc", 102_760_448);
    const graph = chain([input, conv, flatten, dropout, dense], {
      flat: [null, 7, 7, 512],
    });
    const [note, ...others] = notes(graph);
    expect(others).toEqual([]);
    expect(note?.path).toBe("fc");
    expect(note?.text).toContain("102,760,448 parameters, > 99.9% of the model");
    expect(note?.text).toContain("7 × 7 × 512 = 25,088 features");
    expect(note?.text).toContain("GlobalAveragePooling2D");
    expect(note?.text).toContain("512 features");
  });

  test("of a sequence has weights for each step", () => {
    const graph = chain([input, conv, flatten, weighted("fc", 640_000)], {
      flat: [null, 100, 64],
    });
    expect(notes(graph)[0]?.text).toContain("Each of the 100 steps has weights of its");
  });

  test("of the input itself is not advised to pool it", () => {
    const graph = chain(
      [input, flatten, weighted("fc", 100_352), weighted("out", 1_290)],
      {
        flat: [null, 28, 28],
      },
    );
    expect(notes(graph)[0]?.text).toContain("Convolutions before it");
    expect(notes(graph)[0]?.text).not.toContain("Pooling");
  });

  test("at every step of a TimeDistributed swells an LSTM", () => {
    const distributed = createLayer({
      path: "each",
      class_name: "TimeDistributed",
      children: [createLayer({ path: "each/flat", class_name: "Flatten", calls: 0 })],
    });
    const cell = weighted("lstm/cell", 6_500_000, { class_name: "LSTMCell", calls: 0 });
    const lstm = createLayer({
      path: "lstm",
      class_name: "LSTM",
      params: cell.params,
      children: [cell],
    });
    const graph = chain([input, conv, distributed, lstm], {
      each: [null, 20, 7, 7, 128],
    });
    const note = notes(graph).find(({ path }) => path === "lstm");
    expect(note?.text).toContain("7 × 7 × 128 = 6,272 features at every step");
    expect(note?.text).toContain("GlobalAveragePooling2D in its place in the TimeDist");
  });

  test("is fine where it is small, or pooled before", () => {
    const small = chain([input, weighted("c", 8_000), flatten, weighted("fc", 9_999)], {
      flat: [null, 5, 5, 64],
    });
    expect(notes(small)).toEqual([]);
    const share = chain(
      [input, weighted("c", 60_000), flatten, weighted("fc", 50_000)],
      {
        flat: [null, 5, 5, 64],
      },
    );
    expect(notes(share)).toEqual([]);
    const pooled = chain(
      [input, weighted("c", 8_000), flatten, weighted("fc", 20_000)],
      {
        flat: [null, 1, 1, 64],
      },
    );
    expect(notes(pooled)).toEqual([]);
  });
});

describe("a layer that holds most of the parameters", () => {
  test("is noted from four fifths on, if there are others", () => {
    const words = weighted("words", 2_000_000, { class_name: "Embedding" });
    const rest = [weighted("a", 50_000), weighted("b", 10)];
    const [note] = notes(chain([input, words, ...rest]));
    expect(note?.path).toBe("words");
    expect(note?.text).toContain("97.6% of the model");
    expect(note?.text).toContain("`input_dim`");
    expect(notes(chain([input, words]))).toEqual([]);
    expect(
      notes(chain([input, words, weighted("a", 600_000), weighted("b", 10)])),
    ).toEqual([]);
  });
});

describe("work that is repeated", () => {
  const distributed = createLayer({
    path: "each",
    class_name: "TimeDistributed",
    multiply_adds: 2_000_000,
    input_shapes: [[null, 1_000, 16]],
  });

  test("is noted with the number of steps", () => {
    const graph = chain([input, distributed], {}, { multiply_adds: 2_100_000 });
    expect(notes(graph)[0]?.text).toContain(
      "1,000 × 2,000 multiply-adds per sample, 95.2%",
    );
  });

  test("is fine for few steps, and where it is little of all", () => {
    const few = { ...distributed, input_shapes: [[null, 10, 16]] };
    expect(notes(chain([input, few], {}, { multiply_adds: 2_100_000 }))).toEqual([]);
    expect(
      notes(chain([input, distributed], {}, { multiply_adds: 9_000_000 })),
    ).toEqual([]);
  });
});

describe("a layer that nothing calls", () => {
  const spare = createLayer({ path: "block/spare", calls: 0 });
  const used = createLayer({ path: "block/used" });

  function model(change: (graph: ModelGraph) => ModelGraph = (graph) => graph) {
    const block = createLayer({
      path: "block",
      class_name: "Block",
      children: [
        used,
        spare,
        createLayer({ path: "block/d", class_name: "Dropout", calls: 0 }),
      ],
    });
    const graph = createModel(
      [block],
      [
        ["block", null],
        ["block/used", 0],
      ],
      [],
    );
    return notes(change(graph));
  }

  test("is noted, unless it has no weights anyway", () => {
    expect(model().map(({ path }) => path)).toEqual(["block/spare"]);
    expect(model()[0]?.text).toContain("`block` holds it");
  });

  test("is not, where calls are not known", () => {
    const untraced = model((graph) => ({
      ...graph,
      nodes: graph.nodes.map((node, i) => ({
        ...node,
        untraced: i === 0 ? "why" : "",
      })),
    }));
    expect(untraced).toEqual([]);
    expect(
      notes(
        createModel(
          [used, spare].map((l) => ({ ...l, calls: 0 })),
          [],
          [],
        ),
      ),
    ).toEqual([]);
  });
});

describe("an output that nothing reads", () => {
  const split = createLayer({ path: "split", class_name: "Split" });

  function model(
    read: readonly number[],
    change: Partial<ModelGraph> = {},
  ): ModelGraph {
    const graph = chain([input, split, createLayer({ path: "end" })], {}, change);
    return {
      ...graph,
      nodes: graph.nodes.map((node) => {
        if (node.layer === "split") {
          return {
            ...node,
            output_shapes: [
              [null, 4],
              [null, 6],
            ],
          };
        }
        return node.layer === "end"
          ? {
              ...node,
              input_shapes: read.map(() => [null, 4]),
              inputs: read.map((output) => [1, output] as const),
            }
          : node;
      }),
    };
  }

  test("is noted by number and shape", () => {
    const [note] = notes(model([0]));
    expect(note?.path).toBe("split");
    expect(note?.text).toContain("output 1 (None, 6)");
    expect(notes(model([0, 1]))).toEqual([]);
  });

  test("is fine if the model returns it", () => {
    const outputs = [
      { name: "a", node: 2, output: 0 },
      { name: "b", node: 1, output: 1 },
    ];
    expect(notes(model([0], { outputs }))).toEqual([]);
  });

  test("is not, where inputs or outputs of the model are not known", () => {
    expect(notes(model([0], { outputs: [] }))).toEqual([]);
    const graph = model([0]);
    const nodes = graph.nodes.map((node) =>
      node.layer === "end" ? { ...node, inputs: [null] } : node,
    );
    expect(notes({ ...graph, nodes })).toEqual([]);
  });

  test("what flows into a nested model is read by it", () => {
    const graph = model([0]);
    const nodes = graph.nodes.map((node) =>
      node.layer === "end" ? { ...node, input_shapes: [], inputs: [] } : node,
    );
    expect(notes({ ...graph, nodes })).toEqual([]);
  });

  test("a layer that is called for nothing is a dead end", () => {
    const graph = chain([input, createLayer({ path: "end" })]);
    const side = createModel(
      [...graph.layers, createLayer({ path: "side" })],
      [
        ["in", null],
        ["end", null],
        ["side", null],
      ],
      [
        [0, 1],
        [0, 2],
      ],
    );
    const nodes = side.nodes.map((node) =>
      node.id === 0
        ? node
        : { ...node, input_shapes: [[null, 8]], inputs: [[0, 0] as const] },
    );
    const found = notes({
      ...side,
      nodes,
      outputs: [{ name: "0", node: 1, output: 0 }],
    });
    expect(found.map(({ path, title }) => [path, title])).toEqual([
      ["side", "Nothing reads its output"],
    ]);
  });
});

test("a model of which nothing trains is noted as a whole", () => {
  const graph = chain([input, weighted("a", 5_000)], {}, { trainable_params: 0 });
  const all = notes(graph);
  expect(all.map(({ path }) => path)).toEqual([null]);
  expect(adviceByPath(all).size).toBe(0);
});

test("notes are marked on what is drawn, and found by what holds their layers", () => {
  const spare = createLayer({ path: "block/spare", calls: 0 });
  const used = createLayer({ path: "block/used" });
  const block = createLayer({
    path: "block",
    class_name: "B",
    children: [used, spare],
  });
  const outer = createLayer({ path: "outer", class_name: "Outer", children: [block] });
  const graph = createLayerGraph(
    createModel(
      [input, outer],
      [
        ["in", null],
        ["outer", null],
        ["block", 1],
        ["block/used", 2],
      ],
      [[0, 3]],
    ),
  );
  // The layer itself has no card: those around it stand for it.
  expect([...nodesWithNotes(graph, adviseOn(graph))].sort()).toEqual([1, 2]);
  expect(adviceInside(graph, adviseOn(graph), "outer").map(({ path }) => path)).toEqual(
    ["block/spare"],
  );
  expect(adviceInside(graph, adviseOn(graph), "block/spare")).toEqual([]);
});

test("notes are found by layer", () => {
  const graph = createLayerGraph(
    chain([input, flatten, weighted("fc", 100_352)], { flat: [null, 28, 28] }),
  );
  expect(adviceByPath(adviseOn(graph)).get("fc")).toHaveLength(1);
  expect(adviseOn(graph)).toBe(adviseOn(graph));
});
