/** Chooses between one layer and what is shown of all of them. */

import { type Choice, Choices } from "../../components/choices";
import type { ActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { ActivationsMode, Store } from "../../state/store";

const MODES: readonly Choice<ActivationsMode>[] = [
  {
    value: "layers",
    title: "Layers",
    hint: "One layer at a time: its channels, its sequence or its units",
  },
  {
    value: "health",
    title: "Unit health",
    hint: "Which layers have units that are dead, saturated or not finite, over all steps",
  },
  {
    value: "attention",
    title: "Attention",
    hint: "The attention heads of all layers: who looks at which token",
  },
];

/** Attention is offered where there is any, or where the address asks for it. */
export function ModeSwitch({
  store,
  state,
}: {
  store: Store;
  state: ActivationsState;
}) {
  const current = store.mode.value;
  const layers = shownValue(state.index.value)?.layers ?? [];
  const attention = layers.some((entry) => entry.kind === "attention");
  return (
    <Choices
      class="kv-modes"
      label="What is shown"
      choices={MODES.filter(
        ({ value }) => value !== "attention" || attention || current === value,
      )}
      chosen={current}
      onChoose={store.setMode}
    />
  );
}
