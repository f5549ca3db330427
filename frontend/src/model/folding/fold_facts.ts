/** What is in each fold: parameters, layers, and the shapes that it takes and gives. */

import type { Shape } from "../../wire/generated";
import type { LayerGraph } from "../graph/layer_graph";
import { isGroup, ROOT } from "../graph/node_tree";

/** What the card of a fold sums up. */
export interface FoldFacts {
  /** Elements of the variables of the layers in it; a shared layer counts once. */
  readonly params: number;
  /** Number of calls in it, what is inside of nested models not counted. */
  readonly calls: number;
  /** Shapes that it takes from outside, or of the inputs in it. */
  readonly inputs: readonly Shape[];
  /** Shapes that it gives to what is outside, or of the ends in it. */
  readonly outputs: readonly Shape[];
}

interface Sums {
  params: number;
  calls: number;
  /** Calls outside of it that it takes from; calls in it that take nothing. */
  readonly from: Set<number>;
  readonly starts: Set<number>;
  /** Calls in it that give to what is outside; calls in it that give nothing. */
  readonly to: Set<number>;
  readonly ends: Set<number>;
}

/** More ends of a fold than this are not told apart. */
const MAX_ENDS = 16;

/** Sums up the folds of a graph, by node. */
export function createFoldFacts(graph: LayerGraph): Map<number, FoldFacts> {
  const sums = new Map<number, Sums>();
  graph.nodes.forEach((node, id) => {
    if (node.fold !== null) {
      const sets = { from: new Set<number>(), starts: new Set<number>() };
      const more = { to: new Set<number>(), ends: new Set<number>() };
      sums.set(id, { params: 0, calls: 0, ...sets, ...more });
    }
  });
  if (sums.size > 0) {
    addLayers(graph, sums);
    addEnds(graph, sums);
  }
  return new Map(
    Array.from(sums, ([id, own]) => [
      id,
      {
        params: own.params,
        calls: own.calls,
        inputs: shapesOf(graph, own.from.size > 0 ? own.from : own.starts),
        outputs: shapesOf(graph, own.to.size > 0 ? own.to : own.ends),
      },
    ]),
  );
}

function addLayers(graph: LayerGraph, sums: ReadonlyMap<number, Sums>): void {
  const { parent } = graph.tree;
  for (const [path, nodes] of graph.callsOf) {
    const params = graph.byPath.get(path)?.params ?? 0;
    const counted = new Set<number>();
    for (const node of nodes) {
      // What a nested model holds is counted with the nested model.
      let fold = parent[node] as number;
      let own = sums.get(fold);
      while (own !== undefined) {
        own.calls += 1;
        if (!counted.has(fold)) {
          counted.add(fold);
          own.params += params;
        }
        fold = parent[fold] as number;
        own = sums.get(fold);
      }
    }
  }
}

function addEnds(graph: LayerGraph, sums: ReadonlyMap<number, Sums>): void {
  const { tree } = graph;
  const { parent, links } = tree;
  const given = new Uint8Array(tree.size);
  const taken = new Uint8Array(tree.size);
  // A group comes directly before all that is in it.
  const end = lastInside(parent);
  const holds = (group: number, node: number): boolean =>
    node >= group && node <= (end[group] as number);
  const climb = (from: number, other: number, which: "from" | "to"): void => {
    const source = which === "to" ? from : other;
    let group = parent[from] as number;
    while (group !== ROOT && !holds(group, other)) {
      const set = sums.get(group)?.[which];
      if (set !== undefined && set.size < MAX_ENDS) {
        set.add(source);
      }
      group = parent[group] as number;
    }
  };
  for (let i = 0; i < links.length; i += 2) {
    const source = links[i] as number;
    const target = links[i + 1] as number;
    given[source] = 1;
    taken[target] = 1;
    climb(source, target, "to");
    climb(target, source, "from");
  }
  for (let id = 0; id < tree.size; id += 1) {
    if (isGroup(tree, id) || (given[id] === 1 && taken[id] === 1)) {
      continue;
    }
    let group = parent[id] as number;
    while (group !== ROOT) {
      const own = sums.get(group);
      if (own !== undefined && taken[id] === 0 && own.starts.size < MAX_ENDS) {
        own.starts.add(id);
      }
      if (own !== undefined && given[id] === 0 && own.ends.size < MAX_ENDS) {
        own.ends.add(id);
      }
      group = parent[group] as number;
    }
  }
}

/** The last node inside of each node; itself for a leaf. */
function lastInside(parent: Int32Array): Int32Array {
  const last = Int32Array.from(parent.keys());
  for (let id = parent.length - 1; id >= 0; id -= 1) {
    const group = parent[id] as number;
    if (group !== ROOT && (last[id] as number) > (last[group] as number)) {
      last[group] = last[id] as number;
    }
  }
  return last;
}

/** The different shapes that calls give. */
function shapesOf(graph: LayerGraph, calls: ReadonlySet<number>): Shape[] {
  const shapes = new Map<string, Shape>();
  for (const id of calls) {
    const shape = graph.nodes[id]?.call?.output_shapes[0];
    if (shape !== undefined) {
      shapes.set(shape.join(), shape);
    }
  }
  return [...shapes.values()];
}
