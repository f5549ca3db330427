/** What the gradients view shows, of what the store says. */

import { computed, type ReadonlySignal } from "@preact/signals";
import {
  type DynamicsMap,
  type DynamicsQuantity,
  readDynamicsMap,
  readStepColumns,
  type StepColumns,
} from "../model/dynamics/dynamics_map";
import type { DynamicsSummary } from "../wire/generated";
import type { StepRange } from "./gradients_place";
import { createResource, type Loadable, type Resource, shownValue } from "./loadable";
import type { Store } from "./store";

/** Most cells that are asked for: as many as a wide screen has room for. */
export const CELLS = 600;

/** Derived state and payloads of the gradients view. */
export interface GradientsState {
  readonly summary: ReadonlySignal<Loadable<DynamicsSummary>>;
  /** All steps that are logged; null = none. */
  readonly whole: ReadonlySignal<StepRange | null>;
  /** The steps that are shown. */
  readonly range: ReadonlySignal<StepRange | null>;
  readonly map: ReadonlySignal<Loadable<DynamicsMap>>;
  readonly together: ReadonlySignal<Loadable<StepColumns>>;
  /** The same quantity and steps of the run that is compared with. */
  readonly otherMap: ReadonlySignal<Loadable<DynamicsMap>>;
  dispose(): void;
}

/** Creates the view's state; dispose of it with the view. */
export function createGradientsState(store: Store): GradientsState {
  const { source, generation } = store;
  const name = computed(() => {
    const info = store.runInfo.value;
    return info === null || info.error !== "" ? null : info.name;
  });
  // Another listing means that more was logged: a map holds what there was then.
  const version = computed(() => store.runInfo.value?.steps.dynamics?.at(-1) ?? 0);

  const summary = createResource<DynamicsSummary>(() => {
    const run = name.value;
    return run === null
      ? null
      : {
          key: JSON.stringify([run, version.value]),
          scope: run,
          load: (abort) => source.dynamics(run, abort),
        };
  }, generation);
  const whole = computed(() => rangeOf(shownValue(summary.value.value)));
  const range = computed(() => {
    const all = whole.value;
    const chosen = store.gradients.value.range;
    return all === null || chosen === null
      ? all
      : {
          first: Math.max(all.first, Math.min(all.last, chosen.first)),
          last: Math.max(all.first, Math.min(all.last, chosen.last)),
        };
  });

  const readMap = async (
    run: string,
    of: DynamicsSummary,
    quantity: DynamicsQuantity,
    { first, last }: StepRange,
    cells: number,
    abort: AbortSignal,
  ) =>
    readDynamicsMap(
      await source.dynamicsMap(run, quantity, { first, last, cells }, abort),
      quantity,
      of.variables,
    );

  const map = createResource<DynamicsMap>(() => {
    const run = name.value;
    const of = shownValue(summary.value.value);
    const steps = range.value;
    const { quantity } = store.gradients.value;
    return run === null || of === undefined || steps === null
      ? null
      : {
          key: JSON.stringify([run, quantity, steps, version.value]),
          scope: JSON.stringify([run, quantity]),
          load: (abort) => readMap(run, of, quantity, steps, CELLS, abort),
        };
  }, generation);

  const together = createResource<StepColumns>(() => {
    const run = name.value;
    const of = shownValue(summary.value.value);
    const steps = range.value;
    return run === null || of?.has_steps !== true || steps === null
      ? null
      : {
          key: JSON.stringify([run, steps, version.value]),
          scope: run,
          load: async (abort) =>
            readStepColumns(
              await source.stepDynamics(run, { ...steps, cells: CELLS }, abort),
            ),
        };
  }, generation);

  const otherMap = createResource<DynamicsMap>(() => {
    const { versus, quantity } = store.gradients.value;
    const steps = range.value;
    return versus === null || versus === name.value || steps === null
      ? null
      : {
          key: JSON.stringify([versus, quantity, steps]),
          scope: JSON.stringify([versus, quantity]),
          load: async (abort) => {
            const of = await source.dynamics(versus, abort);
            if (rangeOf(of) === null) {
              throw new Error(`No gradients were logged of the run "${versus}".`);
            }
            return readMap(versus, of, quantity, steps, CELLS, abort);
          },
        };
  }, generation);

  const resources: Resource<unknown>[] = [summary, map, together, otherMap];
  return {
    summary: summary.value,
    whole,
    range,
    map: map.value,
    together: together.value,
    otherMap: otherMap.value,
    dispose: () => {
      for (const resource of resources) {
        resource.dispose();
      }
    },
  };
}

/** From the first step of the first window on; the summary names its last one. */
function rangeOf(summary: DynamicsSummary | undefined): StepRange | null {
  const first = summary?.first_step ?? null;
  const last = summary?.last_step ?? null;
  return first === null || last === null ? null : { first: Math.min(1, first), last };
}
