/** Which heads do something that has a name. */

import { CLEAR_SHARE } from "../../../model/attention/head_facts";
import { callName, formatPercent } from "../../../model/attention/head_text";
import { findAttentionOrder, type HeadFact } from "../../../model/attention/orders";
import type { CallAttention } from "../../../state/attention";

/** What is looked for; a head that looks at what is masked is an error. */
const LOOKED_FOR: readonly HeadFact[] = ["previous", "itself", "first", "next"];

interface Best {
  readonly call: CallAttention;
  readonly head: number;
  readonly share: number;
}

/** The head that does it most; null where it cannot be told of any. */
export function bestHead(calls: readonly CallAttention[], fact: HeadFact): Best | null {
  let best: Best | null = null;
  for (const call of calls) {
    call.facts.forEach((facts, position) => {
      const share = facts[fact];
      if (share !== null && share > (best?.share ?? -1)) {
        best = { call, head: call.data?.channelAt(position) ?? 0, share };
      }
    });
  }
  return best;
}

/** The head that looks most at each of the known places. */
export function AttentionSummary({
  calls,
  onOpen,
}: {
  calls: readonly CallAttention[];
  onOpen: (call: CallAttention, head: number) => void;
}) {
  const entries = calls.map(({ entry }) => entry);
  const found = LOOKED_FOR.map((fact) => ({ fact, best: bestHead(calls, fact) }));
  return (
    <dl class="kv-attention-summary" aria-label="Heads that look at known places">
      {found.map(({ fact, best }) =>
        best === null ? null : (
          <div key={fact} title={findAttentionOrder(fact)?.definition}>
            <dt>Most on the {findAttentionOrder(fact)?.title}</dt>
            <dd>
              <button
                type="button"
                class="kv-link"
                onClick={() => onOpen(best.call, best.head)}
              >
                <bdi>{callName(best.call.entry, entries)}</bdi>, head {best.head}
              </button>{" "}
              <span class={best.share >= CLEAR_SHARE ? "kv-head-clear" : "kv-muted"}>
                {formatPercent(best.share)}
              </span>
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}
