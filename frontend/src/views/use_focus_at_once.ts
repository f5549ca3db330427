/** The focus on what has just been opened. */

import { useEffect } from "preact/hooks";

/** Gives an element the focus, so that its keys work without a click into it first. */
export function useFocusAtOnce(element: { readonly current: HTMLElement | null }) {
  useEffect(() => element.current?.focus({ preventScroll: true }), []);
}
