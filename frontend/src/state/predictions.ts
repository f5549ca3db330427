/** What the model returns for the probe: at the shown step, and over steps. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type OutputValues, readOutput } from "../model/predictions/predictions";
import type { ModelOutput } from "../wire/generated";
import type { ActivationsState } from "./activations";
import type { Following } from "./channel_data";
import { createResource, type Loadable, shownValue } from "./loadable";
import { createParts, type Part } from "./progressive";
import type { Store } from "./store";

/** The model's outputs, and the one that is looked at. */
export interface Predictions {
  /** Empty in older logs. */
  readonly outputs: ReadonlySignal<readonly ModelOutput[]>;
  readonly output: Signal<number>;
  readonly values: ReadonlySignal<Loadable<OutputValues>>;
  dispose(): void;
}

/** More steps than this are not read for one curve; those between are left out. */
export const MOST_STEPS = 40;

/** Follows the outputs at the shown step. */
export function followPredictions(store: Store, state: ActivationsState): Predictions {
  const index = computed(() => {
    const loadable = state.index.value;
    return loadable.state === "ready" ? loadable.value : null;
  });
  const outputs = computed(() => shownValue(state.index.value)?.outputs ?? []);
  const output = signal(0);
  const values = createResource<OutputValues>(() => {
    const run = store.run.value;
    const at = index.value;
    if (run === null || outputs.value.length === 0) {
      return null;
    }
    const which = Math.min(output.value, outputs.value.length - 1);
    // What is said at one step stays until that of the next one is there.
    const scope = JSON.stringify([run, which]);
    if (at === null) {
      return { key: "", scope, load: null };
    }
    const entry = at.outputs[which];
    const { step } = at;
    return entry === undefined
      ? null
      : {
          key: JSON.stringify([run, step, which]),
          scope,
          load: async (abort) =>
            readOutput(await store.source.modelOutput(run, step, which, abort), entry),
        };
  }, store.generation);
  return { outputs, output, values: values.value, dispose: values.dispose };
}

/** One output of the model at every captured step, as it arrives. */
export function followOutputSteps(
  store: Store,
  state: ActivationsState,
  output: ReadonlySignal<number>,
): Following<ReadonlyMap<number, Part<OutputValues | null>>> {
  return createParts<OutputValues | null>(() => {
    const run = store.run.value;
    const steps = chooseSteps(state.captureSteps.value, MOST_STEPS);
    const which = output.value;
    return run === null
      ? null
      : {
          key: JSON.stringify([run, which]),
          parts: steps,
          load: async (step, abort) => {
            const index = await store.source.activations(run, step, abort);
            const entry = index.outputs[which];
            return entry === undefined
              ? null
              : readOutput(
                  await store.source.modelOutput(run, step, which, abort),
                  entry,
                );
          },
        };
  }, store.generation);
}

/** Evenly chosen steps, the first and the last among them. */
export function chooseSteps(steps: readonly number[], most: number): number[] {
  if (steps.length <= most) {
    return [...steps];
  }
  return Array.from(
    { length: most },
    (_, at) => steps[Math.round((at * (steps.length - 1)) / (most - 1))] as number,
  );
}
