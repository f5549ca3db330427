/** Made-up graphs for tests. */

import {
  CALL_NODE_DEFAULTS,
  type CallNode,
  LAYER_NODE_DEFAULTS,
  type LayerNode,
  MODEL_GRAPH_DEFAULTS,
  type ModelGraph,
  type Shape,
} from "../wire/generated";
import type { LayoutProblem, Placement } from "./layout/layout_types";

/** Numbers in [0, 1) that are the same each time. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A layout problem of equal nodes. */
export function createProblem(
  count: number,
  edges: readonly (readonly [number, number])[],
): LayoutProblem {
  return {
    widths: new Float32Array(count).fill(160),
    heights: new Float32Array(count).fill(50),
    inOffsets: new Float32Array(count),
    outOffsets: new Float32Array(count),
    edges: Int32Array.from(edges.flat()),
    first: -1,
    last: -1,
  };
}

/** Edges of a random acyclic graph: every node reads up to three earlier ones. */
export function randomEdges(count: number, seed: number): [number, number][] {
  const random = createRandom(seed);
  const edges = new Map<number, [number, number]>();
  for (let v = 1; v < count; v += 1) {
    for (let k = 0; k < 1 + random() * 3; k += 1) {
      const u = Math.max(0, v - 1 - Math.floor(random() ** 3 * 60));
      edges.set(u * count + v, [u, v]);
    }
  }
  return [...edges.values()];
}

/** Pairs of nodes that lie over each other. */
export function overlaps(problem: LayoutProblem, placed: Placement): string[] {
  const nodes = Array.from(problem.widths.keys());
  nodes.sort((a, b) => (placed.y[a] ?? 0) - (placed.y[b] ?? 0));
  const found: string[] = [];
  nodes.forEach((a, i) => {
    const bottom = (placed.y[a] ?? 0) + (problem.heights[a] ?? 0);
    for (let j = i + 1; j < nodes.length; j += 1) {
      const b = nodes[j] as number;
      if ((placed.y[b] ?? 0) >= bottom) {
        break;
      }
      const apart = Math.abs((placed.x[a] ?? 0) - (placed.x[b] ?? 0));
      if (apart < ((problem.widths[a] ?? 0) + (problem.widths[b] ?? 0)) / 2) {
        found.push(`${a} and ${b}`);
      }
    }
  });
  return found;
}

/** A layer with everything that is not given left plain. */
export function createLayer(fields: Partial<LayerNode> & { path: string }): LayerNode {
  return {
    ...LAYER_NODE_DEFAULTS,
    name: fields.path.split("/").at(-1) ?? fields.path,
    class_name: "Dense",
    module: "keras.src.layers.core.dense",
    kind: "layer",
    trainable: true,
    dtype_policy: "float32",
    input_shapes: [],
    output_shapes: [[null, 8]],
    output_dtypes: ["float32"],
    params: 0,
    trainable_params: 0,
    variables: [],
    config: {},
    config_notes: [],
    calls: 1,
    children: [],
    ...fields,
  };
}

/** A model of these layers and calls; a call is [path of its layer, parent]. */
export function createModel(
  layers: readonly LayerNode[],
  calls: readonly (readonly [string, number | null])[],
  links: readonly (readonly [number, number])[],
): ModelGraph {
  const counted = new Map<string, number>();
  const nodes = calls.map(([layer, parent], id): CallNode => {
    const call = counted.get(layer) ?? 0;
    counted.set(layer, call + 1);
    const shape: Shape = [null, 8];
    const own = { id, layer, call, parent, input_shapes: [], output_shapes: [shape] };
    return { ...CALL_NODE_DEFAULTS, ...own };
  });
  return {
    ...MODEL_GRAPH_DEFAULTS,
    version: 1,
    name: "model",
    class_name: "Functional",
    layers,
    nodes,
    links,
    params: 0,
    trainable_params: 0,
    non_trainable_params: 0,
    optimizer_params: 0,
    optimizer: "",
    backend: "tensorflow",
    keras_version: "3.15.1",
    notices: [],
  };
}

/**
 * A model with a nested one, called twice:
 * `input -> inner(in -> a -> b) -> inner again -> out`, and `input -> out`.
 */
export function createNested(): ModelGraph {
  const inner = createLayer({
    path: "inner",
    class_name: "Functional",
    kind: "model",
    params: 30,
    children: [
      createLayer({ path: "inner/in", class_name: "InputLayer", kind: "input" }),
      createLayer({ path: "inner/a", params: 10 }),
      createLayer({ path: "inner/b", params: 20 }),
    ],
  });
  return createModel(
    [
      createLayer({ path: "input", class_name: "InputLayer", kind: "input" }),
      inner,
      createLayer({ path: "out", params: 5 }),
    ],
    [
      ["input", null],
      ["inner", null],
      ["inner/in", 1],
      ["inner/a", 1],
      ["inner/b", 1],
      ["inner", null],
      ["inner/in", 5],
      ["inner/a", 5],
      ["inner/b", 5],
      ["out", null],
    ],
    [
      [0, 2],
      [2, 3],
      [3, 4],
      [4, 6],
      [6, 7],
      [7, 8],
      [8, 9],
      [0, 9],
    ],
  );
}
