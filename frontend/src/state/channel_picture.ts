/** The picture that the selected map lies over. */

import { computed, type ReadonlySignal } from "@preact/signals";
import { choosePicture, type PictureBelow } from "../model/probe_picture";
import type { Tensors } from "../wire/safetensors";
import type { ActivationsState } from "./activations";
import { selectedEntry } from "./channel_data";
import { createResource, type Loadable, shownValue } from "./loadable";
import type { Store } from "./store";

/** Which picture, and its pixels for the shown sample. */
export interface ChannelPicture {
  /** null = there is none. */
  readonly below: ReadonlySignal<PictureBelow | null>;
  readonly pixels: ReadonlySignal<Loadable<Tensors>>;
  dispose(): void;
}

/** Which picture of the probe the maps of the selected layer lie over. */
export function pictureBelow(
  store: Store,
  state: ActivationsState,
): ReadonlySignal<PictureBelow | null> {
  return computed(() => {
    const entry = selectedEntry(state);
    const probe = shownValue(state.probe.value);
    return entry === null || probe === undefined
      ? null
      : choosePicture(shownValue(store.graph.value) ?? null, entry, probe);
  });
}

/** Follows the picture of the shown sample. */
export function followPicture(store: Store, state: ActivationsState): ChannelPicture {
  const below = pictureBelow(store, state);
  const pixels = createResource<Tensors>(() => {
    const run = store.run.value;
    const step = state.probeStep.value;
    const input = below.value?.index;
    const sample = state.sample.value;
    return run === null || step === null || input === undefined
      ? null
      : {
          key: JSON.stringify([run, step, input, sample]),
          // A picture of another sample below this one's map would be wrong.
          scope: JSON.stringify([run, step, input, sample]),
          load: (abort) => store.source.probeData(run, step, input, sample, abort),
        };
  }, store.generation);
  return { below, pixels: pixels.value, dispose: pixels.dispose };
}
