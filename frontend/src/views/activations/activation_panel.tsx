/** The selected layer: what it is, and its maps, sequence or units. */

import { BusyLine, EmptyState, ErrorNote, Loading } from "../../components/states";
import type { ActivationsState, ListedLayer } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { LayerActivation } from "../../wire/generated";
import { PanelBody } from "./panel_body";
import { PanelHead } from "./panel_head";
import { isSameOutput } from "./shown_layer";

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
          <PanelBody store={store} state={state} data={shown} />
        </div>
      ) : (
        loadable.state === "loading" && <Loading what="the activation" />
      )}
    </section>
  );
}
