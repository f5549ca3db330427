/** Parts of the app whose code is loaded when they are first shown, or before. */

import type { ComponentType } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { Loading } from "../../components/states";
import type { Store } from "../../state/store";
import { createLazyCode, type LazyCode } from "./lazy_code";
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
  readonly code: LazyCode<ComponentType<P>>;
  /** Shows the part, that its code is on its way, or why it cannot be had. */
  readonly Part: ComponentType<P>;
}

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
  const code = createLazyCode(load);
  function Part(props: P) {
    const { code: Loaded, failure } = code.found.value;
    // A reload asks again for what could not be had.
    const generation = props.store.generation.value;
    useLayoutEffect(() => {
      void code.load();
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
  return { name, code, Part };
}
