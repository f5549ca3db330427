/** The selected layer: what it is, and its maps, sequence or units. */

import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { ColorBar } from "../../components/color_bar";
import { Icon } from "../../components/icons";
import { BusyLine, EmptyState, ErrorNote, Loading } from "../../components/states";
import { RANGE_DEFINITIONS, STATS } from "../../model/definitions";
import { formatShape } from "../../model/format";
import { type ActivationData, unitName } from "../../model/tensor_view";
import type { ActivationsState, ListedLayer } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { LayerActivation } from "../../wire/generated";
import { ChannelDetail } from "./channel_detail";
import { ChannelGrid } from "./channel_grid";
import { findMarks, Legend } from "./legend";
import {
  createScaleOf,
  layerScale,
  mapSize,
  ORDERS,
  type Order,
  orderPositions,
  presentation,
  rangeMode,
} from "./presentation";
import { SequenceMap } from "./sequence_map";
import { formatStat, StatisticsTable } from "./statistics_table";
import { VectorBars } from "./vector_bars";

/** Everything about the selected layer. */
export function ActivationPanel({
  store,
  state,
}: {
  store: Store;
  state: ActivationsState;
}) {
  const selection = state.selection.value;
  switch (selection.state) {
    case "none":
      return (
        <EmptyState title="This capture holds no layer">
          <p>
            No layer's output was logged. If layers=... is given to KerasViz, does it
            match any path? The architecture view lists them.
          </p>
        </EmptyState>
      );
    case "missing":
      return (
        <EmptyState title="This layer has no activations here">
          <p>
            <bdi>{selection.path.slice(0, 500)}</bdi> is not part of the capture at step{" "}
            {state.captureStep.value}. Groups have none of their own: choose a layer in
            the list.
          </p>
        </EmptyState>
      );
    case "skipped":
      return (
        <EmptyState title="This layer was not captured">
          <p>
            <bdi>{selection.skipped.path.slice(0, 500)}</bdi>:{" "}
            {selection.skipped.reason}
          </p>
        </EmptyState>
      );
    default:
      return (
        <CapturedLayer
          store={store}
          state={state}
          layer={selection.layer}
          entry={selection.entry}
        />
      );
  }
}

