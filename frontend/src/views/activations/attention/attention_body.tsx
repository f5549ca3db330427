/** A layer's attention: all its heads, or one of them large. */

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { createAtlas } from "../../../draw/map_grid";
import { whyUnknown } from "../../../model/attention/head_facts";
import type { ActivationData } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { factsOf } from "../../../state/attention";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { AttentionGlance } from "./attention_glance";
import { AttentionHead } from "./attention_head";
import { nameTokens } from "./token_names";
import { WeightEndSwitch } from "./weight_end_switch";
import { headScale, weightEnd } from "./weight_scale";

/** The heads; the query that is looked at stays the same from head to head. */
export function AttentionBody({
  store,
  state,
  data,
  head,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  /** null = all of them. */
  head: number | null;
}) {
  const dark = store.page.dark.value;
  const end = weightEnd.value;
  const query = useSignal<number | null>(null);
  const atlas = useMemo(
    () => createAtlas(data, (position) => headScale(data, position, end, dark)),
    [data, end, dark],
  );
  const calls = useMemo(
    () => [{ entry: data.entry, data, problem: "", facts: factsOf(data) }],
    [data],
  );
  const probe = shownValue(state.probe.value);
  const names = nameTokens(probe, state.sample.value, data.entry);
  if (head !== null) {
    return (
      <AttentionHead
        store={store}
        state={state}
        data={data}
        head={head}
        atlas={atlas}
        names={names}
        query={query}
        dark={dark}
        onGo={store.setChannel}
      />
    );
  }
  const why = whyUnknown(data.entry);
  return (
    <>
      <div class="kv-controls">
        <WeightEndSwitch />
        {why !== "" && <span class="kv-cut">{why}</span>}
      </div>
      <AttentionGlance
        calls={calls}
        order="layer"
        alone
        dark={dark}
        onOpen={(_, channel) => store.setChannel(channel)}
      />
    </>
  );
}
