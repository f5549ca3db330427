/** Chooses where the colours of attention weights end. */

import { type WeightEnd, weightEnd } from "./weight_scale";

const ENDS: readonly { end: WeightEnd; title: string; definition: string }[] = [
  {
    end: "largest",
    title: "0 to largest",
    definition:
      "Each head up to its own largest weight: shows the pattern of all heads",
  },
  {
    end: "one",
    title: "0 to 1",
    definition: "The same colours for all heads: shows which heads are focused",
  },
];

/** Two buttons; the choice is remembered. */
export function WeightEndSwitch() {
  return (
    <div class="kv-field">
      <span class="kv-label">Colours</span>
      <div class="kv-segments" role="group" aria-label="Colours of the weights">
        {ENDS.map(({ end, title, definition }) => (
          <button
            key={end}
            type="button"
            class="kv-button"
            title={definition}
            aria-pressed={weightEnd.value === end}
            onClick={() => {
              weightEnd.value = end;
            }}
          >
            {title}
          </button>
        ))}
      </div>
    </div>
  );
}
