/** Keys that work wherever the focus is, but not while somebody writes. */

import type { ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import type { Store } from "../../state/store";
import type { ArchitectureModel } from "./architecture_model";
import { goToDifference } from "./compare_bar";
import { comparedOf } from "./compared";
import type { GraphController } from "./graph_controller";
import { keyHelpOpen } from "./key_help";

/** What the keys act on. */
export interface KeyTargets {
  readonly store: Store;
  readonly model: ArchitectureModel;
  readonly controller: ReadonlySignal<GraphController | null>;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly root: RefObject<HTMLElement | null>;
}

/** Listens on the whole page; returns how to stop. */
export function listenToKeys(targets: KeyTargets): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    const typing =
      event.target instanceof HTMLElement &&
      event.target.matches("input, select, textarea, dialog *");
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && !typing && !event.defaultPrevented && handleKey(event.key, targets)) {
      event.preventDefault();
    }
  };
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}

/** @returns Whether the key means something here. */
function handleKey(key: string, targets: KeyTargets): boolean {
  const { store, model, controller, search, root } = targets;
  switch (key) {
    case "/":
      search.current?.focus();
      search.current?.select();
      return true;
    case "t":
      store.setTable(!store.table.value);
      // What had the focus goes with its view.
      requestAnimationFrame(() => focusMain(root.current));
      return true;
    case "?":
      keyHelpOpen.value = true;
      return true;
    case "[":
    case "]": {
      const compared = comparedOf(store, model.graph.graph);
      if (compared !== null) {
        goToDifference(store, model, compared, key === "]" ? 1 : -1);
      }
      return compared !== null;
    }
    case "f":
      controller.value?.fit();
      return controller.value !== null;
    case "+":
    case "=":
      controller.value?.zoomBy(1.25);
      return controller.value !== null;
    case "-":
      controller.value?.zoomBy(0.8);
      return controller.value !== null;
    case "Escape":
      if (store.paths.value === null) {
        store.selectLayer(null);
      } else {
        store.paths.value = null;
      }
      return true;
    default:
      return false;
  }
}

/** Puts the focus on the graph or the table, whichever is there. */
export function focusMain(root: HTMLElement | null): void {
  const main = root?.querySelector<HTMLElement>(".kv-graph, .kv-table");
  main?.focus({ preventScroll: true });
}
