/** Chooses what the shown capture is compared with, and how. */

import { type Choice, Choices } from "../../../components/choices";
import type { ActivationsState } from "../../../state/activations";
import { formatCompared, parseCompared } from "../../../state/grid_place";
import { shownValue } from "../../../state/loadable";
import { type Store, stepsOf } from "../../../state/store";

const HELP =
  "Shows another step, sample or run beside this one. A is what is compared with, B " +
  "is what is selected; both have the same colours";

const SHOWN_AS: readonly Choice<"sides" | "difference">[] = [
  {
    value: "sides",
    title: "side by side",
    hint: "A and B beside each other, in the same colours",
  },
  {
    value: "difference",
    title: "difference",
    hint: "B minus A, cell by cell: green where B is higher, purple where A is",
  },
];

/** A list of steps, samples and runs, and the choice between both and the difference. */
export function CompareControl({
  store,
  state,
}: {
  store: Store;
  state: ActivationsState;
}) {
  const { compared, difference } = store.grid.value;
  const labels = shownValue(state.probe.value)?.labels ?? [];
  const samples = Array.from({ length: state.samples.value }, (_, sample) => sample);
  const runs = (shownValue(store.runs.value) ?? []).filter(
    (info) => info.name !== store.run.value && stepsOf(info, "activations").length > 0,
  );
  const value = formatCompared(compared);
  const offered = new Set([
    "",
    "step:previous",
    "step:first",
    ...state.captureSteps.value.map((step) => `step:${step}`),
    ...samples.map((sample) => `sample:${sample}`),
    ...runs.map((info) => `run:${info.name}`),
  ]);
  return (
    <div class="kv-field kv-compare-field">
      <label for="kv-compare">Compare with</label>
      <select
        id="kv-compare"
        class="kv-select kv-compare-with"
        title={HELP}
        value={value}
        onChange={(event) =>
          store.setGrid({ compared: parseCompared(event.currentTarget.value) })
        }
      >
        <option value="">nothing</option>
        {!offered.has(value) && (
          <option value={value}>{value.replace(":", " ")}</option>
        )}
        <optgroup label="Step">
          <option value="step:previous">previous step</option>
          <option value="step:first">first step</option>
          {state.captureSteps.value.map((step) => (
            <option key={step} value={`step:${step}`}>
              step {step}
            </option>
          ))}
        </optgroup>
        <optgroup label="Sample">
          {samples.map((sample) => (
            <option key={sample} value={`sample:${sample}`}>
              sample {sample}
              {labels[sample] ? ` (${labels[sample].slice(0, 40)})` : ""}
            </option>
          ))}
        </optgroup>
        {runs.length > 0 && (
          <optgroup label="Run, at the same step and sample">
            {runs.map((info) => (
              <option key={info.name} value={`run:${info.name}`}>
                {info.name}
              </option>
            ))}
          </optgroup>
        )}
      </select>
      {compared !== null && (
        <Choices
          label="Show the two as"
          choices={SHOWN_AS}
          chosen={difference ? "difference" : "sides"}
          onChoose={(one) => store.setGrid({ difference: one === "difference" })}
        />
      )}
    </div>
  );
}
