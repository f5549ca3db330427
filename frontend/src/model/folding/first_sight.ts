/** Which groups are open when a graph is seen for the first time. */

import type { LayerGraph } from "../graph/layer_graph";
import { childrenOf, isGroup, type NodeTree, ROOT } from "../graph/node_tree";

/** A closed group that is more of the model than this hides its story. */
const MOST = 0.6;
/** More nodes than this are not shown at first. */
const ENOUGH = 16;

/**
 * Chooses the open groups: none, but for those that nearly everything is in, as
 * long as what they hold can be seen at once.
 *
 * @returns Keys of nodes.
 */
export function firstOpen(graph: LayerGraph): Set<string> {
  const { tree } = graph;
  const leaves = leavesIn(tree);
  const all = childrenOf(tree, ROOT).reduce((n, id) => n + (leaves[id] as number), 0);
  const open = new Set<string>();
  let around = ROOT;
  let shown = childrenOf(tree, ROOT).length;
  for (;;) {
    const main = childrenOf(tree, around).find(
      (id) => isGroup(tree, id) && (leaves[id] as number) > MOST * all,
    );
    const node = main === undefined ? undefined : graph.nodes[main];
    if (main === undefined || node === undefined || node.fold?.kind === "repeat") {
      return open;
    }
    shown += childrenOf(tree, main).length;
    const only = childrenOf(tree, ROOT).length === 1 && around === ROOT;
    if (shown > ENOUGH && !only) {
      return open;
    }
    open.add(node.key);
    around = main;
  }
}

/** Number of leaves in each node; 1 for a leaf. */
function leavesIn(tree: NodeTree): Int32Array {
  const leaves = new Int32Array(tree.size);
  for (let id = tree.size - 1; id >= 0; id -= 1) {
    leaves[id] = isGroup(tree, id) ? (leaves[id] as number) : 1;
    const group = tree.parent[id] as number;
    if (group !== ROOT) {
      leaves[group] = (leaves[group] as number) + (leaves[id] as number);
    }
  }
  return leaves;
}
