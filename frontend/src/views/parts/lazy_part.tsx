/** Parts of the app whose code is loaded when they are first shown, or before. */

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { Loading } from "../../components/states";
import type { Store } from "../../state/store";
import { PartFailure } from "./part_failure";

/** Code that is there within this time needs no sign that it is on its way. */
const PATIENCE_MS = 150;

/** What each part is given at least. */
interface PartProps {
  readonly store: Store;
}

/** A part of the app. */
export interface LazyPart<P extends PartProps> {
  readonly name: string;
  /** Shows the part, that its code is on its way, or why it cannot be had. */
  readonly Part: ComponentType<P>;
  /**
   * Loads the code, unless it is there or on its way.
   *
   * @returns Whether it is there.
   */
  readonly load: () => Promise<boolean>;
}

interface Found<P> {
  readonly part: ComponentType<P> | null;
  /** Why there is none; null if it has not failed. */
  readonly failure: string | null;
}

/** Parts that nothing has asked for yet. */
const unasked = new Set<() => Promise<boolean>>();

/**
 * Creates a part.
 *
 * @param name What it is to its user, as in "the view Weights".
 * @param load Loads its code.
 */
export function createLazyPart<P extends PartProps>(
  name: string,
  load: () => Promise<ComponentType<P>>,
): LazyPart<P> {
  const found = signal<Found<P>>({ part: null, failure: null });
  let asked: Promise<boolean> | null = null;
  const ask = (): Promise<boolean> => {
    unasked.delete(ask);
    if (asked === null) {
      found.value = { part: null, failure: null };
      asked = load().then(
        (part) => {
          found.value = { part, failure: null };
          return true;
        },
        (error: unknown) => {
          asked = null;
          const failure = error instanceof Error ? error.message : String(error);
          found.value = { part: null, failure };
          return false;
        },
      );
    }
    return asked;
  };
  unasked.add(ask);

  function Part(props: P) {
    const { part: Loaded, failure } = found.value;
    // A reload asks again for what could not be had.
    const generation = props.store.generation.value;
    useLayoutEffect(() => {
      void ask();
    }, [generation]);
    if (Loaded !== null) {
      return <Loaded {...props} />;
    }
    return failure === null ? (
      <Loading what={name} patience={PATIENCE_MS} />
    ) : (
      <PartFailure store={props.store} name={name} failure={failure} />
    );
  }
  return { name, Part, load: ask };
}

/**
 * Loads the code of all parts, one after the other, and of the parts of these.
 *
 * @param pause Comes to its end when it is time for the next.
 */
export async function loadAhead(pause: () => Promise<void>): Promise<void> {
  for (let [next] = unasked; next !== undefined; [next] = unasked) {
    await pause();
    // What fails here is asked for again when it is shown, and says so then.
    await next();
  }
}
