/** The histograms of one variable's gradient, of what the store says. */

import { computed, type ReadonlySignal } from "@preact/signals";
import {
  type GradientTrend,
  readGradientTrend,
} from "../model/gradients/gradient_trend";
import { createResource, type Loadable } from "./loadable";
import { findStep, stepsOf } from "./steps";
import type { Store } from "./store";

/** Derived state and the payload. */
export interface GradientHistogramsState {
  /** Steps whose gradients were counted. */
  readonly steps: ReadonlySignal<readonly number[]>;
  /** The one that is shown; null = there is none. */
  readonly step: ReadonlySignal<number | null>;
  readonly trend: ReadonlySignal<Loadable<GradientTrend>>;
  dispose(): void;
}

/**
 * Creates the state; dispose of it with what shows it.
 *
 * @param path Path of the variable.
 */
export function createGradientHistograms(
  store: Store,
  path: string,
): GradientHistogramsState {
  const { source, generation } = store;
  const steps = computed(() => stepsOf(store.runInfo.value, "gradients"));
  // Not the current step, which is one of the captures: these are the steps after.
  const step = computed(() => findStep(steps.value, store.step.value));
  const trend = createResource<GradientTrend>(() => {
    const run = store.runInfo.value?.name;
    const last = steps.value.at(-1);
    return run === undefined || last === undefined
      ? null
      : {
          key: JSON.stringify([run, path, last]),
          scope: JSON.stringify([run, path]),
          load: async (abort) =>
            readGradientTrend(await source.gradientTrend(run, path, abort)),
        };
  }, generation);
  return { steps, step, trend: trend.value, dispose: trend.dispose };
}
