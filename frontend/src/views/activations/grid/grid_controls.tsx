/** Order and size of the maps in the grid. */

import { Icon } from "../../../components/icons";
import { findOrder, isDescending, ORDERS } from "../../../model/channels/channel_order";
import type { Store } from "../../../state/store";
import { mapSize } from "../presentation";

/** Chooses the order of the channels, and which end of it comes first. */
export function OrderPicker({ store }: { store: Store }) {
  const { order, reversed, compared } = store.grid.value;
  const descending = isDescending(order, reversed);
  const definition = ORDERS.find((one) => one.order === order)?.definition ?? "";
  const offered = ORDERS.filter(
    (one) => one.order !== "difference" || compared !== null || order === one.order,
  );
  return (
    <div class="kv-field">
      <label for="kv-order">Order</label>
      <select
        id="kv-order"
        class="kv-select"
        title={`Order of the channels. ${definition}`}
        value={order}
        onChange={(event) => {
          const wanted = findOrder(event.currentTarget.value) ?? "index";
          store.setGrid({ order: wanted, reversed: false });
        }}
      >
        {offered.map((one) => (
          <option key={one.order} value={one.order} title={one.definition}>
            {one.title}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="kv-button kv-button-icon"
        aria-label={descending ? "Highest first" : "Lowest first"}
        title={
          descending
            ? "The highest comes first; turn the order round"
            : "The lowest comes first; turn the order round"
        }
        onClick={() => store.setGrid({ reversed: !reversed })}
      >
        <Icon name={descending ? "down" : "up"} />
      </button>
    </div>
  );
}

/** Chooses the size of the maps. */
export function SizeSlider() {
  const fits = mapSize.value === null;
  return (
    <div class="kv-field">
      <label for="kv-map-size">Size</label>
      <input
        id="kv-map-size"
        class="kv-size-slider"
        type="range"
        min={24}
        max={256}
        step={8}
        value={mapSize.value ?? 96}
        title="Size of a map on the screen"
        onInput={(event) => {
          mapSize.value = Number(event.currentTarget.value);
        }}
      />
      <button
        type="button"
        class="kv-button"
        aria-pressed={fits}
        title="As large as all channels fit into view"
        onClick={() => {
          mapSize.value = null;
        }}
      >
        Fit
      </button>
    </div>
  );
}
