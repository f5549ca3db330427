/** What the selected layer is: path, class, shape, and what of it was kept. */

import { Icon } from "../../components/icons";
import { formatShape } from "../../model/format";
import type { ActivationsState, ListedLayer } from "../../state/activations";
import type { Store } from "../../state/store";
import type { LayerActivation } from "../../wire/generated";
import { CompareControl } from "./comparison/compare_control";
import { SaveLayer } from "./save_layer";

/** The line above everything of a layer. */
export function PanelHead({
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
      {(store.channel.value === null || entry.kind === "vector") && (
        <SaveLayer store={store} state={state} entry={entry} />
      )}
      <button
        type="button"
        class="kv-button kv-panel-to-graph"
        aria-label="Show in Architecture"
        title="Shows where this layer is in the model"
        onClick={() => store.openArchitecture(entry.path, entry.call)}
      >
        <Icon name="graph" />
        <span>Show in Architecture</span>
      </button>
      <CompareControl store={store} state={state} />
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
          {outputName(one, layer.entries)} {formatShape(one.shape)}
        </option>
      ))}
    </select>
  );
}

/** What tells an output from the layer's others: its call and its name or number. */
function outputName(entry: LayerActivation, all: readonly LayerActivation[]): string {
  const output = entry.name === "" ? `output ${entry.output}` : entry.name;
  return all.some((other) => other.call !== entry.call)
    ? `call ${entry.call}, ${output}`
    : output;
}
