/** What was logged of layers while they trained, as far as the place asks for it. */

import { computed, type ReadonlySignal } from "@preact/signals";
import { findMetric, isLogged, isStatistic, METRICS } from "../model/overlay/metrics";
import type { LayerStatistics, LayerTrend, RunInfo } from "../wire/generated";
import { createResource, type Loadable } from "./loadable";
import type { Store } from "./store";

/** Statistics that follow the store; dispose of them with what shows them. */
export interface Followed<T> {
  readonly value: ReadonlySignal<Loadable<T>>;
  dispose(): void;
}

/**
 * The step whose statistics are shown. Who follows the latest step sees the
 * latest of each statistic, also where no graph was logged at its step.
 */
export function statisticsStep(store: Store): number | null {
  const current = store.currentStep.value;
  if (store.step.value !== null || current === null) {
    return current;
  }
  return lastStep(store.runInfo.value) ?? current;
}

function lastStep(run: RunInfo | null): number | null {
  const last = Object.values(run?.steps ?? {}).map((steps) => steps.at(-1) ?? 0);
  return last.length === 0 ? null : Math.max(...last);
}

/** Statistics of all layers; idle while they are coloured by none. */
export function followStatistics(store: Store): Followed<LayerStatistics> {
  const step = computed(() => statisticsStep(store));
  // One answer holds all of them: to choose another one asks for nothing.
  const wanted = computed(() => {
    const metric = findMetric(store.color.value ?? "");
    return metric !== null && isStatistic(metric);
  });
  const resource = createResource<LayerStatistics>(() => {
    const run = store.run.value;
    const at = step.value;
    if (!wanted.value || run === null || at === null) {
      return null;
    }
    return {
      key: JSON.stringify([run, at]),
      scope: run,
      load: (abort) => store.source.layerStatistics(run, at, abort),
    };
  }, store.generation);
  const unfollow = store.awaited.follow(resource.value);
  return {
    value: resource.value,
    dispose: () => {
      unfollow();
      resource.dispose();
    },
  };
}

/** Statistics of one layer over all steps; idle where none can have been logged. */
export function followTrend(store: Store, layer: string): Followed<LayerTrend> {
  return createResource<LayerTrend>(() => {
    const run = store.runInfo.value;
    const any =
      run !== null &&
      METRICS.some((metric) => isStatistic(metric) && isLogged(metric, run.steps));
    return any
      ? {
          key: JSON.stringify([run.name, layer]),
          scope: run.name,
          load: (abort) => store.source.layerTrend(run.name, layer, abort),
        }
      : null;
  }, store.generation);
}
