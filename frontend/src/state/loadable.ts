/** What a view shows while something is asked for, and after. */

import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";

/** Something that is asked for; `previous` is what was shown before. */
export type Loadable<T> =
  | { readonly state: "idle" }
  | { readonly state: "loading"; readonly previous?: T }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "error"; readonly message: string; readonly previous?: T };

/** A request: what it is for, and how to make it. */
export interface Query<T> {
  /** Equal for equal requests. */
  readonly key: string;
  /** Of what `previous` may still be shown, such as the same run. */
  readonly scope: string;
  /** null = what it takes to ask is still on its way. */
  readonly load: ((signal: AbortSignal) => Promise<T>) | null;
}

/** A `Loadable` that follows a query. */
export interface Resource<T> {
  readonly value: ReadonlySignal<Loadable<T>>;
  dispose(): void;
}

/** The value that can be shown now, be it the new or the previous one. */
export function shownValue<T>(loadable: Loadable<T>): T | undefined {
  switch (loadable.state) {
    case "ready":
      return loadable.value;
    case "loading":
    case "error":
      return loadable.previous;
    default:
      return undefined;
  }
}

/** A sentence for an error of any kind. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Follows a query: only the answer to the latest one is ever shown.
 *
 * When the query stays the same but `generation` moves on, it is asked again in
 * silence, and nothing changes if the answer is the same object.
 *
 * @param query Reads signals and says what is wanted; null for nothing.
 * @param generation Moves on at a reload.
 */
export function createResource<T>(
  query: () => Query<T> | null,
  generation: ReadonlySignal<number>,
): Resource<T> {
  const value = signal<Loadable<T>>({ state: "idle" });
  let shownScope = "";
  let shownKey: string | null = null;

  const stop = effect(() => {
    const wanted = query();
    generation.value;
    if (wanted === null) {
      shownKey = null;
      value.value = { state: "idle" };
      return undefined;
    }
    const before = value.peek();
    const { load } = wanted;
    const repeated =
      before.state === "ready" &&
      load !== null &&
      shownKey === wanted.key &&
      shownScope === wanted.scope;
    const previous = shownScope === wanted.scope ? shownValue(before) : undefined;
    if (!repeated) {
      value.value =
        previous === undefined ? { state: "loading" } : { state: "loading", previous };
    }
    if (load === null) {
      return undefined;
    }
    const abort = new AbortController();
    load(abort.signal).then(
      (loaded) => {
        if (abort.signal.aborted) {
          return;
        }
        batch(() => {
          shownScope = wanted.scope;
          shownKey = wanted.key;
          const now = value.peek();
          if (now.state !== "ready" || now.value !== loaded) {
            value.value = { state: "ready", value: loaded };
          }
        });
      },
      (error: unknown) => {
        if (abort.signal.aborted) {
          return;
        }
        const message = errorMessage(error);
        value.value =
          previous === undefined
            ? { state: "error", message }
            : { state: "error", message, previous };
      },
    );
    return () => abort.abort();
  });
  return { value, dispose: stop };
}
