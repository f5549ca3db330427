/** What the weights view shows, of what the store says. */

import { computed, type ReadonlySignal } from "@preact/signals";
import type { DataSource } from "../data/data_source";
import { type DynamicsMap, readDynamicsMap } from "../model/dynamics/dynamics_map";
import { CapturedVariable } from "../model/kernel/incoming_kernel";
import { chooseVariable } from "../model/weights/weight_rows";
import { readWeightTrend, type WeightTrend } from "../model/weights/weight_trend";
import type { WeightIndex } from "../wire/generated";
import { takeTensor } from "../wire/safetensors";
import { createResource, type Loadable, type Resource, shownValue } from "./loadable";
import { findStep, stepsOf } from "./steps";
import type { Store } from "./store";

/** Points of the small curves beside the variables. */
const NORM_POINTS = 40;

/** A variable in one capture. */
export interface ShownWeights {
  readonly run: string;
  readonly step: number;
  readonly variable: CapturedVariable;
  readonly values: Float32Array;
  readonly stats: Float32Array;
}

/** Derived state and payloads of the weights view. */
export interface WeightsState {
  /** Steps of all captures of the run. */
  readonly steps: ReadonlySignal<readonly number[]>;
  /** Step of the capture that is shown; null = there is none. */
  readonly step: ReadonlySignal<number | null>;
  readonly index: ReadonlySignal<Loadable<WeightIndex>>;
  /** Path of the variable that is shown; null = there is none. */
  readonly variable: ReadonlySignal<string | null>;
  readonly shown: ReadonlySignal<Loadable<ShownWeights>>;
  /** What it is compared with; idle = nothing. */
  readonly base: ReadonlySignal<Loadable<ShownWeights>>;
  readonly trend: ReadonlySignal<Loadable<WeightTrend>>;
  /** Norms of all variables over all steps; idle where no dynamics are logged. */
  readonly norms: ReadonlySignal<Loadable<DynamicsMap>>;
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
  const variable = computed(() => {
    const captures = shownValue(index.value.value)?.variables;
    const graph = store.graph.value;
    // Layers are known by the graph: until it is there, the wanted one is shown.
    if (captures === undefined || graph.state === "loading") {
      return store.weights.value.variable;
    }
    const layers = shownValue(graph)?.layers ?? [];
    const { variable: wanted } = store.weights.value;
    return chooseVariable(layers, captures, store.layer.value, wanted);
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

  const base = createResource<ShownWeights>(() => {
    const run = name.value;
    const at = step.value;
    const path = variable.value;
    const wanted = store.weights.value.base;
    if (run === null || at === null || path === null || wanted === null) {
      return null;
    }
    const query = (other: string, otherStep: number | null) => ({
      key: JSON.stringify([other, otherStep, path]),
      scope: JSON.stringify([other, path, wanted.kind]),
      load: async (abort: AbortSignal) => {
        if (otherStep === null) {
          throw new Error(
            wanted.kind === "run"
              ? `No weights were captured of the run "${other}".`
              : "This is the first capture: there is none before it to compare with.",
          );
        }
        return readWeights(source, other, otherStep, path, abort);
      },
    });
    switch (wanted.kind) {
      case "start":
        return query(run, steps.value[0] ?? null);
      case "previous":
        return query(run, steps.value.findLast((one) => one < at) ?? null);
      case "step":
        return query(run, findStep(steps.value, wanted.step));
      default: {
        const info = shownValue(store.runs.value)?.find(
          (one) => one.name === wanted.run,
        );
        return query(wanted.run, findStep(stepsOf(info ?? null, "weights"), at));
      }
    }
  }, generation);

  const trend = createResource<WeightTrend>(() => {
    const run = name.value;
    const path = variable.value;
    // What no capture has is not asked for; that of the step says so in a sentence.
    const captures = shownValue(index.value.value)?.variables;
    const isThere = captures?.some((one) => one.path === path) === true;
    return run === null || path === null || !isThere
      ? null
      : {
          key: JSON.stringify([run, path, steps.value.at(-1)]),
          scope: JSON.stringify([run, path]),
          load: async (abort) =>
            readWeightTrend(await source.weightTrend(run, path, abort)),
        };
  }, generation);

  const norms = createResource<DynamicsMap>(() => {
    const run = name.value;
    const last = stepsOf(store.runInfo.value, "dynamics").at(-1);
    return run === null || last === undefined
      ? null
      : {
          key: JSON.stringify([run, last]),
          scope: run,
          load: async (abort) => {
            const { variables, last_step } = await source.dynamics(run, abort);
            const range = { first: 1, last: last_step ?? 1, cells: NORM_POINTS };
            return readDynamicsMap(
              await source.dynamicsMap(run, "weight_norm", range, abort),
              "weight_norm",
              variables,
            );
          },
        };
  }, generation);

  const resources: Resource<unknown>[] = [index, shown, base, trend, norms];
  return {
    steps,
    step,
    index: index.value,
    variable,
    shown: shown.value,
    base: base.value,
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
  };
}
