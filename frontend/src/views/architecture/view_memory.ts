/** What the view keeps of each run while other views are shown. */

import { type Signal, signal } from "@preact/signals";
import type { LayerGraph } from "../../model/layer_graph";
import { childrenOf, groupsOf, ROOT } from "../../model/node_tree";
import type { Sorting } from "../../model/summary_table";
import type { Viewport } from "../../model/viewport";
import type { Store } from "../../state/store";

/** Place and choices of one run. */
export interface ViewMemory {
  viewport: Viewport | null;
  /** Keys of the open groups; null before the first sight. */
  open: Set<string> | null;
  readonly sorting: Signal<Sorting>;
  /** Whether the table has all layers side by side. */
  readonly flat: Signal<boolean>;
  /** Paths of the layers whose children the table shows. */
  readonly expanded: Signal<ReadonlySet<string>>;
}

const memories = new WeakMap<Store, Map<string, ViewMemory>>();

/** The memory of a run. */
export function memoryOf(store: Store, run: string): ViewMemory {
  let runs = memories.get(store);
  if (runs === undefined) {
    runs = new Map();
    memories.set(store, runs);
  }
  let memory = runs.get(run);
  if (memory === undefined) {
    memory = {
      viewport: null,
      open: null,
      sorting: signal(null),
      flat: signal(false),
      expanded: signal(new Set()),
    };
    runs.set(run, memory);
  }
  return memory;
}

/** At first all groups are closed, but for one that is nearly all there is. */
export function firstOpen(graph: LayerGraph): Set<string> {
  const outermost = groupsOf(graph.tree).filter((g) => graph.tree.parent[g] === ROOT);
  const only = outermost[0];
  const others = childrenOf(graph.tree, ROOT).filter(
    (node) => node !== only && !isInput(graph, node),
  );
  const open = new Set<string>();
  if (outermost.length === 1 && only !== undefined && others.length === 0) {
    open.add(graph.nodes[only]?.key ?? "");
  }
  return open;
}

function isInput(graph: LayerGraph, node: number): boolean {
  const path = graph.nodes[node]?.call?.layer;
  return path !== undefined && graph.byPath.get(path)?.kind === "input";
}
