/** Chooses the range of the colours. */

import { useSignal } from "@preact/signals";
import { Choices } from "../../../components/choices";
import type { RangeChoice } from "../../../model/channels/channel_scales";
import { RANGE_DEFINITIONS } from "../../../model/definitions";
import { unitName } from "../../../model/tensor_view";
import { parseNumber } from "../../../state/grid_place";
import type { Store } from "../../../state/store";
import type { ShownLayer } from "../shown_layer";

/** One range for the layer, one for each channel, one for all steps, or two numbers. */
export function RangeSwitch({ store, shown }: { store: Store; shown: ShownLayer }) {
  const { range } = store.grid.value;
  const chosen = typeof range === "string" ? range : "typed";
  const names = {
    layer: "per layer",
    channel: `per ${unitName(shown.data)}`,
    pinned: "pinned",
    typed: "typed",
  };
  const choices: Record<keyof typeof names, RangeChoice> = {
    layer: "layer",
    channel: "channel",
    pinned: "pinned",
    typed: typedStart(shown),
  };
  return (
    <div class="kv-field">
      <span class="kv-label">Colours</span>
      <Choices
        label="Range of the colours"
        choices={(["layer", "channel", "pinned", "typed"] as const).map((value) => ({
          value,
          title: names[value],
          hint: RANGE_DEFINITIONS[value],
        }))}
        chosen={chosen}
        onChoose={(one) => {
          if (chosen !== one) {
            store.setGrid({ range: choices[one] });
          }
        }}
      />
      {typeof range !== "string" && (
        <>
          <RangeEnd store={store} range={range} end="low" />
          <span class="kv-label">to</span>
          <RangeEnd store={store} range={range} end="high" />
        </>
      )}
    </div>
  );
}

/** Two round numbers near the range that is shown, to start from. */
function typedStart({ scales, difference }: ShownLayer): RangeChoice {
  const { low, high } = scales.layer;
  const from = difference === null ? low : 0;
  const to = Number(high.toPrecision(3));
  const start = Number(from.toPrecision(3));
  return start < to ? { low: start, high: to } : { low: start, high: start + 1 };
}

function RangeEnd({
  store,
  range,
  end,
}: {
  store: Store;
  range: Exclude<RangeChoice, string>;
  end: "low" | "high";
}) {
  // What is being typed, while it is no range yet.
  const draft = useSignal<string | null>(null);
  const words = { low: "Lowest", high: "Highest" }[end];
  return (
    <input
      class="kv-input kv-range-end"
      inputMode="decimal"
      aria-label={`${words} value of the colours`}
      title={`${words} value of the colours; beyond it they do not change`}
      aria-invalid={draft.value !== null}
      value={draft.value ?? String(range[end])}
      onInput={(event) => {
        const text = event.currentTarget.value;
        const wanted = { ...range, [end]: parseNumber(text) };
        const valid = wanted.low < wanted.high;
        draft.value = valid ? null : text;
        if (valid) {
          store.setGrid({ range: wanted });
        }
      }}
      onBlur={() => {
        draft.value = null;
      }}
    />
  );
}
