/** What is compared with what, and what one should know of it. */

import { BusyLine, ErrorNote } from "../../../components/states";
import { findMisfit } from "../../../model/channels/map_difference";
import { formatValue } from "../../../model/format";
import type { ActivationsState } from "../../../state/activations";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { isSameOutput, type ShownLayer } from "../shown_layer";

/** A line that names the two sides, or says why there are no two. */
export function ComparisonNotes({
  store,
  state,
  shown,
  titled,
  asTable,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
  /** Whether both sides have titles of their own below. */
  titled: boolean;
  /** Whether the table of statistics is shown, which is that of one side. */
  asTable: boolean;
}) {
  const { comparison } = state.grid;
  const loadable = comparison.data.value;
  const problem = comparison.problem.value || describeMissing(state, shown);
  const misfit = describeMisfit(store, shown);
  return (
    <>
      {loadable.state === "loading" && <BusyLine what="what is compared with" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {problem !== "" && <p class="kv-panel-note kv-panel-warning">{problem}</p>}
      {misfit !== "" && <p class="kv-panel-note kv-panel-warning">{misfit}</p>}
      {shown.sides.length > 1 &&
        comparison.warnings.value.map((warning) => (
          <p key={warning} class="kv-panel-note kv-panel-warning">
            {warning}
          </p>
        ))}
      {asTable ? (
        <TableSide shown={shown} />
      ) : (
        (shown.difference !== null || !titled) && <Sides shown={shown} />
      )}
    </>
  );
}

/** Of which side the table is. */
function TableSide({ shown }: { shown: ShownLayer }) {
  const b = shown.sides[1];
  return b === undefined ? null : (
    <p class="kv-sides">
      <strong>B</strong>
      <span>{b.title}: the table is of this side</span>
    </p>
  );
}

function Sides({ shown }: { shown: ShownLayer }) {
  const [a, b] = shown.sides;
  if (a === undefined || b === undefined) {
    return null;
  }
  if (shown.difference !== null) {
    const { difference } = shown;
    const rounding = Array.from({ length: difference.count }, (_, position) =>
      difference.rounding(position),
    ).reduce((most, one) => Math.max(most, one), 0);
    return (
      <p class="kv-sides">
        <strong>B {"\u2212"} A</strong>
        <span>
          {b.title} minus {a.title}
        </span>
        {rounding > 0 && (
          <span
            class="kv-muted"
            title="The log holds 256 levels between the lowest and the highest value of each channel: smaller differences may be rounding"
          >
            rounded to {"\u00b1"}
            {formatValue(rounding)} or better
          </span>
        )}
      </p>
    );
  }
  return (
    <p class="kv-sides">
      <strong>A</strong>
      <span>left: {a.title}</span>
      <strong>B</strong>
      <span>right: {b.title}</span>
    </p>
  );
}

function describeMissing(state: ActivationsState, shown: ShownLayer): string {
  const { comparison } = state.grid;
  const found = shownValue(comparison.data.value);
  if (comparison.target.value === null || found === undefined) {
    return "";
  }
  if ("missing" in found) {
    return found.missing;
  }
  const { entry } = shown.data;
  return isSameOutput(found.entry, entry) && found.entry.kind !== entry.kind
    ? `The layer's output has another form there: ${findMisfit(found.entry, entry)}`
    : "";
}

function describeMisfit(store: Store, shown: ShownLayer): string {
  const [a, b] = shown.sides;
  if (a === undefined || b === undefined || !store.grid.value.difference) {
    return "";
  }
  const misfit = findMisfit(a.data.entry, b.data.entry);
  return misfit === "" ? "" : `There is no difference to show. ${misfit}`;
}
