/** Chooses where the colours of attention weights end. */

import { type Choice, Choices } from "../../../components/choices";
import { type WeightEnd, weightEnd } from "./weight_scale";

const ENDS: readonly Choice<WeightEnd>[] = [
  {
    value: "largest",
    title: "0 to largest",
    hint: "Each head up to its own largest weight: shows the pattern of all heads",
  },
  {
    value: "one",
    title: "0 to 1",
    hint: "The same colours for all heads: shows which heads are focused",
  },
];

/** Two buttons; the choice is remembered. */
export function WeightEndSwitch() {
  return (
    <div class="kv-field">
      <span class="kv-label">Colours</span>
      <Choices
        label="Colours of the weights"
        choices={ENDS}
        chosen={weightEnd.value}
        onChoose={(end) => {
          weightEnd.value = end;
        }}
      />
    </div>
  );
}
