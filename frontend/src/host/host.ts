/** The page around us: TensorBoard's, or our own when there is none. */

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Address, Page } from "../state/page";
import { formatHash, parseHash } from "./hash";
import { connectToPage } from "./message_port";

/** The page around us, until it is let go. */
export interface Host extends Page {
  dispose(): void;
}

/**
 * Connects to the page around us.
 *
 * @param onReload The user or the timer asked for new data.
 */
export function createHost(onReload: () => void): Host {
  const page = findPage();
  const undo: (() => void)[] = [];
  const dark = watchDark(page, undo);
  const visible = watchVisible(undo);
  if (page !== window) {
    const reloads = createReloads(visible, onReload);
    undo.push(connectToPage(page, reloads.request), reloads.dispose);
  }
  return {
    dark,
    visible,
    address: createAddress(page),
    reload: () => window.location.reload(),
    dispose: () => {
      for (const action of undo) {
        action();
      }
    },
  };
}

/**
 * Passes reloads on, but while nobody sees the tab: then the last one waits, so
 * that auto reload costs nothing.
 */
export function createReloads(
  visible: ReadonlySignal<boolean>,
  onReload: () => void,
): { request: () => void; dispose: () => void } {
  let waiting = false;
  const dispose = effect(() => {
    if (visible.value && waiting) {
      waiting = false;
      untracked(onReload);
    }
  });
  const request = () => {
    if (visible.peek()) {
      onReload();
    } else {
      waiting = true;
    }
  };
  return { request, dispose };
}

/** TensorBoard's window, where we may look into it (not so in every notebook). */
function findPage(): Window {
  try {
    // Reading is what fails for a page of another origin.
    const { hash } = window.parent.location;
    const { body } = window.parent.document;
    return typeof hash === "string" && body !== null ? window.parent : window;
  } catch {
    return window;
  }
}

/**
 * TensorBoard's dark mode is a class on its body and reaches us no other way;
 * the colour scheme that media queries tell is the system's, not its choice.
 */
function watchDark(page: Window, undo: (() => void)[]): ReadonlySignal<boolean> {
  const body = page.document.body;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const read = () =>
    body.classList.contains("dark-mode") || (page === window && system.matches);
  const dark = signal(read());
  const update = () => {
    dark.value = read();
  };
  const observer = new MutationObserver(update);
  observer.observe(body, { attributes: true, attributeFilter: ["class"] });
  system.addEventListener("change", update);
  undo.push(
    () => observer.disconnect(),
    () => system.removeEventListener("change", update),
  );
  return dark;
}

/**
 * TensorBoard hides a plugin by giving its frame no height: the document stays
 * "visible" and goes on drawing, unless it looks at this.
 */
function watchVisible(undo: (() => void)[]): ReadonlySignal<boolean> {
  const visible = signal(window.innerHeight > 0);
  const update = () => {
    visible.value = window.innerHeight > 0;
  };
  window.addEventListener("resize", update);
  undo.push(() => window.removeEventListener("resize", update));
  return visible;
}

function createAddress(page: Window): Address {
  return {
    // TensorBoard's own call for this answers nothing at first load.
    read: () => parseHash(page.location.hash),
    write: (entries, push) => {
      const before = page.location.hash;
      const hash = formatHash(before, entries);
      if (hash === before) {
        return;
      }
      // Neither fires an event, so TensorBoard does not navigate.
      if (push) {
        page.history.pushState(page.history.state, "", hash);
      } else {
        page.history.replaceState(page.history.state, "", hash);
      }
    },
    subscribe: (listener) => {
      page.addEventListener("popstate", listener);
      page.addEventListener("hashchange", listener);
      return () => {
        page.removeEventListener("popstate", listener);
        page.removeEventListener("hashchange", listener);
      };
    },
  };
}
