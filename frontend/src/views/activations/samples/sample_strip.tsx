/** The samples of the probe, as pictures where they are pictures. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ActivationsState } from "../../../state/activations";
import { createResource, type Loadable, shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import type { ProbeIndex } from "../../../wire/generated";
import type { Tensors } from "../../../wire/safetensors";
import { sampleName } from "./sample_name";
import { SamplePicture } from "./sample_picture";

/** Picks a sample, by mouse or by the arrow keys. */
export function SampleStrip({
  store,
  state,
}: {
  store: Store;
  state: ActivationsState;
}) {
  const strip = useRef<HTMLDivElement>(null);
  const probe = shownValue(state.probe.value);
  const chosen = useSignal<number | null>(null);
  // With several inputs, one that can be seen stands for the sample.
  const picture = probe?.inputs.findIndex((one) => one.picture) ?? -1;
  const input = chosen.value ?? Math.max(0, picture);
  const count = state.samples.value;
  const current = state.sample.value;
  const go = (to: number) => {
    const wanted = Math.max(0, Math.min(count - 1, to));
    store.setSample(wanted);
    strip.current?.querySelectorAll<HTMLElement>("[role=radio]")[wanted]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ArrowLeft: current - 1,
      ArrowUp: current - 1,
      ArrowRight: current + 1,
      ArrowDown: current + 1,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      go(to);
    }
  };
  return (
    <div class="kv-samples">
      <span class="kv-label" title="The inputs given as probe=..., one by one">
        Sample
      </span>
      <div
        ref={strip}
        class="kv-sample-strip"
        role="radiogroup"
        aria-label="Sample of the probe"
        onKeyDown={onKeyDown}
      >
        {Array.from({ length: count }, (_, sample) => (
          <SampleTile
            key={sample}
            store={store}
            state={state}
            probe={probe}
            input={input}
            sample={sample}
            selected={sample === current}
            onPick={() => go(sample)}
          />
        ))}
      </div>
      {probe !== undefined && probe.inputs.length > 1 && (
        <select
          class="kv-select kv-input-picker"
          aria-label="Input of the model"
          title="The model has several inputs: which one is shown here"
          value={input}
          onChange={(event) => {
            chosen.value = Number(event.currentTarget.value);
          }}
        >
          {probe.inputs.map((one, at) => (
            <option key={one.name} value={at}>
              {one.name.slice(0, 100)}
            </option>
          ))}
        </select>
      )}
      <SampleNote state={state} probe={probe} />
    </div>
  );
}

function SampleNote({
  state,
  probe,
}: {
  state: ActivationsState;
  probe: ProbeIndex | undefined;
}) {
  const loadable = state.probe.value;
  const given = shownValue(state.index.value)?.probe_samples ?? 0;
  const kept = state.samples.value;
  const notes = [
    ...(given > kept ? [`${kept} of ${given} samples`] : []),
    ...(probe?.inputs.map((input) => input.cut).filter((cut) => cut !== "") ?? []),
    ...(loadable.state === "error" ? [loadable.message] : []),
  ];
  return notes.length === 0 ? null : (
    <span class="kv-cut" title="What of the probe was not kept">
      {notes.join("; ")}
    </span>
  );
}

function SampleTile({
  store,
  state,
  probe,
  input,
  sample,
  selected,
  onPick,
}: {
  store: Store;
  state: ActivationsState;
  probe: ProbeIndex | undefined;
  input: number;
  sample: number;
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
  return (
    <button
      ref={tile}
      type="button"
      role="radio"
      class="kv-sample"
      aria-checked={selected}
      tabIndex={selected ? 0 : -1}
      title={
        loadable.state === "error"
          ? `${name}: ${loadable.message}`
          : `${name} (number ${sample} of the probe)`
      }
      onClick={onPick}
    >
      <SamplePicture
        tensors={shownValue(loadable)}
        input={probe?.inputs[input]}
        failed={loadable.state === "error"}
        dark={store.page.dark.value}
      />
      <span class="kv-ellipsis kv-sample-name">
        <bdi>{name.slice(0, 100)}</bdi>
      </span>
    </button>
  );
}
