/** What the activations view shows, of what the store says. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { LayerOrder } from "../model/layers/layer_query";
import { type ActivationData, activationData } from "../model/tensor_view";
import type {
  ActivationIndex,
  LayerActivation,
  ProbeIndex,
  SkippedLayer,
} from "../wire/generated";
import type { Tensors } from "../wire/safetensors";
import { createGridData, type GridData, type MapPoint } from "./grid_data";
import { createResource, type Loadable, shownValue } from "./loadable";
import { findStep, type Store, stepsOf } from "./store";

/** A layer of the list: its captured outputs, or why there are none. */
export interface ListedLayer {
  readonly path: string;
  /** Position of its first output among the capture's; -1 if it was skipped. */
  readonly position: number;
  /** Its outputs, by call and output. */
  readonly entries: readonly LayerActivation[];
  /** Why it was skipped; empty if it was not. */
  readonly reason: string;
}

/** What is selected, of what there is. */
export type Selection =
  | { readonly state: "none" }
  | { readonly state: "missing"; readonly path: string }
  | { readonly state: "skipped"; readonly skipped: SkippedLayer }
  | {
      readonly state: "captured";
      readonly layer: ListedLayer;
      readonly entry: LayerActivation;
    };

/** Derived state and payloads of the activations view. */
export interface ActivationsState {
  /** Steps that have a capture, ascending. */
  readonly captureSteps: ReadonlySignal<readonly number[]>;
  /** The capture that is shown: the last one up to the current step. */
  readonly captureStep: ReadonlySignal<number | null>;
  readonly probeStep: ReadonlySignal<number | null>;
  readonly probe: ReadonlySignal<Loadable<ProbeIndex>>;
  readonly index: ReadonlySignal<Loadable<ActivationIndex>>;
  readonly layers: ReadonlySignal<readonly ListedLayer[]>;
  /** What is typed to find layers in the list. */
  readonly layerFilter: Signal<string>;
  readonly layerOrder: Signal<LayerOrder>;
  readonly selection: ReadonlySignal<Selection>;
  /** The sample that is shown: a kept one. */
  readonly sample: ReadonlySignal<number>;
  readonly samples: ReadonlySignal<number>;
  readonly thumbnails: ReadonlySignal<Loadable<Tensors>>;
  readonly data: ReadonlySignal<Loadable<ActivationData>>;
  readonly grid: GridData;
  /** Where the pointer is on a map: marked on all of them; null = on none. */
  readonly pointer: Signal<MapPoint | null>;
  dispose(): void;
}

/** The layers of a capture in order of execution, then the skipped ones. */
export function listLayers(index: ActivationIndex): ListedLayer[] {
  const captured = new Map<string, { position: number; entries: LayerActivation[] }>();
  index.layers.forEach((entry, position) => {
    const layer = captured.get(entry.path);
    if (layer === undefined) {
      captured.set(entry.path, { position, entries: [entry] });
    } else {
      layer.entries.push(entry);
    }
  });
  const skipped = new Map(index.skipped.map((layer) => [layer.path, layer.reason]));
  return [
    ...[...captured].map(([path, layer]) => ({ path, ...layer, reason: "" })),
    ...[...skipped]
      .filter(([path]) => !captured.has(path))
      .map(([path, reason]) => ({ path, position: -1, entries: [], reason })),
  ];
}

/** Finds what is selected; without a selection, the first layer that is no input. */
export function selectOutput(
  layers: readonly ListedLayer[],
  path: string | null,
  call: number,
  output: number,
): Selection {
  if (path === null) {
    const shown = layers.filter((layer) => layer.entries.length > 0);
    const first = shown.find((layer) => layer.entries[0]?.class_name !== "InputLayer");
    return captured(first ?? shown[0], call, output);
  }
  const layer = layers.find((candidate) => candidate.path === path);
  if (layer === undefined) {
    return { state: "missing", path };
  }
  if (layer.entries.length === 0) {
    return { state: "skipped", skipped: { path, reason: layer.reason } };
  }
  return captured(layer, call, output);
}

function captured(
  layer: ListedLayer | undefined,
  call: number,
  output: number,
): Selection {
  const entries = layer?.entries ?? [];
  const entry =
    entries.find((one) => one.call === call && one.output === output) ??
    entries.find((one) => one.call === call) ??
    entries[0];
  return layer === undefined || entry === undefined
    ? { state: "none" }
    : { state: "captured", layer, entry };
}

