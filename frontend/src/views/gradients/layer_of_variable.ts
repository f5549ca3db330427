/** Which layer a variable belongs to. */

import type { LayerNode } from "../../wire/generated";

/** Path of the layer; what its own path says where the graph does not hold it. */
export function layerOfVariable(
  layers: readonly LayerNode[],
  variable: string,
): string {
  const stack = [...layers];
  for (let layer = stack.pop(); layer !== undefined; layer = stack.pop()) {
    if (layer.variables.some(({ path }) => path === variable)) {
      return layer.path;
    }
    stack.push(...layer.children);
  }
  return variable.slice(0, Math.max(0, variable.lastIndexOf("/")));
}
