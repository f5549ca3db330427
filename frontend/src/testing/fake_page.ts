/** A page in memory, for tests. */

import { type Signal, signal } from "@preact/signals";
import type { Page } from "../state/page";

/** A page whose address is a map. */
export interface FakePage extends Page {
  readonly dark: Signal<boolean>;
  /** What was written last. */
  entries: Map<string, string>;
  /** How often it was written so that the way back leads to the place before. */
  pushes: number;
  /** How often it was asked to load the app anew. */
  reloads: number;
  /** As if the user had gone to another address. */
  go(entries: Record<string, string>): void;
}

/** A page at an address. */
export function createFakePage(start: Record<string, string> = {}): FakePage {
  const listeners = new Set<() => void>();
  const page: FakePage = {
    dark: signal(false),
    visible: signal(true),
    entries: new Map(Object.entries(start)),
    pushes: 0,
    reloads: 0,
    reload: () => {
      page.reloads += 1;
    },
    go: (entries) => {
      page.entries = new Map(Object.entries(entries));
      for (const listener of listeners) {
        listener();
      }
    },
    address: {
      read: () => page.entries,
      write: (entries, push) => {
        page.entries = new Map(entries);
        page.pushes += push ? 1 : 0;
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
  return page;
}
