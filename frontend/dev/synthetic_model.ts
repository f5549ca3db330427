/** A made-up model: nested blocks, a shared layer, and names that are hostile. */

import {
  CALL_NODE_DEFAULTS,
  type CallNode,
  LAYER_NODE_DEFAULTS,
  type LayerNode,
  MODEL_GRAPH_DEFAULTS,
  type ModelGraph,
  VARIABLE_INFO_DEFAULTS,
} from "../src/wire/generated";

const MARKUP = "<img src=x onerror=alert(1)>";

interface Draft {
  readonly layers: LayerNode[];
  readonly nodes: CallNode[];
  readonly links: [number, number][];
}

/**
 * Makes a model.
 *
 * @param blocks Number of residual blocks; each is a nested model of five layers.
 */
export function createModel(blocks: number): ModelGraph {
  const draft: Draft = { layers: [], nodes: [], links: [] };
  let last = addCall(draft, null, leaf("image", "InputLayer", [null, 112, 112, 3]));
  draft.layers.push(leaf("image", "InputLayer", [null, 112, 112, 3]));
  for (let block = 0; block < blocks; block += 1) {
    last = addBlock(draft, `block_${block}`, last);
  }
  for (const [name, className, shape] of [
    ["pool", "GlobalAveragePooling2D", [null, 512]],
    [`dense ${MARKUP}`, "Dense", [null, 1000]],
    ["__proto__", "Softmax", [null, 10]],
  ] as const) {
    const layer = leaf(name, className, shape);
    draft.layers.push(layer);
    const id = addCall(draft, null, layer);
    draft.links.push([last, id]);
    last = id;
  }
  const params = draft.layers.reduce((sum, layer) => sum + layer.params, 0);
  return {
    ...MODEL_GRAPH_DEFAULTS,
    version: 1,
    name: "synthetic",
    class_name: "Functional",
    layers: draft.layers,
    nodes: draft.nodes,
    links: draft.links,
    params,
    trainable_params: params,
    non_trainable_params: 0,
    optimizer_params: 2 * params,
    optimizer: "Adam",
    backend: "tensorflow",
    keras_version: "3.15.1",
    notices: ["This model is made up."],
  };
}

function addBlock(draft: Draft, name: string, from: number): number {
  const shape = [null, 56, 56, 64] as const;
  const children = ["conv_1", "relu_1", "conv_2", "add", "relu_2"].map((child) =>
    leaf(
      `${name}/${child}`,
      child.startsWith("conv") ? "Conv2D" : child === "add" ? "Add" : "ReLU",
      shape,
    ),
  );
  const params = children.reduce((sum, child) => sum + child.params, 0);
  const group = { ...leaf(name, "Functional", shape), params, children };
  draft.layers.push({
    ...group,
    kind: "model",
    trainable_params: params,
    variables: [],
  });
  const parent = addCall(draft, null, group);
  const ids = children.map((child) => addCall(draft, parent, child));
  const [first = 0, , , add = 0] = ids;
  draft.links.push([from, first], [from, add]);
  for (const [at, id] of ids.slice(1).entries()) {
    draft.links.push([ids[at] ?? 0, id]);
  }
  return ids.at(-1) ?? from;
}

function addCall(draft: Draft, parent: number | null, layer: LayerNode): number {
  const id = draft.nodes.length;
  draft.nodes.push({
    ...CALL_NODE_DEFAULTS,
    id,
    layer: layer.path,
    call: 0,
    parent,
    input_shapes: layer.input_shapes,
    output_shapes: layer.output_shapes,
  });
  return id;
}

function leaf(
  path: string,
  className: string,
  shape: readonly (number | null)[],
): LayerNode {
  const params = className === "Conv2D" || className === "Dense" ? 36_928 : 0;
  return {
    ...LAYER_NODE_DEFAULTS,
    path,
    name: path.split("/").at(-1) ?? path,
    class_name: className,
    module: "keras.layers",
    kind: className === "InputLayer" ? "input" : "layer",
    trainable: true,
    dtype_policy: "float32",
    input_shapes: [shape],
    output_shapes: [shape],
    output_dtypes: ["float32"],
    params,
    trainable_params: params,
    variables:
      params === 0
        ? []
        : [
            {
              ...VARIABLE_INFO_DEFAULTS,
              path: `${path}/kernel`,
              name: "kernel",
              shape: [3, 3, 64, 64],
              dtype: "float32",
              trainable: true,
              params: 36_864,
            },
            {
              ...VARIABLE_INFO_DEFAULTS,
              path: `${path}/bias`,
              name: "bias",
              shape: [64],
              dtype: "float32",
              trainable: true,
              params: 64,
            },
          ],
    config: { name: path, activation: "relu", note: MARKUP, nested: { filters: 64 } },
    config_notes: [],
    calls: 1,
    children: [],
  };
}
