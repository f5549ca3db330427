/** Order and size of the maps in the grid. */

import { mapSize, ORDERS, type Order } from "./presentation";

/** Chooses the order of the channels. */
export function OrderPicker({
  order,
  onPick,
}: {
  order: Order;
  onPick: (order: Order) => void;
}) {
  return (
    <div class="kv-field">
      <label for="kv-order">Order</label>
      <select
        id="kv-order"
        class="kv-select"
        title="Order of the channels in the grid"
        value={order}
        onChange={(event) => {
          const wanted = event.currentTarget.value;
          onPick(ORDERS.find((one) => one.order === wanted)?.order ?? "index");
        }}
      >
        {ORDERS.map((one) => (
          <option key={one.order} value={one.order}>
            {one.title}
          </option>
        ))}
      </select>
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
