/** The graph that the shown one is compared with, and the version before it. */

import { computed, type ReadonlySignal, type Signal } from "@preact/signals";
import type { DataSource } from "../data/data_source";
import type { ModelGraph, RunInfo } from "../wire/generated";
import { createResource, type Loadable, type Query } from "./loadable";
import { findStep, stepsOf } from "./steps";

/** A logged graph. */
export interface GraphVersion {
  readonly run: string;
  /** Step at which it was logged. */
  readonly step: number;
}

/** What the comparison follows. */
export interface ComparisonInputs {
  readonly source: DataSource;
  readonly generation: ReadonlySignal<number>;
  readonly runs: ReadonlySignal<readonly RunInfo[]>;
  /** The graph that is shown; null while there is none. */
  readonly shown: ReadonlySignal<GraphVersion | null>;
  /** Run to compare with; null = the shown one, if a step is given. */
  readonly withRun: Signal<string | null>;
  /** Step of the graph to compare with; null = the latest. */
  readonly withStep: Signal<number | null>;
  /** Whether graphs are looked at now. */
  readonly active: ReadonlySignal<boolean>;
}

/** Follows the graph that is compared with. */
export interface Comparison {
  /** What is compared with; null = nothing, or it is not there. */
  readonly target: ReadonlySignal<GraphVersion | null>;
  /** Why there is no target though one is asked for; empty if there is no reason. */
  readonly missing: ReadonlySignal<string>;
  readonly graph: ReadonlySignal<Loadable<ModelGraph>>;
  /** The version before the one that is shown. */
  readonly previous: ReadonlySignal<Loadable<ModelGraph>>;
  dispose(): void;
}

/** Creates the resources of a comparison. */
export function createComparison(inputs: ComparisonInputs): Comparison {
  const { source, runs, shown, withRun, withStep, active } = inputs;
  const stepsIn = (run: string): readonly number[] =>
    stepsOf(runs.value.find((info) => info.name === run) ?? null, "model_graph");
  const wanted = computed(() =>
    withStep.value === null
      ? withRun.value
      : (withRun.value ?? shown.value?.run ?? null),
  );
  const target = computed(() => {
    const run = wanted.value;
    const step = run === null ? null : findStep(stepsIn(run), withStep.value);
    return run === null || step === null ? null : { run, step };
  });
  const missing = computed(() => {
    const run = wanted.value;
    if (run === null || target.value !== null || runs.value.length === 0) {
      return "";
    }
    const known = runs.value.some((info) => info.name === run);
    return known ? `The run "${run}" has no model graph` : `There is no run "${run}"`;
  });
  const before = computed(() => {
    const now = shown.value;
    const steps = now === null ? [] : stepsIn(now.run);
    const step = steps.findLast((one) => one < (now?.step ?? 0));
    return now === null || step === undefined ? null : { run: now.run, step };
  });
  const load = (version: GraphVersion | null): Query<ModelGraph> | null =>
    version === null || !active.value
      ? null
      : {
          key: JSON.stringify([version.run, version.step]),
          scope: version.run,
          load: (abort) => source.modelGraph(version.run, version.step, abort),
        };
  const graph = createResource(() => load(target.value), inputs.generation);
  const previous = createResource(() => load(before.value), inputs.generation);
  return {
    target,
    missing,
    graph: graph.value,
    previous: previous.value,
    dispose: () => {
      graph.dispose();
      previous.dispose();
    },
  };
}
