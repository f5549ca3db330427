/** A layer of maps: a grid of its channels, and what one can set of it. */

import { useMemo } from "preact/hooks";
import { ErrorNote } from "../../../components/states";
import {
  judgeChannels,
  readUnitMeasures,
} from "../../../model/channels/channel_filter";
import {
  isDescending,
  orderKeys,
  sortChannels,
} from "../../../model/channels/channel_order";
import { formatCount } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { Legend } from "../legend";
import { mapSize, presentation } from "../presentation";
import { isTableShown, PresentationSwitch } from "../presentation_switch";
import { ScaleBar } from "../scale_bar";
import { comparedData, isSameOutput, type ShownLayer } from "../shown_layer";
import { StatisticsTable } from "../statistics_table";
import { ChannelGrid } from "./channel_grid";
import { defineFilter, FILTER_NAMES, FilterSwitch, scopeOf } from "./filter_switch";
import { OrderPicker, SizeSlider } from "./grid_controls";
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
  const { filter, order, reversed } = store.grid.value;
  const states = useChannelStates(state, data);
  const reference = useReference(store, state, data);
  const keys = useMemo(
    () => orderKeys(order, data, reference),
    [order, data, reference],
  );
  // Without what an order goes by, the channels are in that of their index.
  const descending =
    (keys !== null || order === "index") && isDescending(order, reversed);
  const channels = useMemo(
    () => sortChannels(states.of[filter] ?? [], keys, descending),
    [states, filter, keys, descending],
  );
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
        {!asTable && (
          <>
            <RangeSwitch store={store} shown={shown} />
            <OrderPicker store={store} />
            <SizeSlider />
            <FilterSwitch store={store} states={states} samples={samples} />
            <ScaleBar store={store} state={state} shown={shown} />
          </>
        )}
      </div>
      {unitsOf.state === "error" && (
        <ErrorNote message={unitsOf.message} onRetry={store.reload} />
      )}
      {!asTable && <OrderNote store={store} state={state} ordered={keys !== null} />}
      <Legend shown={shown} />
      {asTable ? (
        <StatisticsTable data={data} onOpen={store.setChannel} />
      ) : channels.length === 0 ? (
        <div class="kv-nothing">
          <p>
            No channel is {FILTER_NAMES[filter].toLowerCase()}:{" "}
            {defineFilter(filter, scopeOf(states, samples)).toLowerCase()}.
          </p>
          <button
            type="button"
            class="kv-button"
            onClick={() => store.setGrid({ filter: "all" })}
          >
            Show all channels
          </button>
        </div>
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

/** What is the matter with which channel, over all samples if the log says. */
function useChannelStates(state: ActivationsState, data: ActivationData) {
  const loadable = state.grid.units.value;
  const tensors = loadable.state === "ready" ? loadable.value : null;
  return useMemo(() => {
    const units = tensors === null ? null : readUnitMeasures(tensors, data.entry);
    return judgeChannels(data, units);
  }, [data, tensors]);
}

/** What channels' changes are measured against; null = not there (yet). */
function useReference(
  store: Store,
  state: ActivationsState,
  data: ActivationData,
): ActivationData | null {
  if (store.grid.value.order === "difference") {
    return comparedData(state, data);
  }
  const found = shownValue(state.grid.reference.value);
  return found === undefined ||
    "missing" in found ||
    !isSameOutput(found.entry, data.entry)
    ? null
    : found;
}

/** Why the channels are not in the order that was asked for. */
function OrderNote({
  store,
  state,
  ordered,
}: {
  store: Store;
  state: ActivationsState;
  ordered: boolean;
}) {
  const { order, compared } = store.grid.value;
  const loadable = state.grid.reference.value;
  let note = "";
  if (order === "difference" && compared === null) {
    note = "Choose what to compare with: the channels are in the order of their index.";
  } else if (order === "change" && loadable.state === "idle") {
    note =
      "There is no capture before this step to measure a change against: the " +
      "channels are in the order of their index.";
  } else if (loadable.state === "error") {
    note = loadable.message;
  } else if (!ordered && loadable.state === "ready" && "missing" in loadable.value) {
    note = loadable.value.missing;
  }
  return note === "" ? null : <p class="kv-comparison-note kv-note">{note}</p>;
}

function MissingMaps({ missing }: { missing: number }) {
  return (
    <p class="kv-comparison-note kv-muted">
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
