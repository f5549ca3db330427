/** All variables, filtered and ordered, with the size of each and of its change. */

import { useMemo } from "preact/hooks";
import { Icon } from "../../components/icons";
import { formatCount } from "../../model/format";
import {
  findWeightOrder,
  WEIGHT_ORDERS,
  type WeightOrder,
} from "../../model/weights/weight_order";
import { weightRows } from "../../model/weights/weight_rows";
import type { Store } from "../../state/store";
import type { WeightsState } from "../../state/weights";
import type { WeightIndex } from "../../wire/generated";
import { VariableRows } from "./variable_rows";

/** The list, and above it what chooses its rows. */
export function VariableList({
  store,
  state,
  index,
}: {
  store: Store;
  state: WeightsState;
  index: WeightIndex;
}) {
  const { find, order, reversed } = store.weights.value;
  const layers = state.layers.value;
  const rows = useMemo(
    () => weightRows(layers, index.variables, { text: find, order, reversed }),
    [layers, index, find, order, reversed],
  );
  const found = rows.filter(({ kind }) => kind === "variable").length;
  const total = index.variables.length;
  return (
    <nav class={`kv-weight-list ${columnsOf(order)}`} aria-label="Variables">
      <div class="kv-weight-choice">
        <input
          type="search"
          class="kv-input"
          placeholder={`Filter ${formatCount(total)} variables`}
          aria-label="Filter variables by path or class of the layer"
          value={find}
          onInput={(event) => store.setWeights({ find: event.currentTarget.value })}
        />
        <OrderPicker store={store} />
      </div>
      <Head order={order} previous={index.previous_step} />
      {rows.length === 0 ? (
        <p class="kv-muted kv-weight-none">
          No variable has that in its path, and no layer in its class.
        </p>
      ) : (
        <VariableRows store={store} state={state} rows={rows} />
      )}
      {found > 0 && found < total && (
        <p class="kv-muted kv-weight-none">
          {formatCount(found)} of {formatCount(total)} variables
        </p>
      )}
      {index.changes_cut !== "" && (
        <p class="kv-cut kv-weight-none">{index.changes_cut}</p>
      )}
      {index.skipped.length > 0 && (
        <p
          class="kv-cut kv-weight-none"
          title={index.skipped
            .slice(0, 20)
            .map(({ path, reason }) => `${path}: ${reason}`)
            .join("\n")}
        >
          {formatCount(index.skipped.length)} variables are not in this capture
        </p>
      )}
    </nav>
  );
}

/** Without headings of layers a row is a whole path, and has fewer columns. */
function columnsOf(order: WeightOrder): string {
  if (order === "layer") {
    return "";
  }
  return order === "size" ? "kv-weight-flat kv-weight-sizes" : "kv-weight-flat";
}

function OrderPicker({ store }: { store: Store }) {
  const { order, reversed } = store.weights.value;
  const definition = WEIGHT_ORDERS.find((one) => one.order === order)?.definition ?? "";
  return (
    <>
      <select
        class="kv-select"
        aria-label="Order of the variables"
        title={`Order of the variables. ${definition}`}
        value={order}
        onChange={(event) => {
          const wanted = findWeightOrder(event.currentTarget.value) ?? "layer";
          store.setWeights({ order: wanted, reversed: false });
        }}
      >
        {WEIGHT_ORDERS.map((one) => (
          <option key={one.order} value={one.order} title={one.definition}>
            {one.title}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="kv-button kv-button-icon"
        aria-label="Turn the order round"
        aria-pressed={reversed}
        title="Turn the order round"
        onClick={() => store.setWeights({ reversed: !reversed })}
      >
        <Icon name={reversed ? "up" : "down"} />
      </button>
    </>
  );
}

function Head({ order, previous }: { order: WeightOrder; previous: number | null }) {
  const fromStart = order === "change_from_start";
  const change = fromStart
    ? "Norm of the change since the first capture of this fit, divided by the norm"
    : previous === null
      ? "This is the first capture of a training: nothing changed before it"
      : `Norm of the change since the capture of step ${formatCount(previous)}, divided by the norm`;
  return (
    <div class="kv-weight-head kv-muted" aria-hidden="true">
      <span>variable</span>
      <span class="kv-weight-shape">shape</span>
      <span
        class="kv-weight-spark"
        title="The norm over the captures; of more than 48, over 48 that are evenly spaced"
      >
        trend
      </span>
      <span title="Euclidean norm of the finite values">norm</span>
      <span class="kv-weight-change" title={change}>
        {fromStart ? "since start" : "change"}
      </span>
    </div>
  );
}
