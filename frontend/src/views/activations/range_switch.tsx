/** Chooses the range of the colours. */

import { RANGE_DEFINITIONS } from "../../model/definitions";
import { type ActivationData, unitName } from "../../model/tensor_view";
import { rangeMode } from "./presentation";

/** One range for the layer, or one for each of its channels. */
export function RangeSwitch({ data }: { data: ActivationData }) {
  const names = { layer: "layer", channel: unitName(data) };
  return (
    <div class="kv-field">
      <span class="kv-label">Colours</span>
      <div class="kv-segments" role="group" aria-label="Range of the colours">
        {(["layer", "channel"] as const).map((mode) => (
          <button
            key={mode}
            type="button"
            class="kv-button"
            aria-pressed={rangeMode.value === mode}
            title={RANGE_DEFINITIONS[mode]}
            onClick={() => {
              rangeMode.value = mode;
            }}
          >
            per {names[mode]}
          </button>
        ))}
      </div>
    </div>
  );
}