/** Creates the view's state; dispose of it with the view. */
export function createActivationsState(store: Store): ActivationsState {
  const { source, generation } = store;
  const captureSteps = computed(() => stepsOf(store.runInfo.value, "activations"));
  const captureStep = computed(() => {
    const current = store.currentStep.value;
    return current === null
      ? null
      : (captureSteps.value.findLast((step) => step <= current) ?? null);
  });
  const probeStep = computed(() =>
    findStep(stepsOf(store.runInfo.value, "probe"), captureStep.value),
  );

  const probe = createResource<ProbeIndex>(() => {
    const run = store.run.value;
    const step = probeStep.value;
    return run === null || step === null
      ? null
      : {
          key: JSON.stringify([run, step]),
          scope: run,
          load: (abort) => source.probe(run, step, abort),
        };
  }, generation);

  const index = createResource<ActivationIndex>(() => {
    const run = store.run.value;
    const step = captureStep.value;
    return run === null || step === null
      ? null
      : {
          key: JSON.stringify([run, step]),
          scope: run,
          load: (abort) => source.activations(run, step, abort),
        };
  }, generation);

  const layers = computed(() => {
    const shown = shownValue(index.value.value);
    return shown === undefined ? [] : listLayers(shown);
  });
  const samples = computed(() => shownValue(index.value.value)?.samples ?? 0);
  const sample = computed(() =>
    Math.max(0, Math.min(store.sample.value, samples.value - 1)),
  );
  const selection = computed(() =>
    selectOutput(layers.value, store.layer.value, store.node.value, store.output.value),
  );

  // Payloads are asked for only with the index that they belong to, so that
  // one of another step is never read with it.
  const readyIndex = computed(() => {
    const loadable = index.value.value;
    return loadable.state === "ready" ? loadable.value : null;
  });

  const thumbnails = createResource<Tensors>(() => {
    const run = store.run.value;
    const at = readyIndex.value;
    const wanted = sample.value;
    if (run === null || index.value.value.state === "idle") {
      return null;
    }
    if (at === null) {
      return { key: "", scope: run, load: null };
    }
    const { step } = at;
    return at.thumbnails.length <= wanted
      ? null
      : {
          key: JSON.stringify([run, step, wanted]),
          scope: run,
          load: (abort) => source.thumbnails(run, step, wanted, abort),
        };
  }, generation);

  const data = createResource<ActivationData>(() => {
    const run = store.run.value;
    const at = readyIndex.value;
    const selected = selection.value;
    const wanted = sample.value;
    if (run === null || selected.state !== "captured") {
      return null;
    }
    if (at === null) {
      return { key: "", scope: run, load: null };
    }
    const { step } = at;
    const { entry } = selected;
    const { path: layer, call, output } = entry;
    const key = { layer, call, output, sample: wanted };
    return {
      key: JSON.stringify([run, step, layer, call, output, wanted]),
      scope: run,
      load: async (abort) =>
        activationData(await source.activationData(run, step, key, abort), entry),
    };
  }, generation);

  const grid = createGridData(store, {
    captureSteps,
    captureStep,
    sample,
    probe: probe.value,
    index: readyIndex,
    entry: computed(() =>
      selection.value.state === "captured" ? selection.value.entry : null,
    ),
  });

  // What belongs to a capture whose index cannot be read will not come.
  const awaited = (loadable: ReadonlySignal<Loadable<unknown>>) =>
    computed(() =>
      index.value.value.state === "error" ? index.value.value : loadable.value,
    );
  const unfollow = store.awaited.follow(
    ...[
      index.value,
      thumbnails.value,
      data.value,
      grid.comparison.data,
      grid.reference,
      grid.units,
    ].map(awaited),
  );

  return {
    captureSteps,
    captureStep,
    probeStep,
    probe: probe.value,
    index: index.value,
    layers,
    layerFilter: signal(""),
    layerOrder: signal<LayerOrder>("executed"),
    selection,
    sample,
    samples,
    thumbnails: thumbnails.value,
    data: data.value,
    grid,
    pointer: signal<MapPoint | null>(null),
    dispose: () => {
      unfollow();
      for (const resource of [probe, index, thumbnails, data, grid]) {
        resource.dispose();
      }
    },
  };
}
