/** Everything that is known of one layer. */

import { useMemo } from "preact/hooks";
import { type Advice, adviceInside } from "../../model/advice/advice";
import { ownParams } from "../../model/advice/advice_params";
import { bytesOf, formatBytes, formatCount, shorten } from "../../model/layer_text";
import { type Store, stepsOf } from "../../state/store";
import type { LayerNode } from "../../wire/generated";
import { LayerNotes, LinkedNotes } from "./advice_notes";
import { type ArchitectureModel, selectedCall } from "./architecture_model";
import { Configuration } from "./configuration";
import { CostFacts, Fact, FIRST_ROWS, formatShare, Section, Shapes } from "./facts";
import { LayerTrends } from "./layer_trends";
import { PathsButton } from "./paths_bar";
import { VariablesTable } from "./variables_table";

const KINDS = {
  layer: "layer",
  operation: "operation (no variables)",
  input: "input",
  model: "nested model",
} as const;

/** Name, calls, shapes, parameters, variables and configuration. */
export function LayerDetails({
  store,
  model,
  layer,
  notes,
}: {
  store: Store;
  model: ArchitectureModel;
  layer: LayerNode;
  /** All notes on the model. */
  notes: readonly Advice[];
}) {
  const calls = model.graph.callsOf.get(layer.path) ?? [];
  const chosen = calls[Math.min(store.node.value, calls.length - 1)];
  const call = chosen === undefined ? null : model.graph.nodes[chosen]?.call;
  const number = call?.call ?? 0;
  const callDtypes = call?.output_dtypes.length ? call.output_dtypes : null;
  const own = notes.filter((note) => note.path === layer.path);
  const inside = useMemo(
    () => adviceInside(model.graph, notes, layer.path),
    [model, notes, layer],
  );
  const holder = model.graph.holder.get(layer.path);
  const sources = model.sources.get(layer.path) ?? [];
  return (
    <>
      <h3 class="kv-arch-name" dir="auto">
        {layer.name}
      </h3>
      <p class="kv-arch-class">
        <strong dir="auto">{layer.class_name}</strong>
        <span class="kv-muted kv-mono" dir="auto">
          {layer.module}
        </span>
      </p>
      <div class="kv-arch-actions">
        <ActivationsButton store={store} model={model} layer={layer} call={number} />
        {layer.trainable_params > 0 &&
          stepsOf(store.runInfo.value, "dynamics").length > 0 && (
            <button
              type="button"
              class="kv-button"
              title="Gradients and updates of its variables at every step"
              onClick={() => store.openGradients(layer.path)}
            >
              See its gradients
            </button>
          )}
        {layer.params > 0 && stepsOf(store.runInfo.value, "weights").length > 0 && (
          <button
            type="button"
            class="kv-button"
            title="Values, histograms and statistics of its variables"
            onClick={() => store.openWeights(layer.path)}
          >
            See its weights
          </button>
        )}
        {chosen !== undefined && !store.table.value && (
          <PathsButton store={store} model={model} node={chosen} />
        )}
      </div>
      <LayerNotes notes={own} />
      <LinkedNotes store={store} model={model} notes={inside} />
      {call != null && call.untraced !== "" && (
        <p class="kv-arch-panel-note" role="status" dir="auto">
          Not fully traced: {call.untraced}
        </p>
      )}
      {calls.length > 1 && (
        <Section title={`Called ${calls.length} times, with the same weights`}>
          <div class="kv-arch-calls">
            {calls.map((id, i) => (
              <button
                key={id}
                type="button"
                class="kv-button"
                aria-pressed={i === number}
                onClick={() => store.selectLayer(layer.path, i)}
              >
                call {i + 1}
              </button>
            ))}
          </div>
        </Section>
      )}
      <dl class="kv-arch-facts">
        <Fact name="Path" mono>
          {layer.path}
        </Fact>
        {holder !== undefined && (
          <Fact name="Inside of">
            <button
              type="button"
              class="kv-arch-link"
              dir="auto"
              onClick={() => store.selectLayer(holder)}
            >
              {model.graph.byPath.get(holder)?.name ?? holder}
            </button>
          </Fact>
        )}
        {layer.source_file !== "" && (
          <Fact name="Source" mono>
            {layer.source_file}
            {layer.source_line > 0 && `:${layer.source_line}`}
          </Fact>
        )}
        <Fact name="Kind">{KINDS[layer.kind]}</Fact>
        <Fact name="Calls">
          {layer.calls === 0 ? "unknown" : formatCount(layer.calls)}
        </Fact>
        {sources.length > 0 && <Fact name="Takes from">{sources.join(", ")}</Fact>}
        <Fact name="Input">
          <Shapes
            shapes={call?.input_shapes ?? layer.input_shapes}
            dtypes={call?.input_dtypes ?? layer.input_dtypes}
          />
        </Fact>
        <Fact name="Output">
          <Shapes
            shapes={call?.output_shapes ?? layer.output_shapes}
            dtypes={callDtypes ?? layer.output_dtypes}
          />
        </Fact>
        {layer.dtype_policy !== "" && (
          <Fact name="Dtype policy" mono>
            {layer.dtype_policy}
          </Fact>
        )}
        <Fact name="Trainable">{trainableText(layer)}</Fact>
        <Fact name="Parameters">
          {formatCount(layer.params)}
          {layer.params > 0 && (
            <span class="kv-muted"> {formatBytes(bytesOf([layer]))}</span>
          )}
        </Fact>
        {layer.params > 0 && (
          <>
            {layer.children.length > 0 && (
              <Fact name="– its own">{formatCount(ownParams(layer))}</Fact>
            )}
            <Fact name="– trainable">{formatCount(layer.trainable_params)}</Fact>
            {model.graph.graph.params > 0 && (
              <Fact name="– share">
                {formatShare(layer.params / model.graph.graph.params)} of the model
              </Fact>
            )}
          </>
        )}
        <CostFacts costs={layer} />
      </dl>
      <LayerTrends store={store} path={layer.path} />
      {layer.variables.length > 0 && (
        <Section title={`Variables (${layer.variables.length})`}>
          <VariablesTable variables={layer.variables} />
        </Section>
      )}
      {layer.children.length > 0 && (
        <Section title={holdsText(layer.children.length)}>
          <Children store={store} layers={layer.children} />
        </Section>
      )}
      <Configuration layer={layer} />
    </>
  );
}

