/** The layers of a capture, each with a miniature; long lists are windowed. */

import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useSize } from "../../components/painted_canvas";
import { formatShape } from "../../model/format";
import { rowAfterKey } from "../../model/grid_keys";
import {
  isMeant,
  LAYER_ORDERS,
  type LayerOrder,
  orderLayers,
} from "../../model/layers/layer_query";
import { scrollTo, windowRows } from "../../model/windowing";
import type { ActivationsState, ListedLayer } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { AttentionLink, LayerStatistics, LayerTroubles } from "./layer_facts";
import { Thumbnail, takeMiniature } from "./thumbnail";

const ROW_HEIGHT = 64;

/** Splits a path into what it has in common with its neighbours, and its name. */
function splitPath(path: string): { scope: string; name: string } {
  const end = path.lastIndexOf("/") + 1;
  return { scope: path.slice(0, end), name: path.slice(end) };
}

/** Picks a layer, by mouse or by the arrow keys. */
export function LayerList({ store, state }: { store: Store; state: ActivationsState }) {
  const { layerFilter, layerOrder } = state;
  const shown = useComputed(() => {
    const wanted = layerFilter.value.trim();
    const found =
      wanted === ""
        ? state.layers.value
        : state.layers.value.filter((layer) => isMeant(layer, wanted));
    return orderLayers(found, layerOrder.value);
  });
  const total = state.layers.value.length;
  return (
    <nav class="kv-layer-list" aria-label="Layers">
      <div class="kv-layer-find">
        <input
          type="search"
          class="kv-input"
          placeholder={`Filter ${total} layers`}
          aria-label="Filter layers by name or class"
          title={
            "Shows the layers whose path or class contains this. The words dead, " +
            "saturated, constant and nan find layers with such units"
          }
          value={layerFilter.value}
          onInput={(event) => {
            layerFilter.value = event.currentTarget.value;
          }}
        />
        <select
          class="kv-select"
          aria-label="Order of the layers"
          title="Order of the layers: as executed, or by the share of such units or values"
          value={layerOrder.value}
          onChange={(event) => {
            layerOrder.value = event.currentTarget.value as LayerOrder;
          }}
        >
          {LAYER_ORDERS.map(({ order, title }) => (
            <option key={order} value={order}>
              {title}
            </option>
          ))}
        </select>
      </div>
      {shown.value.length === 0 && total > 0 ? (
        <p class="kv-muted kv-layer-none">
          No layer has that in its path or class, or units in such a state.
        </p>
      ) : (
        <Rows store={store} state={state} layers={shown.value} />
      )}
    </nav>
  );
}

function Rows({
  store,
  state,
  layers,
}: {
  store: Store;
  state: ActivationsState;
  layers: readonly ListedLayer[];
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const { height } = useSize(scroller);
  const top = useSignal(0);
  const selected = selectedPath(state);
  const row = layers.findIndex((layer) => layer.path === selected);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && row >= 0 && height > 0) {
      element.scrollTop = scrollTo(row, ROW_HEIGHT, element.scrollTop, height);
    }
  }, [row, height]);

  const onKeyDown = (event: KeyboardEvent) => {
    const layer = layers[rowAfterKey(event.key, row, layers.length) ?? -1];
    if (layer !== undefined) {
      event.preventDefault();
      store.selectLayer(layer.path);
    }
  };

  const inView = windowRows(layers.length, ROW_HEIGHT, top.value, height);
  return (
    <div
      ref={scroller}
      class="kv-layer-rows"
      role="listbox"
      aria-label={
        state.layerOrder.value === "executed"
          ? "Layers, in order of execution"
          : "Layers, in the chosen order"
      }
      tabIndex={0}
      aria-activedescendant={row >= 0 ? `kv-layer-${row}` : undefined}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
    >
      <div style={{ height: `${layers.length * ROW_HEIGHT}px`, position: "relative" }}>
        {layers.slice(inView.from, inView.to).map((layer, at) => (
          <Row
            key={layer.path}
            row={inView.from + at}
            layer={layer}
            selected={layer.path === selected}
            store={store}
            state={state}
          />
        ))}
      </div>
    </div>
  );
}

function selectedPath(state: ActivationsState): string | null {
  const selection = state.selection.value;
  switch (selection.state) {
    case "captured":
      return selection.layer.path;
    case "skipped":
      return selection.skipped.path;
    default:
      return null;
  }
}

function Row({
  row,
  layer,
  selected,
  store,
  state,
}: {
  row: number;
  layer: ListedLayer;
  selected: boolean;
  store: Store;
  state: ActivationsState;
}) {
  const { scope, name } = splitPath(layer.path);
  const entry = layer.entries[0];
  const outputs = layer.entries.length;
  const detail =
    entry === undefined
      ? layer.reason
      : `${entry.class_name} ${formatShape(entry.shape)}${
          outputs > 1 ? ` +${outputs - 1}` : ""
        }`;
  return (
    // The list itself takes the keys.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={`kv-layer-${row}`}
      role="option"
      class={entry === undefined ? "kv-layer-row kv-layer-skipped" : "kv-layer-row"}
      style={{ top: `${row * ROW_HEIGHT}px`, height: `${ROW_HEIGHT}px` }}
      aria-selected={selected}
      title={
        entry === undefined ? `${layer.path}: not captured, ${detail}` : layer.path
      }
      onClick={() => store.selectLayer(layer.path)}
    >
      <Miniature store={store} state={state} layer={layer} />
      <span class="kv-layer-text">
        <span class="kv-ellipsis kv-layer-name">
          {scope !== "" && <span class="kv-muted">{scope.slice(0, 200)}</span>}
          <bdi>{name.slice(0, 200)}</bdi>
        </span>
        <span class="kv-layer-detail">
          <span class="kv-ellipsis kv-muted">
            {entry === undefined ? `not captured: ${detail}` : detail}
          </span>
          <AttentionLink
            layer={layer}
            onOpen={({ path, call, output }) => store.selectLayer(path, call, output)}
          />
          <LayerTroubles layer={layer} />
        </span>
        {entry !== undefined && <LayerStatistics entry={entry} />}
      </span>
    </div>
  );
}

function Miniature({
  store,
  state,
  layer,
}: {
  store: Store;
  state: ActivationsState;
  layer: ListedLayer;
}) {
  const entry = layer.entries[0];
  const tensors = shownValue(state.thumbnails.value);
  let image = null;
  try {
    image =
      tensors === undefined || entry === undefined
        ? null
        : takeMiniature(tensors, entry, layer.position);
  } catch {
    // The list works without its miniatures; the error stands above it.
  }
  return <Thumbnail image={image} dark={store.page.dark.value} />;
}
