/** A layer of single values: a bar for each of its units. */

import { useMemo } from "preact/hooks";
import { formatValue } from "../../model/format";
import type { ActivationData } from "../../model/tensor_view";
import { unionRange } from "../../model/value_range";
import type { ActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { UnitPanel } from "./channel/unit_panel";
import { LinkedColumns } from "./comparison/linked_columns";
import { FilterSwitch } from "./grid/filter_switch";
import { useOrderedChannels } from "./grid/ordered_channels";
import { Legend } from "./legend";
import { isTableShown, PresentationSwitch } from "./presentation_switch";
import type { ShownLayer } from "./shown_layer";
import { StatisticsTable } from "./statistics_table";
import { VectorBars } from "./vector_bars";

/** All units of a layer, one of them marked. */
export function VectorBody({
  store,
  state,
  shown,
  unit,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
  /** The marked one; null = none. */
  unit: number | null;
}) {
  const { data } = shown;
  const open = unit !== null && shown.sides.length === 1;
  const { filter } = store.grid.value;
  const { states, channels } = useOrderedChannels(store, state, data);
  // Where they are among the others tells something too: none is left out.
  const found = useMemo(
    () => (filter === "all" ? null : new Set(channels)),
    [filter, channels],
  );
  const samples = shownValue(state.index.value)?.measured_samples ?? 0;
  return (
    <>
      <div class="kv-controls">
        <PresentationSwitch data={data} />
        {!isTableShown(data) && (
          <FilterSwitch store={store} states={states} samples={samples} marks />
        )}
        {unit !== null && !open && <UnitFacts shown={shown} unit={unit} />}
      </div>
      <Legend shown={shown} />
      <div class="kv-unit-body" data-open={open}>
        <div>
          <AllUnits store={store} shown={shown} unit={unit} found={found} />
        </div>
        {open && <UnitPanel store={store} state={state} data={data} unit={unit} />}
      </div>
    </>
  );
}

function AllUnits({
  store,
  shown,
  unit,
  found,
}: {
  store: Store;
  shown: ShownLayer;
  unit: number | null;
  /** Units to be marked; null = none. */
  found: ReadonlySet<number> | null;
}) {
  return isTableShown(shown.data) ? (
    <StatisticsTable data={shown.data} onOpen={store.setChannel} />
  ) : (
    <Bars store={store} shown={shown} unit={unit} found={found} />
  );
}

function Bars({
  store,
  shown,
  unit,
  found,
}: {
  store: Store;
  shown: ShownLayer;
  unit: number | null;
  /** Units to be marked; null = none. */
  found: ReadonlySet<number> | null;
}) {
  const { sides, difference } = shown;
  const sideValues = useMemo(
    () => shown.sides.map((side) => valuesOf(side.data)),
    // The names of the sides say nothing of their values.
    [shown.data, shown.sides[0]?.data],
  );
  const differences = useMemo(
    () =>
      difference === null
        ? null
        : valuesOf(difference.b).map((value, at) => value - difference.a.unitValue(at)),
    [difference],
  );
  const range = useMemo(() => rangeOf(sideValues.flat()), [sideValues]);
  const describe =
    sides.length < 2 ? undefined : (at: number) => describeUnit(shown, at);
  const draw = (values: readonly number[], within: typeof range | undefined) => (
    <VectorBars
      values={values}
      range={within}
      selected={unit}
      found={found}
      dark={store.page.dark.value}
      describe={describe}
      onSelect={store.setChannel}
    />
  );
  if (differences !== null) {
    return draw(differences, undefined);
  }
  return sideValues.length === 1 && sideValues[0] !== undefined ? (
    draw(sideValues[0], undefined)
  ) : (
    <LinkedColumns
      columns={sideValues.map((values, at) => ({
        title: `${sides[at]?.name}: ${sides[at]?.title}`,
        content: draw(values, range),
      }))}
    />
  );
}

function valuesOf(data: ActivationData): number[] {
  return Array.from({ length: data.entry.channels }, (_, unit) => data.unitValue(unit));
}

/** Range of all finite values and zero. */
function rangeOf(values: readonly number[]) {
  return (
    unionRange([
      { low: 0, high: 0 },
      ...values.filter(Number.isFinite).map((value) => ({ low: value, high: value })),
    ]) ?? { low: 0, high: 0 }
  );
}

/** What a unit is on both sides. */
function describeUnit({ sides }: ShownLayer, unit: number): string[] {
  const values = sides.map(({ data }) =>
    unit < data.entry.channels ? data.unitValue(unit) : Number.NaN,
  );
  const [a = Number.NaN, b = Number.NaN] = values;
  return [
    ...sides.map(
      ({ name, title }, at) => `${name}, ${title}: ${formatValue(values[at] ?? 0)}`,
    ),
    `B \u2212 A: ${formatValue(b - a)}`,
  ];
}

function UnitFacts({ shown, unit }: { shown: ShownLayer; unit: number }) {
  return (
    <span class="kv-unit-facts" role="status">
      unit {unit}: <strong>{formatValue(shown.data.unitValue(unit))}</strong>
      {shown.sides.length > 1 && (
        <span class="kv-muted"> ({describeUnit(shown, unit).join("; ")})</span>
      )}
    </span>
  );
}
