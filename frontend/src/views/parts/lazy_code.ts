/** Code that is loaded when it is wanted, or before, when there is time. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** What has come of loading some code. */
export interface Found<T> {
  /** The code; null if it is not there. */
  readonly code: T | null;
  /** Why it could not be had; null if that has not failed. */
  readonly failure: string | null;
}

/** Code in a file of its own. */
export interface LazyCode<T> {
  readonly found: ReadonlySignal<Found<T>>;
  /** Loads it, unless it is there or on its way; never rejects. */
  readonly load: () => Promise<Found<T>>;
}

/** What nothing has asked for yet. */
const unasked = new Set<() => Promise<unknown>>();

/**
 * Creates code that is not loaded yet.
 *
 * @param load Loads it, by an `import()`.
 */
export function createLazyCode<T>(load: () => Promise<T>): LazyCode<T> {
  const nothing: Found<T> = { code: null, failure: null };
  const found = signal(nothing);
  let asked: Promise<Found<T>> | null = null;
  const settle = (result: Found<T>): Found<T> => {
    found.value = result;
    return result;
  };
  const ask = (): Promise<Found<T>> => {
    unasked.delete(ask);
    if (asked === null) {
      found.value = nothing;
      asked = load().then(
        (code) => settle({ code, failure: null }),
        (error: unknown) => {
          asked = null;
          const failure = error instanceof Error ? error.message : String(error);
          return settle({ code: null, failure });
        },
      );
    }
    return asked;
  };
  unasked.add(ask);
  return { found, load: ask };
}

/**
 * The code, for what is done once and has a place of its own for errors.
 *
 * @throws Error if the code could not be loaded; its message is for the user.
 */
export async function wait<T>(lazy: LazyCode<T>): Promise<T> {
  const { code, failure } = await lazy.load();
  if (code === null) {
    throw new Error(
      `TensorBoard did not send the code for it (${failure}); reload the page`,
    );
  }
  return code;
}

/**
 * Loads all that nothing has asked for yet, one after the other, and what comes
 * to be known with it.
 *
 * @param pause Comes to its end when it is time for the next.
 */
export async function loadAhead(pause: () => Promise<void>): Promise<void> {
  for (let [next] = unasked; next !== undefined; [next] = unasked) {
    await pause();
    // What fails here is asked for again when it is wanted, and says so then.
    await next();
  }
}
