/** The layers of a model, those in other layers included. */

import type { LayerNode, ModelGraph } from "../../wire/generated";

const known = new WeakMap<ModelGraph, ReadonlyMap<string, LayerNode>>();

/** All layers by path. */
export function layersByPath(graph: ModelGraph): ReadonlyMap<string, LayerNode> {
  const before = known.get(graph);
  if (before !== undefined) {
    return before;
  }
  const layers = new Map<string, LayerNode>();
  const stack = [...graph.layers];
  for (let layer = stack.pop(); layer !== undefined; layer = stack.pop()) {
    layers.set(layer.path, layer);
    stack.push(...layer.children);
  }
  known.set(graph, layers);
  return layers;
}
