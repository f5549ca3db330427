/** The attention heads of all layers, for one sample at one step. */

import { useEffect, useMemo } from "preact/hooks";
import { BusyLine, EmptyState, ErrorNote, Loading } from "../../../components/states";
import { whyUnknown } from "../../../model/attention/head_facts";
import { ATTENTION_ORDERS, findAttentionOrder } from "../../../model/attention/orders";
import type { ActivationsState } from "../../../state/activations";
import { type CallAttention, followAttention } from "../../../state/attention";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { AttentionGlance } from "./attention_glance";
import { AttentionSummary } from "./attention_summary";
import { WeightEndSwitch } from "./weight_end_switch";

/** All heads at a glance; a click opens one. */
export function AttentionView({
  store,
  state,
}: {
  store: Store;
  state: ActivationsState;
}) {
  const followed = useMemo(() => followAttention(store, state), [store, state]);
  useEffect(() => followed.dispose, [followed]);
  const loadable = followed.value.value;
  const calls = shownValue(loadable);
  return (
    <section class="kv-panel" aria-label="Attention of all layers">
      {loadable.state === "loading" && <BusyLine what="the attention" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {calls === undefined ? (
        loadable.state === "loading" && <Loading what="the attention" />
      ) : calls.length === 0 ? (
        <EmptyState title="This capture holds no attention">
          <p>
            The weights of keras.layers.MultiHeadAttention and GroupedQueryAttention are
            logged by themselves, where layers=... lets them. No layer of this capture
            returned any.
          </p>
        </EmptyState>
      ) : (
        <Heads store={store} calls={calls} />
      )}
    </section>
  );
}

function Heads({ store, calls }: { store: Store; calls: readonly CallAttention[] }) {
  const order = store.heads.value;
  const open = ({ entry }: CallAttention, head: number) =>
    store.openActivations(entry.path, entry.call, entry.output, head);
  const reasons = new Set(
    calls.map(({ entry }) => whyUnknown(entry)).filter((why) => why !== ""),
  );
  return (
    <>
      <AttentionSummary calls={calls} onOpen={open} />
      <div class="kv-controls">
        <label class="kv-field">
          <span class="kv-label">Order by</span>
          <select
            class="kv-select"
            title={findAttentionOrder(order)?.definition ?? ""}
            value={order}
            onChange={(event) => {
              const found = findAttentionOrder(event.currentTarget.value);
              store.heads.value = found?.order ?? "layer";
            }}
          >
            {ATTENTION_ORDERS.map(({ order: one, title }) => (
              <option key={one} value={one}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <WeightEndSwitch />
        {[...reasons].map((why) => (
          <span key={why} class="kv-cut" title="Why not all of it can be told">
            {why}
          </span>
        ))}
      </div>
      <AttentionGlance
        calls={calls}
        order={order}
        dark={store.page.dark.value}
        onOpen={open}
      />
    </>
  );
}
