/** What is known of one channel besides its map: over samples, steps and weights. */

import type { ReadonlySignal } from "@preact/signals";
import { layersByPath } from "../model/graph/layers_by_path";
import {
  CapturedVariable,
  type KernelAnswer,
  readKernel,
} from "../model/kernel/incoming_kernel";
import { planKernel } from "../model/kernel/kernel_plan";
import { type ActivationData, activationData } from "../model/tensor_view";
import type { LayerActivation, UnitTrend } from "../wire/generated";
import type { ActivationsState } from "./activations";
import { createResource, type Loadable, shownValue } from "./loadable";
import { createParts, type Part } from "./progressive";
import { type Store, stepsOf } from "./store";

/** Something that follows the store; dispose of it with what shows it. */
export interface Following<T> {
  readonly value: ReadonlySignal<T>;
  dispose(): void;
}

/** The output that is selected; null = none. */
export function selectedEntry(state: ActivationsState): LayerActivation | null {
  const selection = state.selection.value;
  return selection.state === "captured" ? selection.entry : null;
}

/** Its channel that is shown large; null = none. */
export function selectedChannel(store: Store, state: ActivationsState): number | null {
  const channel = store.channel.value;
  const count = selectedEntry(state)?.channels ?? 0;
  return channel !== null && channel < count ? channel : null;
}

/** The selected channel over all steps. */
export function followUnitTrend(
  store: Store,
  state: ActivationsState,
): Following<Loadable<UnitTrend>> {
  return createResource<UnitTrend>(() => {
    const run = store.run.value;
    const entry = selectedEntry(state);
    const unit = selectedChannel(store, state);
    // Older logs have nothing of single units at any step.
    if (run === null || entry === null || entry.units === null || unit === null) {
      return null;
    }
    const { path: layer, call, output } = entry;
    return {
      key: JSON.stringify([run, layer, call, output, unit]),
      scope: JSON.stringify([run, layer, call, output]),
      load: (abort) =>
        store.source.unitTrend(run, { layer, call, output }, unit, abort),
    };
  }, store.generation);
}

/** The selected output for every kept sample, as it arrives. */
export function followSamples(
  store: Store,
  state: ActivationsState,
): Following<ReadonlyMap<number, Part<ActivationData>>> {
  return createParts<ActivationData>(() => {
    const run = store.run.value;
    const index = shownValue(state.index.value);
    const wanted = selectedEntry(state);
    if (run === null || index === undefined || wanted === null) {
      return null;
    }
    const { path: layer, call, output } = wanted;
    const { step, samples } = index;
    return {
      key: JSON.stringify([run, step, layer, call, output, samples]),
      parts: Array.from({ length: samples }, (_, sample) => sample),
      load: async (sample, abort) => {
        const key = { layer, call, output, sample };
        return activationData(
          await store.source.activationData(run, step, key, abort),
          wanted,
        );
      },
    };
  }, store.generation);
}

/** The weights of a channel, and when they were captured. */
export interface ShownKernel {
  readonly step: number;
  readonly answer: KernelAnswer;
}

/**
 * The weights that the selected channel was computed with: those of the last capture
 * of weights up to the shown one. Idle for layers that have none.
 */
export function followKernel(
  store: Store,
  state: ActivationsState,
): Following<Loadable<ShownKernel>> {
  return createResource<ShownKernel>(() => {
    const run = store.run.value;
    const entry = selectedEntry(state);
    const plan = entry === null ? null : kernelPlanOf(store, entry);
    const at = state.captureStep.value;
    const steps = stepsOf(store.runInfo.value, "weights");
    const step = at === null ? undefined : steps.findLast((one) => one <= at);
    const unit = selectedChannel(store, state);
    if (run === null || plan === null || step === undefined || unit === null) {
      return null;
    }
    return {
      key: JSON.stringify([run, step, plan.kernel.path, unit]),
      scope: JSON.stringify([run, plan.kernel.path]),
      load: async (abort): Promise<ShownKernel> => {
        const index = await store.source.weights(run, step, abort);
        const read = async (path: string | undefined) => {
          const capture = index.variables.find((one) => one.path === path);
          return capture === undefined
            ? null
            : new CapturedVariable(
                capture,
                await store.source.weightData(run, step, capture.path, abort),
              );
        };
        const [kernel, pointwise, bias] = await Promise.all(
          [plan.kernel, plan.pointwise, plan.bias].map((one) => read(one?.path)),
        );
        if (!kernel || (plan.pointwise !== null && !pointwise)) {
          const reason = `${plan.kernel.path} is not part of the capture of weights`;
          return { step, answer: { state: "missing", reason } };
        }
        const captured = { kernel, pointwise: pointwise ?? null, bias: bias ?? null };
        return { step, answer: readKernel(plan, captured, unit) };
      },
    };
  }, store.generation);
}

/** Which variables hold the weights of a layer's output; null if none do. */
export function kernelPlanOf(store: Store, entry: LayerActivation) {
  const graph = shownValue(store.graph.value);
  const layer = graph && layersByPath(graph).get(entry.path);
  return layer === undefined || entry.output > 0 || entry.kind === "attention"
    ? null
    : planKernel(layer);
}
