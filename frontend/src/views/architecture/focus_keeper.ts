/** Gives the focus on where a press takes away the button that had it. */

import { focusMain } from "./architecture_keys";

/** Listens on the view; returns how to stop. */
export function keepFocus(root: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onClick = (event: MouseEvent) => {
    const target = event.target instanceof Element ? event.target : null;
    const inPanel =
      target?.closest(".kv-arch-panel, .kv-arch-panel-folded") !== null &&
      target !== null;
    // By then, what the press leads to is drawn.
    clearTimeout(timer);
    timer = setTimeout(() => {
      const lost = document.activeElement === document.body;
      if (!lost || target === null || target.isConnected || !root.isConnected) {
        return;
      }
      const panel = root.querySelector<HTMLElement>(
        ".kv-arch-panel, .kv-arch-panel-folded button",
      );
      if (inPanel && panel !== null) {
        panel.focus({ preventScroll: true });
      } else {
        focusMain(root);
      }
    }, 50);
  };
  root.addEventListener("click", onClick, true);
  return () => {
    clearTimeout(timer);
    root.removeEventListener("click", onClick, true);
  };
}
