/** A layer of sequences: its units over time, and what one can set of them. */

import { useMemo } from "preact/hooks";
import { ColorBar } from "../../components/color_bar";
import type { ActivationData } from "../../model/tensor_view";
import type { Store } from "../../state/store";
import { findMarks, Legend } from "./legend";
import { layerScale, rangeMode, type ScaleOf } from "./presentation";
import { isTableShown, PresentationSwitch } from "./presentation_switch";
import { RangeSwitch } from "./range_switch";
import { SequenceMap } from "./sequence_map";
import { StatisticsTable } from "./statistics_table";

/** All units of a layer over time. */
export function SequenceBody({
  store,
  data,
  dark,
  scaleOf,
}: {
  store: Store;
  data: ActivationData;
  dark: boolean;
  scaleOf: ScaleOf;
}) {
  const marks = useMemo(() => findMarks(data), [data]);
  const asTable = isTableShown(data);
  return (
    <>
      <div class="kv-controls">
        <PresentationSwitch data={data} />
        {!asTable && (
          <>
            <RangeSwitch data={data} />
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
        <SequenceMap
          data={data}
          scaleOf={scaleOf}
          dark={dark}
          onOpen={store.setChannel}
        />
      )}
    </>
  );
}