function trainableText(layer: LayerNode): string {
  if (!layer.trainable) {
    return layer.params > 0 ? "no (frozen)" : "no";
  }
  return layer.params > 0 && layer.trainable_params === 0
    ? "yes, but none of its parameters is"
    : "yes";
}

function holdsText(count: number): string {
  return count === 1 ? "Holds one layer" : `Holds ${count} layers`;
}

/** Leads to the activations; what is never called by itself leads to its holder's. */
function ActivationsButton({
  store,
  model,
  layer,
  call,
}: {
  store: Store;
  model: ArchitectureModel;
  layer: LayerNode;
  call: number;
}) {
  const { graph } = model;
  const shown = selectedCall(graph, layer.path, call);
  const path =
    shown === null ? layer.path : (graph.nodes[shown]?.call?.layer ?? layer.path);
  const name = graph.byPath.get(path)?.name ?? path;
  return (
    <button
      type="button"
      class="kv-button kv-arch-primary"
      onClick={() => store.openActivations(path, path === layer.path ? call : 0)}
    >
      {path === layer.path
        ? "See its activations"
        : `See the activations of ${shorten(name, 30)}`}
    </button>
  );
}

function Children({ store, layers }: { store: Store; layers: readonly LayerNode[] }) {
  const shown = layers.slice(0, FIRST_ROWS);
  return (
    <ul class="kv-arch-children">
      {shown.map((layer) => (
        <li key={layer.path}>
          <button
            type="button"
            class="kv-arch-link"
            dir="auto"
            onClick={() => store.selectLayer(layer.path)}
          >
            {layer.name}
          </button>
          <span class="kv-muted"> {layer.class_name}</span>
        </li>
      ))}
      {layers.length > shown.length && (
        <li class="kv-muted">and {layers.length - shown.length} more</li>
      )}
    </ul>
  );
}
