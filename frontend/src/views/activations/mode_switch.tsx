/** Chooses between one layer and what is shown of all of them. */

import type { ActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { ActivationsMode, Store } from "../../state/store";

const MODES: readonly { mode: ActivationsMode; title: string; definition: string }[] = [
  {
    mode: "layers",
    title: "Layers",
    definition: "One layer at a time: its channels, its sequence or its units",
  },
  {
    mode: "health",
    title: "Unit health",
    definition:
      "Which layers have units that are dead, saturated or not finite, over all steps",
  },
  {
    mode: "attention",
    title: "Attention",
    definition: "The attention heads of all layers: who looks at which token",
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
    <div class="kv-segments kv-modes" role="group" aria-label="What is shown">
      {MODES.filter(
        ({ mode }) => mode !== "attention" || attention || current === mode,
      ).map(({ mode, title, definition }) => (
        <button
          key={mode}
          type="button"
          class="kv-button"
          title={definition}
          aria-pressed={mode === current}
          onClick={() => store.setMode(mode)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
