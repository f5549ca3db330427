/** What is shown and still on its way, wherever it is asked for. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Loadable } from "./loadable";

type Followed = ReadonlySignal<Loadable<unknown>>;

/** Everything that what is shown waits for. */
export interface Awaited {
  /** Whether any of it is on its way. */
  readonly busy: ReadonlySignal<boolean>;
  /** Follows more of it; returns how to stop. */
  follow(...loadables: Followed[]): () => void;
}

/** Follows nothing at first. */
export function createAwaited(): Awaited {
  const followed = signal<readonly Followed[]>([]);
  return {
    busy: computed(() => followed.value.some((one) => one.value.state === "loading")),
    follow: (...loadables) => {
      followed.value = [...followed.peek(), ...loadables];
      return () => {
        followed.value = followed.peek().filter((one) => !loadables.includes(one));
      };
    },
  };
}