function CapturedLayer({
  store,
  state,
  layer,
  entry,
}: {
  store: Store;
  state: ActivationsState;
  layer: ListedLayer;
  entry: LayerActivation;
}) {
  const loadable = state.data.value;
  const shown = shownValue(loadable);
  // What is still shown of another layer, while this one is on its way.
  const stale = shown !== undefined && !isSameOutput(shown.entry, entry);
  return (
    <section class="kv-panel" aria-label={`Activations of ${entry.path.slice(0, 200)}`}>
      <PanelHead store={store} state={state} layer={layer} entry={entry} />
      {loadable.state === "loading" && <BusyLine what="the activation" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {shown !== undefined && loadable.state !== "error" ? (
        <div class={stale ? "kv-panel-body kv-stale" : "kv-panel-body"} inert={stale}>
          <Body store={store} data={shown} />
        </div>
      ) : (
        loadable.state === "loading" && <Loading what="the activation" />
      )}
    </section>
  );
}

function isSameOutput(a: LayerActivation, b: LayerActivation): boolean {
  return a.path === b.path && a.call === b.call && a.output === b.output;
}

function PanelHead({
  store,
  state,
  layer,
  entry,
}: {
  store: Store;
  state: ActivationsState;
  layer: ListedLayer;
  entry: LayerActivation;
}) {
  const captureStep = state.captureStep.value;
  return (
    <header class="kv-panel-head">
      <h2 class="kv-ellipsis" title={entry.path}>
        <bdi>{entry.path.slice(0, 500)}</bdi>
      </h2>
      <span title="Class of the layer">{entry.class_name}</span>
      <span class="kv-mono" title="Shape of the output; its first axis is the batch">
        {formatShape(entry.shape)}
      </span>
      <span class="kv-mono kv-muted" title="Data type of the output">
        {entry.dtype}
      </span>
      {layer.entries.length > 1 && (
        <OutputPicker store={store} layer={layer} entry={entry} />
      )}
      {entry.cut !== "" && (
        <span
          class="kv-cut"
          title="What the log holds of the maps; statistics are of everything. More is kept with a larger capture_mb"
        >
          {entry.cut}
        </span>
      )}
      {captureStep !== store.currentStep.value && (
        <span class="kv-cut" title="There is no capture of activations at this step">
          captured at step {captureStep}
        </span>
      )}
    </header>
  );
}

/** For layers that are called more than once or return more than one output. */
function OutputPicker({
  store,
  layer,
  entry,
}: {
  store: Store;
  layer: ListedLayer;
  entry: LayerActivation;
}) {
  return (
    <select
      class="kv-select"
      aria-label="Call and output of the layer"
      title="The layer is called several times, or returns several outputs"
      value={layer.entries.indexOf(entry)}
      onChange={(event) => {
        const wanted = layer.entries[Number(event.currentTarget.value)];
        if (wanted !== undefined) {
          store.selectLayer(wanted.path, wanted.call, wanted.output);
        }
      }}
    >
      {layer.entries.map((one, at) => (
        <option key={`${one.call} ${one.output}`} value={at}>
          call {one.call}, output {one.output} {formatShape(one.shape)}
        </option>
      ))}
    </select>
  );
}

function Body({ store, data }: { store: Store; data: ActivationData }) {
  const dark = store.page.dark.value;
  const channel = store.channel.value;
  const wanted = channel !== null && channel < data.entry.channels ? channel : null;
  const mode = rangeMode.value;
  const scaleOf = useMemo(() => createScaleOf(data, mode, dark), [data, mode, dark]);
  const marks = useMemo(() => findMarks(data), [data]);
  const order = useSignal<Order>("index");
  const lastOpen = useRef<number | null>(null);
  const returnTo = lastOpen.current;
  lastOpen.current = wanted;
  const positions = useMemo(
    () => orderPositions(data, order.value),
    [data, order.value],
  );

  if (data.entry.kind !== "vector" && wanted !== null) {
    return (
      <ChannelDetail
        data={data}
        channel={wanted}
        scaleOf={scaleOf}
        dark={dark}
        onGo={store.setChannel}
      />
    );
  }
  const asTable = presentation.value === "statistics" || data.count === 0;
  return (
    <>
      <div class="kv-controls">
        <PresentationSwitch data={data} asTable={asTable} />
        {!asTable && data.entry.kind !== "vector" && <RangeSwitch data={data} />}
        {!asTable && data.entry.kind === "map" && (
          <>
            <OrderPicker order={order.value} onPick={(to) => (order.value = to)} />
            <SizeSlider />
          </>
        )}
        {!asTable && data.entry.kind !== "vector" && (
          <ColorBar
            scale={layerScale(data, dark)}
            {...(mode === "channel" ? { ends: ["lowest", "highest"] } : {})}
          />
        )}
        {data.entry.kind === "vector" && wanted !== null && (
          <UnitFacts data={data} unit={wanted} />
        )}
      </div>
      <Legend data={data} marks={marks} />
      {asTable ? (
        <StatisticsTable data={data} onOpen={store.setChannel} />
      ) : data.entry.kind === "vector" ? (
        <VectorBars
          data={data}
          selected={wanted}
          dark={dark}
          onSelect={store.setChannel}
        />
      ) : data.entry.kind === "sequence" ? (
        <SequenceMap
          data={data}
          scaleOf={scaleOf}
          dark={dark}
          onOpen={store.setChannel}
        />
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

function PresentationSwitch({
  data,
  asTable,
}: {
  data: ActivationData;
  asTable: boolean;
}) {
  const picture = { map: "Maps", sequence: "Sequence", vector: "Bars" }[
    data.entry.kind
  ];
  return (
    <div class="kv-segments" role="group" aria-label="Show as">
      <button
        type="button"
        class="kv-button"
        aria-pressed={!asTable}
        disabled={data.count === 0}
        title={
          data.count === 0
            ? "No map of this layer fitted the capture; raise capture_mb"
            : "The values themselves"
        }
        onClick={() => {
          presentation.value = "maps";
        }}
      >
        <Icon name="grid" />
        {picture}
      </button>
      <button
        type="button"
        class="kv-button"
        aria-pressed={asTable}
        title={`${STATS.map((stat) => stat.title).join(", ")} of all ${data.entry.channels}, sortable`}
        onClick={() => {
          presentation.value = "statistics";
        }}
      >
        <Icon name="table" />
        Statistics
      </button>
    </div>
  );
}

function RangeSwitch({ data }: { data: ActivationData }) {
  const names = { layer: "layer", channel: unitName(data) };
  return (
    <div class="kv-field">
      <span class="kv-label">Colours</span>
      <div class="kv-segments" role="group" aria-label="Range of the colours">
        {(["layer", "channel"] as const).map((mode) => (
          <button
            key={mode}
            type="button"
            class="kv-button"
            aria-pressed={rangeMode.value === mode}
            title={RANGE_DEFINITIONS[mode]}
            onClick={() => {
              rangeMode.value = mode;
            }}
          >
            per {names[mode]}
          </button>
        ))}
      </div>
    </div>
  );
}

function OrderPicker({
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

function SizeSlider() {
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

function UnitFacts({ data, unit }: { data: ActivationData; unit: number }) {
  return (
    <span class="kv-unit-facts" role="status">
      unit {unit}: <strong>{formatStat("mean", data.unitValue(unit))}</strong>
    </span>
  );
}
