/** One sample in the strip. */

import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import {
  longPrediction,
  type Prediction,
} from "../../../model/predictions/predictions";
import { sampleText } from "../../../model/predictions/sample_text";
import type { PictureBelow } from "../../../model/probe_picture";
import type { ActivationsState } from "../../../state/activations";
import { createResource, type Loadable, shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import type { ProbeIndex } from "../../../wire/generated";
import type { Tensors } from "../../../wire/safetensors";
import { PointerMark } from "./pointer_mark";
import { PredictionBadge } from "./prediction_badge";
import { sampleName } from "./sample_name";
import { SamplePicture } from "./sample_picture";

/** Characters of a text that are put into its tile, and into its tooltip. */
const FIRST_TEXT = 120;
const MOST_TEXT = 2000;

/** A sample: what was put in, its label, and what the model says. */
export function SampleTile({
  store,
  state,
  probe,
  input,
  sample,
  below,
  prediction,
  selected,
  onPick,
}: {
  store: Store;
  state: ActivationsState;
  probe: ProbeIndex | undefined;
  input: number;
  sample: number;
  /** The picture that the maps of the selected layer lie over. */
  below: ReadonlySignal<PictureBelow | null>;
  /** What the model says of it; null where that was not logged. */
  prediction: Prediction | null;
  selected: boolean;
  onPick: () => void;
}) {
  const tile = useRef<HTMLButtonElement>(null);
  const seen = useSignal(false);
  useEffect(() => {
    const element = tile.current;
    if (element === null || typeof IntersectionObserver === "undefined") {
      seen.value = true;
      return undefined;
    }
    const observer = new IntersectionObserver((entries) => {
      seen.value ||= entries.some((entry) => entry.isIntersecting);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [seen]);

  // However it was chosen, the sample is in sight.
  useLayoutEffect(() => {
    if (selected) {
      tile.current?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
    }
  }, [selected]);

  const resource = useMemo(
    () =>
      createResource<Tensors>(() => {
        const run = store.run.value;
        const step = state.probeStep.value;
        return !seen.value || run === null || step === null
          ? null
          : {
              key: JSON.stringify([run, step, input, sample]),
              scope: run,
              load: (abort) => store.source.probeData(run, step, input, sample, abort),
            };
      }, store.generation),
    [store, state, seen, input, sample],
  );
  useEffect(() => resource.dispose, [resource]);

  const name = sampleName(probe, sample);
  const loadable: Loadable<Tensors> = resource.value.value;
  const shown = probe?.inputs[input];
  const tokens = shown?.tokens[sample];
  const text = tokens === undefined ? null : sampleText(tokens);
  const title = [
    loadable.state === "error"
      ? `${name}: ${loadable.message}`
      : `${name} (number ${sample} of the probe)`,
    ...(text === null ? [] : [text.slice(0, MOST_TEXT)]),
    ...(prediction === null ? [] : [longPrediction(prediction)]),
  ].join("\n");
  return (
    <button
      ref={tile}
      type="button"
      role="radio"
      class={text === null ? "kv-sample" : "kv-sample kv-sample-wide"}
      aria-checked={selected}
      tabIndex={selected ? 0 : -1}
      title={title}
      onClick={onPick}
    >
      {text === null ? (
        <span class="kv-sample-frame">
          <SamplePicture
            tensors={shownValue(loadable)}
            input={shown}
            failed={loadable.state === "error"}
            dark={store.page.dark.value}
          />
          <PointerMark state={state} below={below} input={input} />
        </span>
      ) : (
        <span class="kv-sample-text" dir="auto">
          {text.slice(0, FIRST_TEXT) || "(empty)"}
        </span>
      )}
      <span class="kv-ellipsis kv-sample-name">
        <bdi>{name.slice(0, 100)}</bdi>
      </span>
      {prediction !== null && <PredictionBadge prediction={prediction} />}
    </button>
  );
}
