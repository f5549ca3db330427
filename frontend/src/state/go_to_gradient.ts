/** Goes to a place in the gradients: a run, a layer, a step. */

import { batch } from "@preact/signals";
import type { Store } from "./store";

/** Where to go. */
export interface GradientTarget {
  readonly run: string;
  /** Path of the layer; "" = none in particular. */
  readonly layer: string;
  readonly step: number | null;
}

/** Goes there; all steps are shown. */
export function goToGradient(store: Store, { run, layer, step }: GradientTarget): void {
  batch(() => {
    if (store.run.value !== run) {
      store.setRun(run);
    }
    store.setGradients({ range: null, at: step });
    store.selectLayer(layer === "" ? null : layer);
  });
}
