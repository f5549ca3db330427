/** What a layer returned, in the form that suits its kind. */

import { useMemo, useRef } from "preact/hooks";
import type { ActivationData } from "../../model/tensor_view";
import type { ActivationsState } from "../../state/activations";
import type { Store } from "../../state/store";
import { ChannelDetail } from "./channel/channel_detail";
import { MapBody } from "./map_body";
import { createScaleOf, rangeMode } from "./presentation";
import { SequenceBody } from "./sequence_body";
import { VectorBody } from "./vector_body";

/** One channel large, or all of them. */
export function PanelBody({
  store,
  state,
  data,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
}) {
  const dark = store.page.dark.value;
  const channel = store.channel.value;
  const wanted = channel !== null && channel < data.entry.channels ? channel : null;
  const mode = rangeMode.value;
  const scaleOf = useMemo(() => createScaleOf(data, mode, dark), [data, mode, dark]);
  const lastOpen = useRef<number | null>(null);
  const returnTo = lastOpen.current;
  lastOpen.current = wanted;

  if (data.entry.kind === "vector") {
    return <VectorBody store={store} data={data} dark={dark} unit={wanted} />;
  }
  if (wanted !== null) {
    return (
      <ChannelDetail
        store={store}
        state={state}
        data={data}
        channel={wanted}
        scaleOf={scaleOf}
        dark={dark}
      />
    );
  }
  return data.entry.kind === "sequence" ? (
    <SequenceBody store={store} data={data} dark={dark} scaleOf={scaleOf} />
  ) : (
    <MapBody
      store={store}
      data={data}
      dark={dark}
      scaleOf={scaleOf}
      returnTo={returnTo}
    />
  );
}
