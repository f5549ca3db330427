/** The channels of a layer, as maps or as sequences, and what one can set of them. */

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { ErrorNote } from "../../../components/states";
import { formatCount } from "../../../model/format";
import { unitName } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { Legend } from "../legend";
import { presentation } from "../presentation";
import { isTableShown, PresentationSwitch } from "../presentation_switch";
import { ScaleBar } from "../scale_bar";
import type { ShownLayer } from "../shown_layer";
import { StatisticsTable } from "../statistics_table";
import { FilterSwitch } from "./filter_switch";
import { OrderPicker } from "./grid_controls";
import { NoChannels, OrderNote, useOrderedChannels } from "./ordered_channels";
import { RangeSwitch } from "./range_switch";

/** Shows the table of statistics where that is chosen. */
export function ChannelsBody({
  store,
  state,
  shown,
  controls,
  draw,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
  /** What can be set of the picture alone. */
  controls: ComponentChildren;
  /** Draws the channels that were kept, in order, with what they are ordered by. */
  draw: (channels: readonly number[], keys: Float64Array | null) => ComponentChildren;
}) {
  const { data } = shown;
  const { filter } = store.grid.value;
  const { states, keys, channels } = useOrderedChannels(store, state, data);
  const kept = useMemo(
    () =>
      channels.filter((channel) =>
        shown.panes.some((maps) => maps.positionOf(channel) !== null),
      ),
    [channels, shown.panes],
  );
  const asTable = isTableShown(data);
  const samples = shownValue(state.index.value)?.measured_samples ?? 0;
  const unitsOf = state.grid.units.value;
  const unit = unitName(data);
  return (
    <>
      <div class="kv-controls">
        <PresentationSwitch data={data} />
        <FilterSwitch store={store} states={states} samples={samples} />
        {!asTable && (
          <>
            <RangeSwitch store={store} shown={shown} />
            <OrderPicker store={store} />
            {controls}
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
        <NoChannels store={store} states={states} samples={samples} unit={unit} />
      ) : asTable ? (
        <StatisticsTable
          data={data}
          channels={states.of[filter] ?? []}
          onOpen={store.setChannel}
        />
      ) : (
        <>
          {kept.length < channels.length && filter !== "all" && (
            <NotKept missing={channels.length - kept.length} />
          )}
          {draw(kept, keys)}
        </>
      )}
    </>
  );
}

function NotKept({ missing }: { missing: number }) {
  return (
    <p class="kv-panel-note kv-muted">
      {formatCount(missing)} more, whose values did not fit the capture.{" "}
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
