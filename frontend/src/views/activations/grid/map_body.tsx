/** A layer of maps: a grid of its channels, and what one can set of it. */

import { useMemo } from "preact/hooks";
import { ErrorNote } from "../../../components/states";
import { formatCount } from "../../../model/format";
import { unitName } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { Legend } from "../legend";
import { mapSize, presentation } from "../presentation";
import { isTableShown, PresentationSwitch } from "../presentation_switch";
import { ScaleBar } from "../scale_bar";
import type { ShownLayer } from "../shown_layer";
import { StatisticsTable } from "../statistics_table";
import { ChannelGrid } from "./channel_grid";
import { FilterSwitch } from "./filter_switch";
import { OrderPicker, SizeSlider } from "./grid_controls";
import { NoChannels, OrderNote, useOrderedChannels } from "./ordered_channels";
import { RangeSwitch } from "./range_switch";

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
  const { data } = shown;
  const { filter } = store.grid.value;
  const { states, keys, channels } = useOrderedChannels(store, state, data);
  const withMaps = useMemo(
    () =>
      channels.filter((channel) =>
        shown.panes.some((maps) => maps.positionOf(channel) !== null),
      ),
    [channels, shown.panes],
  );
  const asTable = isTableShown(data);
  const samples = shownValue(state.index.value)?.measured_samples ?? 0;
  const unitsOf = state.grid.units.value;
  return (
    <>
      <div class="kv-controls">
        <PresentationSwitch data={data} />
        <FilterSwitch store={store} states={states} samples={samples} />
        {!asTable && (
          <>
            <RangeSwitch store={store} shown={shown} />
            <OrderPicker store={store} />
            <SizeSlider />
            <ScaleBar store={store} state={state} shown={shown} />
          </>
        )}
      </div>
      {unitsOf.state === "error" && (
        <ErrorNote message={unitsOf.message} onRetry={store.reload} />
      )}
      {!asTable && <OrderNote store={store} state={state} ordered={keys !== null} />}
      <Legend shown={shown} />
      {channels.length === 0 && data.entry.channels > 0 ? (
        <NoChannels
          store={store}
          states={states}
          samples={samples}
          unit={unitName(data)}
        />
      ) : asTable ? (
        <StatisticsTable
          data={data}
          channels={states.of[filter] ?? []}
          onOpen={store.setChannel}
        />
      ) : (
        <>
          {withMaps.length < channels.length && filter !== "all" && (
            <MissingMaps missing={channels.length - withMaps.length} />
          )}
          <ChannelGrid
            shown={shown}
            channels={withMaps}
            keys={keys}
            size={mapSize.value}
            dark={store.page.dark.value}
            pointer={state.pointer}
            returnTo={returnTo}
            onOpen={store.setChannel}
          />
        </>
      )}
    </>
  );
}

function MissingMaps({ missing }: { missing: number }) {
  return (
    <p class="kv-panel-note kv-muted">
      {formatCount(missing)} more, whose maps did not fit the capture.{" "}
      <button
        type="button"
        class="kv-link"
        onClick={() => {
          presentation.value = "statistics";
        }}
      >
        Show their statistics
      </button>
    </p>
  );
}
