/** The samples of the probe, as pictures where they are pictures. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Icon } from "../../../components/icons";
import { predict } from "../../../model/predictions/predictions";
import type { ActivationsState } from "../../../state/activations";
import { pictureBelow } from "../../../state/channel_picture";
import { shownValue } from "../../../state/loadable";
import { followPredictions } from "../../../state/predictions";
import type { Store } from "../../../state/store";
import type { ModelOutput, ProbeIndex } from "../../../wire/generated";
import { PredictionPanel } from "./prediction_panel";
import { SampleTile } from "./sample_tile";

/** Picks a sample, by mouse or by the arrow keys. */
export function SampleStrip({
  store,
  state,
}: {
  store: Store;
  state: ActivationsState;
}) {
  const strip = useRef<HTMLDivElement>(null);
  const below = useMemo(() => pictureBelow(store, state), [store, state]);
  const probe = shownValue(state.probe.value);
  const chosen = useSignal<number | null>(null);
  // With several inputs, one that can be seen stands for the sample.
  const picture = probe?.inputs.findIndex((one) => one.picture) ?? -1;
  const input = chosen.value ?? Math.max(0, picture);
  const predictions = useMemo(() => followPredictions(store, state), [store, state]);
  useEffect(() => predictions.dispose, [predictions]);
  const outputs = predictions.outputs.value;
  const said = outputs.length > 0 ? shownValue(predictions.values.value) : undefined;
  const open = useSignal(false);
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
            below={below}
            prediction={
              said === undefined ? null : predict(said, sample, probe?.labels[sample])
            }
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
      {outputs.length > 0 && (
        <PredictionControls outputs={outputs} output={predictions.output} open={open} />
      )}
      {outputs.length > 0 && open.value && (
        <PredictionPanel
          store={store}
          state={state}
          predictions={predictions}
          onClose={() => {
            open.value = false;
          }}
        />
      )}
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

function PredictionControls({
  outputs,
  output,
  open,
}: {
  outputs: readonly ModelOutput[];
  output: Signal<number>;
  open: Signal<boolean>;
}) {
  return (
    <div class="kv-field kv-predictions">
      {outputs.length > 1 && (
        <select
          class="kv-select kv-input-picker"
          aria-label="Output of the model"
          title="The model has several outputs: which one is shown below the samples"
          value={output.value}
          onChange={(event) => {
            output.value = Number(event.currentTarget.value);
          }}
        >
          {outputs.map((one, at) => (
            <option key={at} value={at}>
              {one.name.slice(0, 100) || `output ${at}`}
            </option>
          ))}
        </select>
      )}
      <button
        type="button"
        class="kv-button"
        aria-expanded={open.value}
        aria-pressed={open.value}
        title="What the model says of this sample, and how that changed over steps"
        onClick={() => {
          open.value = !open.value;
        }}
      >
        Predictions
        <Icon name={open.value ? "up" : "down"} />
      </button>
    </div>
  );
}
