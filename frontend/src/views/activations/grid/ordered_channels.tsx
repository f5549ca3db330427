/** Which channels of a layer are shown, and in which order. */

import { useMemo } from "preact/hooks";
import {
  type ChannelStates,
  judgeChannels,
  readUnitMeasures,
} from "../../../model/channels/channel_filter";
import {
  isDescending,
  orderKeys,
  sortChannels,
} from "../../../model/channels/channel_order";
import type { ActivationData, UnitName } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { comparedData, isSameOutput } from "../shown_layer";
import { defineFilter, FILTER_NAMES, scopeOf } from "./filter_switch";

/** The channels that the filter lets through. */
export interface OrderedChannels {
  readonly states: ChannelStates;
  /** What they are ordered by; null = their index, also where the rest is missing. */
  readonly keys: Float64Array | null;
  readonly channels: readonly number[];
}

/** Filters and orders the channels as the place says. */
export function useOrderedChannels(
  store: Store,
  state: ActivationsState,
  data: ActivationData,
): OrderedChannels {
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
  return { states, keys, channels };
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
export function OrderNote({
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
  return note === "" ? null : <p class="kv-panel-note kv-panel-warning">{note}</p>;
}

/** That the filter lets nothing through, and what to do about it. */
export function NoChannels({
  store,
  states,
  samples,
  unit,
}: {
  store: Store;
  states: ChannelStates;
  samples: number;
  /** What one channel is called. */
  unit: UnitName;
}) {
  const { filter } = store.grid.value;
  return (
    <div class="kv-nothing">
      <p>
        No {unit} is {FILTER_NAMES[filter].toLowerCase()}. It would be:{" "}
        {defineFilter(filter, scopeOf(states, samples))}.
      </p>
      <button
        type="button"
        class="kv-button"
        onClick={() => store.setGrid({ filter: "all" })}
      >
        Show all {unit}s
      </button>
    </div>
  );
}
