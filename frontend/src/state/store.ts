/** The state of the app: where we are, and what belongs there. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { DataSource } from "../data/data_source";
import type { ModelGraph, RunInfo, RunList, Status } from "../wire/generated";
import { type Awaited, createAwaited } from "./awaited";
import { type Comparison, createComparison, type GraphVersion } from "./comparison";
import { createResource, type Loadable, shownValue } from "./loadable";
import { createNavigation, type Navigation } from "./navigation";
import type { Page } from "./page";
import { keepPlace, type PlaceSignals } from "./place_signals";
import { findStep, stepsOf } from "./steps";

export type { GraphVersion } from "./comparison";
export type { Loadable } from "./loadable";
export type { ActivationsMode, View } from "./place";
export { findStep, stepsOf } from "./steps";

/** All state that more than one component sees: the place, and what belongs there. */
export interface Store extends PlaceSignals, Navigation {
  /** Where data come from. */
  readonly source: DataSource;
  /** The page around the app. */
  readonly page: Page;
  /** Moves on at every reload. */
  readonly generation: ReadonlySignal<number>;

  readonly runs: ReadonlySignal<Loadable<readonly RunInfo[]>>;
  /** The chosen run, once the list is there and it is in it. */
  readonly runInfo: ReadonlySignal<RunInfo | null>;
  /** Steps that have something the view shows, ascending. */
  readonly steps: ReadonlySignal<readonly number[]>;
  /** The step that is shown: a logged one. */
  readonly currentStep: ReadonlySignal<number | null>;
  readonly graph: ReadonlySignal<Loadable<ModelGraph>>;
  /** The graph that is shown. */
  readonly shownGraph: ReadonlySignal<GraphVersion | null>;
  /** The graph that it is compared with. */
  readonly comparison: Comparison;
  readonly status: ReadonlySignal<Loadable<Status>>;
  /** What is shown and still on its way. */
  readonly awaited: Awaited;

  /** Asks for everything anew, and keeps the place. */
  reload(): void;
  dispose(): void;
}

/**
 * Creates the state, from the place in the address, and keeps both in step.
 *
 * @param source Where data come from.
 * @param page The page, whose address holds the place.
 */
export function createStore(source: DataSource, page: Page): Store {
  const kept = keepPlace(page.address);
  const { run, view, step, withRun, withStep } = kept.place;
  const generation = signal(0);

  const runList = createResource<RunList>(
    () => ({ key: "runs", scope: "runs", load: (abort) => source.runs(abort) }),
    generation,
  );
  const runs = computed(() => mapLoadable(runList.value.value, (list) => list.runs));
  const runInfo = computed(
    () => shownValue(runs.value)?.find((info) => info.name === run.value) ?? null,
  );
  const steps = computed(() => {
    const of = (kind: string) => stepsOf(runInfo.value, kind);
    // Layers are coloured by what is made of statistics too; of the dynamics, which
    // may have thousands of steps, the first and the last are known. Where activations
    // or weights are shown, nothing changes at a step that has none; of the former
    // the start is kept.
    const all = new Set(
      view.value === "activations"
        ? [...of("model_graph").slice(0, 1), ...of("activations")]
        : view.value === "weights"
          ? of("weights")
          : ["model_graph", "activations", "weights", "dynamics"].flatMap(of),
    );
    return [...all].sort((a, b) => a - b);
  });
  const currentStep = computed(() => findStep(steps.value, step.value));

  const graphStep = computed(() =>
    findStep(stepsOf(runInfo.value, "model_graph"), currentStep.value),
  );
  const graph = createResource<ModelGraph>(() => {
    const name = run.value;
    const at = graphStep.value;
    return name === null || at === null
      ? null
      : {
          key: JSON.stringify([name, at]),
          scope: name,
          load: (abort) => source.modelGraph(name, at, abort),
        };
  }, generation);
  const shownGraph = computed(() =>
    run.value === null || graphStep.value === null
      ? null
      : { run: run.value, step: graphStep.value },
  );
  const comparison = createComparison({
    source,
    generation,
    runs: computed(() => shownValue(runs.value) ?? []),
    shown: shownGraph,
    withRun,
    withStep,
    active: computed(() => view.value === "architecture"),
  });
  const awaited = createAwaited();
  awaited.follow(graph.value);
  const hasStatus = computed(() => stepsOf(runInfo.value, "status").length > 0);
  const status = createResource<Status>(() => {
    const name = run.value;
    return name === null || !hasStatus.value
      ? null
      : { key: name, scope: name, load: (abort) => source.status(name, abort) };
  }, generation);

  const undo = [
    runList.dispose,
    graph.dispose,
    comparison.dispose,
    status.dispose,
    effect(() => {
      const list = shownValue(runs.value);
      if (run.value === null && list !== undefined && list[0] !== undefined) {
        run.value = list[0].name;
      }
    }),
    kept.dispose,
  ];

  return {
    ...kept.place,
    ...createNavigation(kept),
    source,
    page,
    generation,
    runs,
    runInfo,
    steps,
    currentStep,
    graph: graph.value,
    shownGraph,
    comparison,
    status: status.value,
    awaited,
    reload: () => {
      source.revalidate();
      generation.value += 1;
    },
    dispose: () => {
      for (const action of undo) {
        action();
      }
    },
  };
}

function mapLoadable<T, U>(loadable: Loadable<T>, map: (value: T) => U): Loadable<U> {
  switch (loadable.state) {
    case "ready":
      return { state: "ready", value: map(loadable.value) };
    case "idle":
      return loadable;
    default:
      break;
  }
  const { previous, ...rest } = loadable;
  return previous === undefined ? rest : { ...rest, previous: map(previous) };
}
