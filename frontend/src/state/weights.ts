/** What the weights view shows, of what the store says. */

import { computed, type ReadonlySignal } from "@preact/signals";
import type { DataSource } from "../data/data_source";
import { type FollowedLayer, followLayers } from "../model/dynamics/dynamics_rows";
import { CapturedVariable } from "../model/kernel/incoming_kernel";
import { readWeightNorms, type WeightNorms } from "../model/weights/weight_norms";
import { chooseVariable } from "../model/weights/weight_rows";
import { readWeightTrend, type WeightTrend } from "../model/weights/weight_trend";
import type { WeightIndex } from "../wire/generated";
import { takeTensor } from "../wire/safetensors";
import { createResource, type Loadable, type Resource, shownValue } from "./loadable";
import { findStep, stepsOf } from "./steps";
import type { Store } from "./store";

/** A variable in one capture. */
export interface ShownWeights {
  readonly run: string;
  readonly step: number;
  readonly variable: CapturedVariable;
  readonly values: Float32Array;
  readonly stats: Float32Array;
  /** `[B]` and `[B + 1]`: the histogram of all of its values. */
  readonly counts: BigInt64Array;
  readonly edges: Float64Array;
}

/** Derived state and payloads of the weights view. */
export interface WeightsState {
  /** Steps of all captures of the run. */
  readonly steps: ReadonlySignal<readonly number[]>;
  /** Step of the capture that is shown; null = there is none. */
  readonly step: ReadonlySignal<number | null>;
  readonly index: ReadonlySignal<Loadable<WeightIndex>>;
  /** Layers of the captured variables; empty until the graph is known. */
  readonly layers: ReadonlySignal<readonly FollowedLayer[]>;
  /** Path of the variable that is shown; null = there is none. */
  readonly variable: ReadonlySignal<string | null>;
  readonly shown: ReadonlySignal<Loadable<ShownWeights>>;
  /** What it is compared with; idle = nothing. */
  readonly base: ReadonlySignal<Loadable<ShownWeights>>;
  readonly trend: ReadonlySignal<Loadable<WeightTrend>>;
  /** Norms of all variables over the captures. */
  readonly norms: ReadonlySignal<Loadable<WeightNorms>>;
  dispose(): void;
}

/** Creates the view's state; dispose of it with the view. */
export function createWeightsState(store: Store): WeightsState {
  const { source, generation } = store;
  const name = computed(() => {
    const info = store.runInfo.value;
    return info === null || info.error !== "" ? null : info.name;
  });
  const steps = computed(() => stepsOf(store.runInfo.value, "weights"));
  const step = computed(() => findStep(steps.value, store.currentStep.value));
  const index = createResource<WeightIndex>(() => {
    const run = name.value;
    const at = step.value;
    return run === null || at === null
      ? null
      : {
          key: JSON.stringify([run, at]),
          scope: run,
          load: (abort) => source.weights(run, at, abort),
        };
  }, generation);
  const captures = computed(() => shownValue(index.value.value)?.variables);
  const layers = computed(() =>
    followLayers(
      shownValue(store.graph.value)?.layers ?? [],
      (captures.value ?? []).map(({ path }) => path),
    ),
  );
  const wanted = computed(() => store.weights.value.variable);
  const variable = computed(() => {
    // Layers are known by the graph: until it is there, the wanted one is shown.
    return captures.value === undefined || store.graph.value.state === "loading"
      ? wanted.value
      : chooseVariable(layers.value, captures.value, store.layer.value, wanted.value);
  });

  const shown = createResource<ShownWeights>(() => {
    const run = name.value;
    const at = step.value;
    const path = variable.value;
    return run === null || at === null || path === null
      ? null
      : {
          key: JSON.stringify([run, at, path]),
          scope: JSON.stringify([run, path]),
          load: (abort) => readWeights(source, run, at, path, abort),
        };
  }, generation);

  const base = computed(() => store.weights.value.base);
  const compared = createResource<ShownWeights>(() => {
    const run = name.value;
    const at = step.value;
    const path = variable.value;
    const to = base.value;
    if (run === null || at === null || path === null || to === null) {
      return null;
    }
    const query = (other: string, otherStep: number | null) => ({
      key: JSON.stringify([other, otherStep, path]),
      scope: JSON.stringify([other, path, to.kind]),
      load: async (abort: AbortSignal) => {
        if (otherStep === null) {
          throw new Error(
            to.kind === "run"
              ? `No weights were captured of the run "${other}".`
              : "This is the first capture: there is none before it to compare with.",
          );
        }
        return readWeights(source, other, otherStep, path, abort);
      },
    });
    switch (to.kind) {
      case "start":
        return query(run, steps.value[0] ?? null);
      case "previous":
        return query(run, steps.value.findLast((one) => one < at) ?? null);
      case "step":
        return query(run, findStep(steps.value, to.step));
      default: {
        const info = shownValue(store.runs.value)?.find((one) => one.name === to.run);
        return query(to.run, findStep(stepsOf(info ?? null, "weights"), at));
      }
    }
  }, generation);

  const trend = createResource<WeightTrend>(() => {
    const run = name.value;
    const path = variable.value;
    // What no capture has is not asked for; that of the step says so in a sentence.
    const isThere = captures.value?.some((one) => one.path === path) === true;
    return run === null || path === null || !isThere
      ? null
      : {
          key: JSON.stringify([run, path, steps.value.at(-1)]),
          scope: JSON.stringify([run, path]),
          load: async (abort) =>
            readWeightTrend(await source.weightTrend(run, path, abort)),
        };
  }, generation);

  const norms = createResource<WeightNorms>(() => {
    const run = name.value;
    const last = steps.value.at(-1);
    return run === null || last === undefined
      ? null
      : {
          key: JSON.stringify([run, last]),
          scope: run,
          load: async (abort) => readWeightNorms(await source.weightNorms(run, abort)),
        };
  }, generation);

  const resources: Resource<unknown>[] = [index, shown, compared, trend, norms];
  return {
    steps,
    step,
    index: index.value,
    layers,
    variable,
    shown: shown.value,
    base: compared.value,
    trend: trend.value,
    norms: norms.value,
    dispose: () => {
      for (const resource of resources) {
        resource.dispose();
      }
    },
  };
}

async function readWeights(
  source: DataSource,
  run: string,
  step: number,
  path: string,
  abort: AbortSignal,
): Promise<ShownWeights> {
  const { variables } = await source.weights(run, step, abort);
  const capture = variables.find((one) => one.path === path);
  if (capture === undefined) {
    throw new Error(
      `The capture of step ${step} of the run "${run}" has no variable "${path.slice(0, 300)}".`,
    );
  }
  const tensors = await source.weightData(run, step, path, abort);
  const what = `The weights of ${path.slice(0, 200)}`;
  return {
    run,
    step,
    variable: new CapturedVariable(capture, tensors),
    values: takeTensor(tensors, "values", Float32Array, what).values,
    stats: takeTensor(tensors, "stats", Float32Array, what).values,
    counts: takeTensor(tensors, "counts", BigInt64Array, what).values,
    edges: takeTensor(tensors, "edges", Float64Array, what).values,
  };
}
