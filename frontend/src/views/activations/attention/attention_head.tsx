/** One head of attention, large, and beside it what it does and the other heads. */

import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ColorBar } from "../../../components/color_bar";
import { Icon } from "../../../components/icons";
import { StepButton } from "../../../components/step_button";
import type { Atlas } from "../../../draw/map_grid";
import { whyUnknown } from "../../../model/attention/head_facts";
import { formatBits } from "../../../model/attention/head_text";
import { ATTENTION_ORDERS } from "../../../model/attention/orders";
import { formatShare } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { factsOf } from "../../../state/attention";
import type { Store } from "../../../state/store";
import { useFocusAtOnce } from "../../use_focus_at_once";
import { TokenPicker } from "../token_input";
import { AttentionMatrix, nameAt } from "./attention_matrix";
import { HeadTile } from "./head_tile";
import { SaveHead } from "./save_head";
import type { TokenNames } from "./token_names";
import { readRow, strongestKey, TokenTexts } from "./token_text";
import { WeightEndSwitch } from "./weight_end_switch";
import { headScale, weightEnd } from "./weight_scale";

const TILE = 92;

/** Shows a head; arrow keys go to the next head and query, Escape back to all. */
export function AttentionHead({
  store,
  state,
  data,
  head,
  atlas,
  names,
  query,
  dark,
  onGo,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  head: number;
  atlas: Atlas | null;
  names: TokenNames;
  query: Signal<number | null>;
  dark: boolean;
  /** Goes to another head; null = back to all of them. */
  onGo: (head: number | null) => void;
}) {
  const root = useRef<HTMLElement>(null);
  const last = data.entry.channels - 1;
  const [queries] = data.entry.kept_map;
  const position = data.positionOf(head);

  useFocusAtOnce(root);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLSelectElement) {
      return;
    }
    const from = query.value ?? -1;
    if (event.key === "Escape") {
      onGo(null);
    } else if (event.key === "ArrowLeft" && head > 0) {
      onGo(head - 1);
    } else if (event.key === "ArrowRight" && head < last) {
      onGo(head + 1);
    } else if (event.key === "ArrowUp" && from > 0) {
      query.value = from - 1;
    } else if (event.key === "ArrowDown" && from < queries - 1) {
      query.value = from + 1;
    } else {
      return;
    }
    event.preventDefault();
  };
  return (
    <section
      ref={root}
      class="kv-attention-head"
      aria-label={`head ${head}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div class="kv-controls">
        <StepButton
          to="previous"
          what="head"
          disabled={head === 0}
          onGo={() => onGo(head - 1)}
        />
        <StepButton
          to="next"
          what="head"
          disabled={head >= last}
          onGo={() => onGo(head + 1)}
        />
        <h3>
          head {head} <span class="kv-muted">of 0 to {last}</span>
        </h3>
        <button
          type="button"
          class="kv-button"
          title="Back to all heads of this layer (Escape)"
          onClick={() => onGo(null)}
        >
          <Icon name="close" />
          All heads
        </button>
        <TokenPicker
          inputs={names.inputs}
          chosen={names.keys?.input ?? names.queries?.input ?? ""}
        />
        <WeightEndSwitch />
        {position !== null && (
          <ColorBar scale={headScale(data, position, weightEnd.value, dark)} />
        )}
      </div>
      {position === null ? (
        <p class="kv-attention-missing kv-muted">
          The weights of this head were left out of the capture ({data.entry.cut}). More
          is kept with a larger capture_mb.
        </p>
      ) : (
        <div class="kv-attention-body">
          <AttentionMatrix
            data={data}
            position={position}
            atlas={atlas}
            names={names}
            query={query}
            dark={dark}
          />
          <div class="kv-attention-aside">
            <Facts data={data} position={position} />
            <TokenTexts data={data} position={position} names={names} query={query} />
            <OtherHeads
              data={data}
              head={head}
              atlas={atlas}
              names={names}
              query={query}
              onGo={onGo}
            />
            <SaveHead
              store={store}
              state={state}
              data={data}
              head={head}
              atlas={atlas}
            />
          </div>
        </div>
      )}
    </section>
  );
}

function Facts({ data, position }: { data: ActivationData; position: number }) {
  const facts = factsOf(data)[position];
  const why = whyUnknown(data.entry);
  if (why !== "") {
    return <p class="kv-muted kv-token-hint">What it does cannot be told: {why}.</p>;
  }
  return (
    <dl class="kv-head-facts">
      {ATTENTION_ORDERS.map(({ order, title, definition }) => {
        const value = order === "layer" ? null : (facts?.[order] ?? null);
        return order === "layer" || value === null ? null : (
          <div
            key={order}
            title={definition}
            data-alarm={order === "masked" && value > 0}
          >
            <dt>{order === "entropy" ? "entropy" : title}</dt>
            <dd>{order === "entropy" ? formatBits(value) : formatShare(value)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

/** The heads of the same call; each says what the chosen query looks at. */
function OtherHeads({
  data,
  head,
  atlas,
  names,
  query,
  onGo,
}: {
  data: ActivationData;
  head: number;
  atlas: Atlas | null;
  names: TokenNames;
  query: Signal<number | null>;
  onGo: (head: number) => void;
}) {
  const facts = factsOf(data);
  const at = query.value;
  return (
    <>
      <h3>Heads of this layer</h3>
      <div class="kv-head-strip">
        {Array.from({ length: data.count }, (_, position) => {
          const channel = data.channelAt(position);
          const key = strongestKey(readRow(data, position, at));
          return (
            <HeadTile
              key={channel}
              data={data}
              position={position}
              atlas={atlas}
              facts={facts[position]}
              order="layer"
              size={TILE}
              name={`head ${channel}`}
              note={
                at === null || key === null ? undefined : `→ ${nameAt(names.keys, key)}`
              }
              query={at}
              selected={channel === head}
              onOpen={() => onGo(channel)}
            />
          );
        })}
      </div>
    </>
  );
}
