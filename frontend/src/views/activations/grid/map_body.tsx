/** A layer of maps: a grid of its channels, and what one can set of it. */

import type { ActivationsState } from "../../../state/activations";
import type { Store } from "../../../state/store";
import { mapSize } from "../presentation";
import type { ShownLayer } from "../shown_layer";
import { ChannelGrid } from "./channel_grid";
import { ChannelsBody } from "./channels_body";
import { SizeSlider } from "./grid_controls";

/** All channels of a layer. */
export function MapBody({
  store,
  state,
  shown,
  returnTo,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
  /** Channel that was open before, to go on from; null = none. */
  returnTo: number | null;
}) {
  return (
    <ChannelsBody
      store={store}
      state={state}
      shown={shown}
      controls={<SizeSlider />}
      draw={(channels, keys) => (
        <ChannelGrid
          shown={shown}
          channels={channels}
          keys={keys}
          size={mapSize.value}
          dark={store.page.dark.value}
          pointer={state.pointer}
          returnTo={returnTo}
          onOpen={store.setChannel}
        />
      )}
    />
  );
}
