/** State that lasts as long as what shows it. */

import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

/**
 * Follows something while the component is there.
 *
 * @param follow Begins to follow; called again only where `inputs` change.
 */
export function useFollowed<T>(
  follow: () => { readonly value: ReadonlySignal<T>; dispose(): void },
  inputs: readonly unknown[],
): T {
  const followed = useMemo(follow, inputs);
  useEffect(() => followed.dispose, [followed]);
  return followed.value.value;
}
