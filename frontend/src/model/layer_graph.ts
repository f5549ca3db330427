/**
 * An index of a model graph: its layers by path, and its calls as a tree.
 *
 * A *call* is what the graph draws. A call that has calls inside it (a nested
 * model) is a *group*. Everything here is iterative, so that depth is no limit.
 */

import type { CallNode, LayerNode, ModelGraph } from "../wire/generated";

/** Stands for "no call": the parent of the outermost calls. */
export const ROOT = -1;

/** The tree of calls and the data flow between its leaves, as plain numbers. */
export interface CallTree {
  /** Number of calls. */
  readonly size: number;
  /** Group that each call is in, or `ROOT`. Always below the call itself. */
  readonly parent: Int32Array;
  /** Calls inside of group g: `children[childStart[g + 1] .. childStart[g + 2]]`. */
  readonly childStart: Int32Array;
  readonly children: Int32Array;
  /** Pairs (source, target) of leaf calls. */
  readonly links: Int32Array;
}

/** A model graph that can be asked questions. */
export interface LayerGraph {
  readonly graph: ModelGraph;
  readonly tree: CallTree;
  readonly calls: readonly CallNode[];
  /** All layers, parents before their children, in the order of the summary. */
  readonly layers: readonly LayerNode[];
  readonly byPath: ReadonlyMap<string, LayerNode>;
  /** Path of the layer that holds a layer; absent for outermost ones. */
  readonly holder: ReadonlyMap<string, string>;
  /** Calls of each layer, ascending. */
  readonly callsOf: ReadonlyMap<string, readonly number[]>;
}

/** Indexes a model graph. References that lead nowhere are left out. */
export function createLayerGraph(graph: ModelGraph): LayerGraph {
  const layers: LayerNode[] = [];
  const byPath = new Map<string, LayerNode>();
  const holder = new Map<string, string>();
  const stack = [...graph.layers].reverse();
  while (stack.length > 0) {
    const layer = stack.pop() as LayerNode;
    if (byPath.has(layer.path)) {
      continue;
    }
    layers.push(layer);
    byPath.set(layer.path, layer);
    for (let i = layer.children.length - 1; i >= 0; i -= 1) {
      const child = layer.children[i] as LayerNode;
      stack.push(child);
      if (!holder.has(child.path)) {
        holder.set(child.path, layer.path);
      }
    }
  }
  const callsOf = new Map<string, number[]>();
  graph.nodes.forEach((call, id) => {
    const calls = callsOf.get(call.layer);
    if (calls === undefined) {
      callsOf.set(call.layer, [id]);
    } else {
      calls.push(id);
    }
  });
  return {
    graph,
    tree: createCallTree(graph.nodes, graph.links),
    calls: graph.nodes,
    layers,
    byPath,
    holder,
    callsOf,
  };
}

/** Builds the tree of calls. */
export function createCallTree(
  nodes: readonly Pick<CallNode, "parent">[],
  links: readonly (readonly [number, number])[],
): CallTree {
  const size = nodes.length;
  const parent = new Int32Array(size);
  const childStart = new Int32Array(size + 2);
  nodes.forEach((node, id) => {
    // A parent that does not come first would make a cycle: such a call is
    // taken as an outermost one.
    const own = node.parent;
    const known = own !== null && Number.isInteger(own) && own >= 0 && own < id;
    parent[id] = known ? own : ROOT;
  });
  for (let id = 0; id < size; id += 1) {
    const slot = (parent[id] as number) + 2;
    childStart[slot] = (childStart[slot] as number) + 1;
  }
  for (let slot = 1; slot < childStart.length; slot += 1) {
    childStart[slot] = (childStart[slot] as number) + (childStart[slot - 1] as number);
  }
  const next = childStart.slice();
  const children = new Int32Array(size);
  for (let id = 0; id < size; id += 1) {
    const slot = (parent[id] as number) + 1;
    const place = next[slot] as number;
    children[place] = id;
    next[slot] = place + 1;
  }
  const isLeaf = (id: number): boolean =>
    Number.isInteger(id) &&
    id >= 0 &&
    id < size &&
    childStart[id + 1] === childStart[id + 2];
  const valid = links.filter(([s, t]) => s !== t && isLeaf(s) && isLeaf(t));
  return { size, parent, childStart, children, links: Int32Array.from(valid.flat()) };
}

/** The calls directly inside of a group, or the outermost ones. */
export function childrenOf(tree: CallTree, group: number): Int32Array {
  return tree.children.subarray(tree.childStart[group + 1], tree.childStart[group + 2]);
}

/** Whether a call has calls inside it. */
export function isGroup(tree: CallTree, call: number): boolean {
  return tree.childStart[call + 1] !== tree.childStart[call + 2];
}

/** All groups, outer ones first. */
export function groupsOf(tree: CallTree): number[] {
  const groups: number[] = [];
  for (let id = 0; id < tree.size; id += 1) {
    if (isGroup(tree, id)) {
      groups.push(id);
    }
  }
  return groups;
}

/** The groups that a call is in, innermost first. */
export function groupsAround(tree: CallTree, call: number): number[] {
  const groups: number[] = [];
  let group = tree.parent[call] ?? ROOT;
  while (group !== ROOT) {
    groups.push(group);
    group = tree.parent[group] as number;
  }
  return groups;
}

/**
 * Which call stands for each call when only some groups are open: itself, or
 * the outermost closed group that it is in.
 *
 * @param open One flag per call.
 */
export function representatives(tree: CallTree, open: Uint8Array): Int32Array {
  const shown = new Int32Array(tree.size);
  for (let id = 0; id < tree.size; id += 1) {
    const group = tree.parent[id] as number;
    if (group === ROOT) {
      shown[id] = id;
    } else {
      const standing = shown[group] as number;
      shown[id] = standing === group && open[group] === 1 ? id : standing;
    }
  }
  return shown;
}

/** A name for a call that stays the same when the graph is logged again. */
export function callKey(call: CallNode): string {
  return `${call.call}:${call.layer}`;
}
