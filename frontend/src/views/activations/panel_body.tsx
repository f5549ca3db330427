/** What a layer returned, in the form that suits its kind. */

import { useRef } from "preact/hooks";
import type { ActivationData } from "../../model/tensor_view";
import type { ActivationsState } from "../../state/activations";
import type { Store } from "../../state/store";
import { createLazyPart } from "../parts/lazy_part";
import { ComparisonNotes } from "./comparison/comparison_notes";
import { MapBody } from "./grid/map_body";
import { isTableShown } from "./presentation_switch";
import { SequenceBody } from "./sequence_body";
import { type ShownLayer, useShownLayer } from "./shown_layer";
import { VectorBody } from "./vector_body";

interface ChannelProps {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
  channel: number;
}

const Attention = createLazyPart<{
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  head: number | null;
}>(
  "the attention",
  async () => (await import("./attention/attention_parts")).AttentionBody,
);
const Channel = createLazyPart<ChannelProps>(
  "the channel",
  async () => (await import("./channel/channel_detail")).ChannelDetail,
);
const Pair = createLazyPart<ChannelProps>(
  "the two channels",
  async () => (await import("./comparison/channel_pair")).ChannelPair,
);

/** One channel large, or all of them; what it is compared with is said above. */
export function PanelBody({
  store,
  state,
  data,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
}) {
  const shown = useShownLayer(store, state, data);
  const channel = store.channel.value;
  const wanted = channel !== null && channel < data.entry.channels ? channel : null;
  const { kind } = data.entry;
  return (
    <>
      <ComparisonNotes
        store={store}
        state={state}
        shown={shown}
        asTable={wanted === null && isTableShown(data)}
        titled={kind === "vector" || kind === "sequence" || wanted !== null}
      />
      <Body store={store} state={state} shown={shown} wanted={wanted} />
    </>
  );
}

function Body({
  store,
  state,
  shown,
  wanted,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
  /** Channel that is shown large; null = all of them. */
  wanted: number | null;
}) {
  const { data } = shown;
  const lastOpen = useRef<number | null>(null);
  const returnTo = lastOpen.current;
  lastOpen.current = wanted;

  if (data.entry.kind === "attention" && shown.sides.length === 1) {
    return <Attention.Part store={store} state={state} data={data} head={wanted} />;
  }
  if (data.entry.kind === "vector") {
    return <VectorBody store={store} state={state} shown={shown} unit={wanted} />;
  }
  if (wanted !== null) {
    return shown.sides.length > 1 ? (
      <Pair.Part store={store} state={state} shown={shown} channel={wanted} />
    ) : (
      <Channel.Part store={store} state={state} shown={shown} channel={wanted} />
    );
  }
  return data.entry.kind === "sequence" ? (
    <SequenceBody store={store} state={state} shown={shown} />
  ) : (
    <MapBody store={store} state={state} shown={shown} returnTo={returnTo} />
  );
}
