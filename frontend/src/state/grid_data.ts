/** What the grid of channels needs besides the shown capture itself. */

import { computed, type ReadonlySignal } from "@preact/signals";
import type { OutputKey } from "../data/data_source";
import { pinnedRange } from "../model/channels/channel_scales";
import type { ValueRange } from "../model/value_range";
import type { ActivationIndex, LayerActivation, ProbeIndex } from "../wire/generated";
import type { Tensors } from "../wire/safetensors";
import {
  type ActivationComparison,
  createActivationComparison,
  resolveStep,
} from "./activation_comparison";
import { createLayerLookup, type FoundLayer, findOutput } from "./layer_lookup";
import { createResource, type Loadable, shownValue } from "./loadable";
import { type Store, stepsOf } from "./store";

/** What of the activations view's state the grid follows. */
export interface GridSubject {
  readonly captureSteps: ReadonlySignal<readonly number[]>;
  readonly captureStep: ReadonlySignal<number | null>;
  readonly sample: ReadonlySignal<number>;
  readonly probe: ReadonlySignal<Loadable<ProbeIndex>>;
  /** The index of the shown capture; null while it is on its way. */
  readonly index: ReadonlySignal<ActivationIndex | null>;
  /** The output that is shown; null = none. */
  readonly entry: ReadonlySignal<LayerActivation | null>;
}

/** The range of a layer at all its steps and samples. */
export interface PinnedRange {
  /** null = no log says. */
  readonly range: ValueRange | null;
}

/** A place in a map, as shares of its width and height. */
export interface MapPoint {
  readonly x: number;
  readonly y: number;
}

/** Data of the grid. */
export interface GridData {
  readonly comparison: ActivationComparison;
  /** What a change is measured against, where channels are ordered by one. */
  readonly reference: ReadonlySignal<Loadable<FoundLayer>>;
  /** The range that is the same at every step, where it is asked for. */
  readonly pinned: ReadonlySignal<Loadable<PinnedRange>>;
  /** What was measured of each channel over all samples; idle in older logs. */
  readonly units: ReadonlySignal<Loadable<Tensors>>;
  dispose(): void;
}

/** Creates the resources of the grid. */
export function createGridData(store: Store, subject: GridSubject): GridData {
  const { source, generation, grid } = store;
  const runs = computed(() => shownValue(store.runs.value) ?? []);
  const output = computed((): OutputKey | null => {
    const entry = subject.entry.value;
    return entry === null
      ? null
      : { layer: entry.path, call: entry.call, output: entry.output };
  });
  const comparison = createActivationComparison({
    source,
    generation,
    runs,
    run: store.run,
    captureSteps: subject.captureSteps,
    captureStep: subject.captureStep,
    sample: subject.sample,
    output,
    probe: subject.probe,
    compared: computed(() => grid.value.compared),
  });

  const reference = createLayerLookup(source, generation, () => {
    const { order } = grid.value;
    const since = { change: "previous", change_first: "first" } as const;
    const run = store.run.value;
    const current = subject.captureStep.value;
    if ((order !== "change" && order !== "change_first") || run === null) {
      return null;
    }
    const step =
      current === null
        ? null
        : resolveStep(since[order], subject.captureSteps.value, current);
    return step === null || output.value === null
      ? null
      : { run, step, output: output.value, sample: subject.sample.value };
  });

  const pinned = createResource<PinnedRange>(() => {
    const key = output.value;
    if (grid.value.range !== "pinned" || store.run.value === null || key === null) {
      return null;
    }
    const names = new Set([
      store.run.value,
      comparison.target.value?.run ?? store.run.value,
    ]);
    const captures = [...names].flatMap((run) => {
      const info = runs.value.find((one) => one.name === run) ?? null;
      const steps = stepsOf(info, "activations");
      return [...new Set([...steps.slice(0, 1), ...steps.slice(-1)])].map((step) => ({
        run,
        step,
      }));
    });
    return {
      key: JSON.stringify([captures, key]),
      scope: JSON.stringify(key),
      load: async (abort) => {
        const indices = await Promise.all(
          captures.map(({ run, step }) => source.activations(run, step, abort)),
        );
        const entries = indices.flatMap((index) => findOutput(index, key) ?? []);
        return { range: pinnedRange(entries) };
      },
    };
  }, generation);

  const units = createResource<Tensors>(() => {
    const index = subject.index.value;
    const entry = subject.entry.value;
    const run = store.run.value;
    const key = output.value;
    return run === null || index === null || key === null || !entry?.units
      ? null
      : {
          key: JSON.stringify([run, index.step, key]),
          scope: JSON.stringify([run, key]),
          load: (abort) => source.activationUnits(run, index.step, key, abort),
        };
  }, generation);

  return {
    comparison,
    reference: reference.value,
    pinned: pinned.value,
    units: units.value,
    dispose: () => {
      for (const resource of [comparison, reference, pinned, units]) {
        resource.dispose();
      }
    },
  };
}
