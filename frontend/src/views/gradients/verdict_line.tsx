/** The sentence that says what is the matter, and leads there. */

import { batch } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Icon } from "../../components/icons";
import { judge } from "../../model/dynamics/verdict";
import type { GradientsState } from "../../state/gradients";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { layerOfVariable } from "./layer_of_variable";

/** Shows the sentence once it can be said. */
export function VerdictLine({ store, state }: { store: Store; state: GradientsState }) {
  const judged = shownValue(state.judged.value);
  const graph = shownValue(store.graph.value);
  const verdict = useMemo(
    () =>
      judged === undefined
        ? null
        : judge(judged.gradients, judged.ratios, judged.together),
    [judged],
  );
  if (verdict === null) {
    return <div class="kv-verdict" />;
  }
  const { variable } = verdict;
  return (
    <div class={verdict.warns ? "kv-verdict kv-verdict-warns" : "kv-verdict"}>
      <Icon name={verdict.warns ? "warning" : "check"} />
      <p role="status">{verdict.text}.</p>
      {variable !== null && (
        <button
          type="button"
          class="kv-button"
          title={`Selects the layer of ${variable.slice(0, 200)}`}
          onClick={() => {
            batch(() => {
              store.selectLayer(layerOfVariable(graph?.layers ?? [], variable));
              store.setGradients({ range: null });
            });
          }}
        >
          Show it
        </button>
      )}
    </div>
  );
}
