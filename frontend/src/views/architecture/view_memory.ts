/** What the view keeps of each run while other views are shown. */

import { type Signal, signal } from "@preact/signals";
import { callKey, groupsOf, type LayerGraph } from "../../model/layer_graph";
import type { Sorting } from "../../model/summary_table";
import type { Viewport } from "../../model/viewport";
import type { Store } from "../../state/store";

/** Place and choices of one run. */
export interface ViewMemory {
  viewport: Viewport | null;
  /** Keys of the open groups; null before the first sight. */
  open: Set<string> | null;
  readonly query: Signal<string>;
  readonly sorting: Signal<Sorting>;
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
      query: signal(""),
      sorting: signal(null),
      expanded: signal(new Set()),
    };
    runs.set(run, memory);
  }
  return memory;
}

/** At first all groups are closed, but for one that is nearly all there is. */
export function firstOpen(graph: LayerGraph): Set<string> {
  const outermost = groupsOf(graph.tree).filter((g) => graph.tree.parent[g] === -1);
  const only = outermost[0];
  const others = graph.calls.filter(
    (call, id) => call.parent === null && id !== only && !isInput(graph, call.layer),
  );
  const open = new Set<string>();
  if (outermost.length === 1 && only !== undefined && others.length === 0) {
    const call = graph.calls[only];
    if (call !== undefined) {
      open.add(callKey(call));
    }
  }
  return open;
}

function isInput(graph: LayerGraph, path: string): boolean {
  return graph.byPath.get(path)?.kind === "input";
}
