/** A layer of maps: a grid of its channels, and what one can set of it. */

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { ColorBar } from "../../components/color_bar";
import type { ActivationData } from "../../model/tensor_view";
import type { Store } from "../../state/store";
import { ChannelGrid } from "./channel_grid";
import { OrderPicker, SizeSlider } from "./grid_controls";
import { findMarks, Legend } from "./legend";
import {
  layerScale,
  mapSize,
  type Order,
  orderPositions,
  rangeMode,
  type ScaleOf,
} from "./presentation";
import { isTableShown, PresentationSwitch } from "./presentation_switch";
import { RangeSwitch } from "./range_switch";
import { StatisticsTable } from "./statistics_table";

/** All channels of a layer. */
export function MapBody({
  store,
  data,
  dark,
  scaleOf,
  returnTo,
}: {
  store: Store;
  data: ActivationData;
  dark: boolean;
  scaleOf: ScaleOf;
  /** Channel that was open before, to go on from; null = none. */
  returnTo: number | null;
}) {
  const marks = useMemo(() => findMarks(data), [data]);
  const order = useSignal<Order>("index");
  const positions = useMemo(
    () => orderPositions(data, order.value),
    [data, order.value],
  );
  const asTable = isTableShown(data);
  return (
    <>
      <div class="kv-controls">
        <PresentationSwitch data={data} />
        {!asTable && (
          <>
            <RangeSwitch data={data} />
            <OrderPicker order={order.value} onPick={(to) => (order.value = to)} />
            <SizeSlider />
            <ColorBar
              scale={layerScale(data, dark)}
              {...(rangeMode.value === "channel"
                ? { ends: ["lowest", "highest"] }
                : {})}
            />
          </>
        )}
      </div>
      <Legend data={data} marks={marks} />
      {asTable ? (
        <StatisticsTable data={data} onOpen={store.setChannel} />
      ) : (
        <ChannelGrid
          data={data}
          positions={positions}
          scaleOf={scaleOf}
          size={mapSize.value}
          dark={dark}
          returnTo={returnTo}
          onOpen={store.setChannel}
        />
      )}
    </>
  );
}
