/** Many answers of one kind, shown as they arrive. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { errorMessage } from "./loadable";

/** What one part came to. */
export type Part<T> =
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "error"; readonly message: string };

/** A set of requests: what they are for, and how to make each. */
export interface PartsQuery<T> {
  /** Equal for equal sets: what arrived for another one is no longer shown. */
  readonly key: string;
  /** In the order in which they are asked for. */
  readonly parts: readonly number[];
  readonly load: (part: number, signal: AbortSignal) => Promise<T>;
}

/** The parts that have arrived, by number. */
export interface Parts<T> {
  readonly value: ReadonlySignal<ReadonlyMap<number, Part<T>>>;
  dispose(): void;
}

/** As many requests are under way at once, so that others are answered too. */
export const MOST_AT_ONCE = 3;

/**
 * Follows a set of requests.
 *
 * When the set stays the same but `generation` moves on, all are asked again in
 * silence.
 *
 * @param query Reads signals and says what is wanted; null for nothing.
 */
export function createParts<T>(
  query: () => PartsQuery<T> | null,
  generation: ReadonlySignal<number>,
): Parts<T> {
  const value = signal<ReadonlyMap<number, Part<T>>>(new Map());
  let shownKey: string | null = null;
  const dispose = effect(() => {
    const wanted = query();
    generation.value;
    if (shownKey !== (wanted?.key ?? null)) {
      shownKey = wanted?.key ?? null;
      if (value.peek().size > 0) {
        value.value = new Map();
      }
    }
    if (wanted === null) {
      return undefined;
    }
    const abort = new AbortController();
    const waiting = [...wanted.parts];
    const show = (part: number, found: Part<T>) => {
      const before = value.peek().get(part);
      const same =
        before?.state === "ready" &&
        found.state === "ready" &&
        before.value === found.value;
      if (!abort.signal.aborted && !same) {
        value.value = new Map(value.peek()).set(part, found);
      }
    };
    const work = async () => {
      for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
        try {
          const loaded = await wanted.load(part, abort.signal);
          show(part, { state: "ready", value: loaded });
        } catch (error) {
          show(part, { state: "error", message: errorMessage(error) });
        }
        if (abort.signal.aborted) {
          return;
        }
      }
    };
    for (let worker = 0; worker < MOST_AT_ONCE; worker += 1) {
      void work();
    }
    return () => abort.abort();
  });
  return { value, dispose };
}
