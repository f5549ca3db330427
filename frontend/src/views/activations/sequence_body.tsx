/** A layer of sequences: its units over time, and what one can set of them. */

import { useMemo } from "preact/hooks";
import type { ChannelMaps } from "../../model/channels/channel_maps";
import { formatValue } from "../../model/format";
import type { ActivationsState } from "../../state/activations";
import type { Store } from "../../state/store";
import { LinkedColumns } from "./comparison/linked_columns";
import { RangeSwitch } from "./grid/range_switch";
import { Legend } from "./legend";
import { isTableShown, PresentationSwitch } from "./presentation_switch";
import { ScaleBar } from "./scale_bar";
import { SequenceMap } from "./sequence_map";
import type { ShownLayer } from "./shown_layer";
import { StatisticsTable } from "./statistics_table";

/** All units of a layer over time. */
export function SequenceBody({
  store,
  state,
  shown,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
}) {
  const { data } = shown;
  const asTable = isTableShown(data);
  return (
    <>
      <div class="kv-controls">
        <PresentationSwitch data={data} />
        {!asTable && (
          <>
            <RangeSwitch store={store} shown={shown} />
            <ScaleBar store={store} state={state} shown={shown} />
          </>
        )}
      </div>
      <Legend shown={shown} />
      {asTable ? (
        <StatisticsTable data={data} onOpen={store.setChannel} />
      ) : (
        <Sequences store={store} shown={shown} />
      )}
    </>
  );
}

function Sequences({ store, shown }: { store: Store; shown: ShownLayer }) {
  const { sides, panes, scales } = shown;
  // The maps keep their pictures as long as their colours are the same.
  const scalesOf = useMemo(
    () =>
      panes.map((maps) => (position: number) => scales.of(maps.channelAt(position))),
    [panes, scales],
  );
  const describe =
    sides.length < 2
      ? undefined
      : (unit: number, step: number) =>
          sides.map(({ name, title, data }) => {
            const position = data.positionOf(unit);
            const value = position === null ? null : data.valueAt(position, step);
            return `${name}, ${title}: ${value === null ? "not kept" : formatValue(value)}`;
          });
  const draw = (maps: ChannelMaps, at: number) => (
    <SequenceMap
      data={maps}
      scaleOf={scalesOf[at] ?? scales.of}
      dark={store.page.dark.value}
      describe={describe}
      onOpen={store.setChannel}
    />
  );
  return panes.length === 1 && panes[0] !== undefined ? (
    draw(panes[0], 0)
  ) : (
    <LinkedColumns
      columns={panes.map((maps, at) => ({
        title: `${sides[at]?.name}: ${sides[at]?.title}`,
        content: draw(maps, at),
      }))}
    />
  );
}
