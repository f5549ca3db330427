/** What the values are shown as the difference to. */

import { formatCount } from "../../model/format";
import { shownValue } from "../../state/loadable";
import { type Store, stepsOf } from "../../state/store";
import type { WeightsState } from "../../state/weights";
import {
  formatWeightBase,
  parseWeightBase,
  type WeightBase,
} from "../../state/weights_place";

/** More captures than this are not offered one by one. */
const MAX_STEPS = 200;

/** A choice of captures of this run, and of other runs. */
export function BaseChoice({ store, state }: { store: Store; state: WeightsState }) {
  const { base } = store.weights.value;
  const word = formatWeightBase(base);
  const all = state.steps.value;
  const steps = all.slice(-MAX_STEPS);
  const left =
    steps.length < all.length ? `, the last of ${formatCount(all.length)}` : "";
  const runs = (shownValue(store.runs.value) ?? []).filter(
    (info) => info.name !== store.run.value && stepsOf(info, "weights").length > 0,
  );
  const known =
    base === null ||
    (base.kind === "step"
      ? steps.includes(base.step)
      : base.kind !== "run" || runs.some(({ name }) => name === base.run));
  return (
    <div class="kv-field">
      <label for="kv-weights-vs">Difference to</label>
      <select
        id="kv-weights-vs"
        class="kv-select"
        title="Shows what each value has become more, or less, than in another capture"
        value={word}
        onChange={(event) =>
          store.setWeights({ base: parseWeightBase(event.currentTarget.value) })
        }
      >
        <option value="">nothing</option>
        <option value="start">the first capture</option>
        <option value="previous">the capture before</option>
        {!known && <option value={word}>{unknownText(base)}</option>}
        <optgroup label={`Captures of this run${left}`}>
          {steps.map((step) => (
            <option key={step} value={`step:${step}`}>
              step {formatCount(step)}
            </option>
          ))}
        </optgroup>
        {runs.length > 0 && (
          <optgroup label="Other runs, at the same step">
            {runs.map(({ name }) => (
              <option key={name} value={`run:${name}`}>
                {name}
              </option>
            ))}
          </optgroup>
        )}
      </select>
    </div>
  );
}

/** What is not, or no longer, among the choices. */
function unknownText(base: WeightBase | null): string {
  return base?.kind === "step"
    ? `step ${formatCount(base.step)}`
    : base?.kind === "run"
      ? base.run
      : "";
}
