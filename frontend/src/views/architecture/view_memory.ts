/** What the view keeps of each run while other views are shown. */

import { type Signal, signal } from "@preact/signals";
import type { Viewport } from "../../model/graph/viewport";
import type { Sorting } from "../../model/table/summary_table";
import type { Store } from "../../state/store";

/** Place and choices of one run. */
export interface ViewMemory {
  viewport: Viewport | null;
  /** Keys of the open groups; null before the first sight. */
  open: Set<string> | null;
  /** Key of the selected fold, which the address cannot name; null = none. */
  readonly fold: Signal<string | null>;
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
    const open = store.open.peek();
    memory = {
      viewport: null,
      open: open === null ? null : new Set(open.split("\n")),
      fold: signal(null),
      sorting: signal(null),
      flat: signal(false),
      expanded: signal(new Set()),
    };
    runs.set(run, memory);
  }
  return memory;
}
