/** A layer of single values: a bar for each of its units. */

import { useMemo } from "preact/hooks";
import type { ActivationData } from "../../model/tensor_view";
import type { Store } from "../../state/store";
import { findMarks, Legend } from "./legend";
import { isTableShown, PresentationSwitch } from "./presentation_switch";
import { formatStat, StatisticsTable } from "./statistics_table";
import { VectorBars } from "./vector_bars";

/** All units of a layer, one of them marked. */
export function VectorBody({
  store,
  data,
  dark,
  unit,
}: {
  store: Store;
  data: ActivationData;
  dark: boolean;
  /** The marked one; null = none. */
  unit: number | null;
}) {
  const marks = useMemo(() => findMarks(data), [data]);
  const asTable = isTableShown(data);
  return (
    <>
      <div class="kv-controls">
        <PresentationSwitch data={data} />
        {unit !== null && <UnitFacts data={data} unit={unit} />}
      </div>
      <Legend data={data} marks={marks} />
      {asTable ? (
        <StatisticsTable data={data} onOpen={store.setChannel} />
      ) : (
        <VectorBars
          data={data}
          selected={unit}
          dark={dark}
          onSelect={store.setChannel}
        />
      )}
    </>
  );
}

function UnitFacts({ data, unit }: { data: ActivationData; unit: number }) {
  return (
    <span class="kv-unit-facts" role="status">
      unit {unit}: <strong>{formatStat("mean", data.unitValue(unit))}</strong>
    </span>
  );
}
