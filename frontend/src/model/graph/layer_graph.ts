/**
 * An index of a model graph: its layers by path, and what is drawn of it.
 *
 * What is drawn is a *node*: a call of a layer, or a *fold*, which is a group
 * that the model itself does not have, made of calls that belong together.
 */

import type { CallNode, LayerNode, ModelGraph } from "../../wire/generated";
import { createNodeTree, type NodeTree, numberElements, ROOT } from "./node_tree";
import { finish, type Steps } from "./steps";

/**
 * Why nodes are folded into one: their names begin alike ("prefix"), they are
 * equal blocks in series ("repeat"), they are one of those blocks or lie between
 * two places that all data pass ("block"), they work at one resolution ("stage"),
 * or they are just too many to be seen at once ("range").
 */
export type FoldKind = "prefix" | "repeat" | "block" | "stage" | "range";

/** A group that the model itself does not have. */
export interface Fold {
  readonly kind: FoldKind;
  readonly title: string;
  /** Number of equal blocks of a "repeat"; else 1. */
  readonly count: number;
  /** What each of the equal blocks of a "repeat" is called; else empty. */
  readonly unit: string;
}

/** What is drawn: a call or a fold. */
export interface GraphNode {
  /** Stays the same when the graph is logged again. */
  readonly key: string;
  readonly call: CallNode | null;
  readonly fold: Fold | null;
}

/** A choice of folds. Element e is call e, or fold `e - number of calls`. */
export interface Folding {
  readonly folds: readonly Fold[];
  /** Element that each element is in, or `ROOT`. */
  readonly parent: ArrayLike<number>;
}

/** A model graph that can be asked questions. */
export interface LayerGraph {
  readonly graph: ModelGraph;
  /** What is drawn; the leaves are calls. */
  readonly tree: NodeTree;
  /** What each node of `tree` is. */
  readonly nodes: readonly GraphNode[];
  /** The node of each call, by `CallNode.id`. */
  readonly nodeOfCall: Int32Array;
  /** The calls alone, as the model nests them; its nodes are `CallNode.id`s. */
  readonly callTree: NodeTree;
  /** All layers, parents before their children, in the order of the summary. */
  readonly layers: readonly LayerNode[];
  readonly byPath: ReadonlyMap<string, LayerNode>;
  /** Path of the layer that holds a layer; absent for outermost ones. */
  readonly holder: ReadonlyMap<string, string>;
  /** Nodes of each layer's calls: at place i that of its i-th call. */
  readonly callsOf: ReadonlyMap<string, readonly number[]>;
}

/** The layers of a model, without what is drawn of them. */
export type LayerIndex = Pick<LayerGraph, "graph" | "layers" | "byPath" | "holder">;

/**
 * Indexes a model graph. References that lead nowhere are left out.
 *
 * @param fold Chooses the folds, given the layers and the tree of calls.
 */
export function createLayerGraph(
  graph: ModelGraph,
  fold?: (index: LayerIndex, calls: NodeTree) => Folding,
): LayerGraph {
  return finish(
    indexInSteps(graph, function* (index, calls) {
      yield;
      return fold?.(index, calls) ?? { folds: [], parent: calls.parent };
    }),
  );
}

/** Indexes a model graph in steps, since large ones take a while. */
export function* indexInSteps(
  graph: ModelGraph,
  fold: (index: LayerIndex, calls: NodeTree) => Steps<Folding>,
): Steps<LayerGraph> {
  const index = createLayerIndex(graph);
  yield;
  const callTree = createNodeTree(parentsOfCalls(graph.nodes), graph.links.flat());
  yield;
  const folding = yield* fold(index, callTree);
  const { order, numbers, tree } = numberElements(callTree, folding.parent);
  yield;
  const nodeOfCall = numbers.subarray(0, graph.nodes.length);
  const callsOf = new Map<string, number[]>();
  graph.nodes.forEach((call, id) => {
    const node = nodeOfCall[id] as number;
    const calls = callsOf.get(call.layer);
    if (calls === undefined) {
      callsOf.set(call.layer, [node]);
    } else {
      calls.push(node);
    }
  });
  yield;
  return {
    ...index,
    tree,
    nodes: createNodes(graph.nodes, folding, order),
    nodeOfCall,
    callTree,
    callsOf,
  };
}

function createLayerIndex(graph: ModelGraph): LayerIndex {
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
  return { graph, layers, byPath, holder };
}

function parentsOfCalls(nodes: readonly Pick<CallNode, "parent">[]): Int32Array {
  const parent = new Int32Array(nodes.length);
  nodes.forEach((node, id) => {
    // A parent that does not come first would make a cycle: such a call is
    // taken as an outermost one.
    const own = node.parent;
    const known = own !== null && Number.isInteger(own) && own >= 0 && own < id;
    parent[id] = known ? own : ROOT;
  });
  return parent;
}

function createNodes(
  calls: readonly CallNode[],
  folding: Folding,
  order: Int32Array,
): GraphNode[] {
  const nodes: GraphNode[] = [];
  const taken = new Set<string>();
  let firstCall = "";
  // Backwards, what comes last of what is in a fold is its first call.
  for (let id = order.length - 1; id >= 0; id -= 1) {
    const element = order[id] as number;
    const call = calls[element] ?? null;
    const fold = folding.folds[element - calls.length] ?? null;
    if (call !== null) {
      firstCall = callKey(call);
    }
    let key = firstCall;
    if (fold !== null) {
      key = `${fold.kind}:${fold.title}:${firstCall}`;
      while (taken.has(key)) {
        key += "'";
      }
      taken.add(key);
    }
    nodes.push({ key, call, fold });
  }
  return nodes.reverse();
}

/** A name for a call that stays the same when the graph is logged again. */
function callKey(call: CallNode): string {
  return `${call.call}:${call.layer}`;
}
