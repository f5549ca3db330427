/** Fills in what data of an older tb_kerasviz lack. */

import {
  ACTIVATION_INDEX_DEFAULTS,
  type ActivationIndex,
  CALL_NODE_DEFAULTS,
  LAYER_ACTIVATION_DEFAULTS,
  LAYER_NODE_DEFAULTS,
  type LayerNode,
  MODEL_GRAPH_DEFAULTS,
  type ModelGraph,
  PROBE_INDEX_DEFAULTS,
  PROBE_INPUT_DEFAULTS,
  type ProbeIndex,
  STATUS_DEFAULTS,
  type Status,
  VARIABLE_INFO_DEFAULTS,
  WEIGHT_CAPTURE_DEFAULTS,
  WEIGHT_INDEX_DEFAULTS,
  type WeightIndex,
} from "./generated";

/** A model graph with every field, in a graph that may lack some. */
export function completeModelGraph(graph: ModelGraph): ModelGraph {
  // One that has the newest fields has them all, which saves copying it.
  if ("outputs" in graph) {
    return graph;
  }
  const older: ModelGraph = graph;
  return {
    ...MODEL_GRAPH_DEFAULTS,
    ...older,
    nodes: older.nodes.map((node) => ({ ...CALL_NODE_DEFAULTS, ...node })),
    layers: older.layers.map(completeLayer),
  };
}

/** An index of activations with every field. */
export function completeActivations(index: ActivationIndex): ActivationIndex {
  return {
    ...ACTIVATION_INDEX_DEFAULTS,
    ...index,
    layers: index.layers.map((layer) => ({ ...LAYER_ACTIVATION_DEFAULTS, ...layer })),
  };
}

/** An index of the probe with every field. */
export function completeProbe(probe: ProbeIndex): ProbeIndex {
  return {
    ...PROBE_INDEX_DEFAULTS,
    ...probe,
    inputs: probe.inputs.map((input) => ({ ...PROBE_INPUT_DEFAULTS, ...input })),
  };
}

/** An index of weights with every field. */
export function completeWeights(index: WeightIndex): WeightIndex {
  return {
    ...WEIGHT_INDEX_DEFAULTS,
    ...index,
    variables: index.variables.map((one) => ({ ...WEIGHT_CAPTURE_DEFAULTS, ...one })),
  };
}

/** A status with every field. */
export function completeStatus(status: Status): Status {
  return { ...STATUS_DEFAULTS, ...status };
}

function completeLayer(layer: LayerNode): LayerNode {
  return {
    ...LAYER_NODE_DEFAULTS,
    ...layer,
    variables: layer.variables.map((one) => ({ ...VARIABLE_INFO_DEFAULTS, ...one })),
    children: layer.children.map(completeLayer),
  };
}
