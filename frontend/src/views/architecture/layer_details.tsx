/** Everything that is known of one layer. */

import type { ComponentChildren } from "preact";
import {
  bytesOf,
  formatBytes,
  formatCount,
  formatShape,
  shorten,
} from "../../model/layer_text";
import type { Store } from "../../state/store";
import type { LayerNode, Shape, VariableInfo } from "../../wire/generated";
import { type ArchitectureModel, selectedCall } from "./architecture_model";
import { ConfigTree } from "./config_tree";
import { PathsButton } from "./paths_bar";

const FIRST_ROWS = 60;
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
}: {
  store: Store;
  model: ArchitectureModel;
  layer: LayerNode;
}) {
  const calls = model.graph.callsOf.get(layer.path) ?? [];
  const chosen = calls[Math.min(store.node.value, calls.length - 1)];
  const call = chosen === undefined ? null : model.graph.nodes[chosen]?.call;
  const number = call?.call ?? 0;
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
      <ActivationsButton store={store} model={model} layer={layer} call={number} />
      {chosen !== undefined && !store.table.value && (
        <PathsButton store={store} model={model} node={chosen} />
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
        <Fact name="Kind">{KINDS[layer.kind]}</Fact>
        <Fact name="Calls">
          {layer.calls === 0 ? "unknown" : formatCount(layer.calls)}
        </Fact>
        {sources.length > 0 && <Fact name="Takes from">{sources.join(", ")}</Fact>}
        <Fact name="Input">
          <Shapes shapes={call?.input_shapes ?? layer.input_shapes} dtypes={[]} />
        </Fact>
        <Fact name="Output">
          <Shapes
            shapes={call?.output_shapes ?? layer.output_shapes}
            dtypes={layer.output_dtypes}
          />
        </Fact>
        {layer.dtype_policy !== "" && (
          <Fact name="Dtype policy" mono>
            {layer.dtype_policy}
          </Fact>
        )}
        <Fact name="Trainable">
          {layer.trainable ? "yes" : layer.params > 0 ? "no (frozen)" : "no"}
        </Fact>
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
      </dl>
      {layer.variables.length > 0 && (
        <Section title={`Variables (${layer.variables.length})`}>
          <Variables variables={layer.variables} />
        </Section>
      )}
      {layer.children.length > 0 && (
        <Section title={holdsText(layer.children.length)}>
          <Children store={store} layers={layer.children} />
        </Section>
      )}
      {Object.keys(layer.config).length > 0 && (
        <Section title="Configuration">
          <ConfigTree config={layer.config} />
        </Section>
      )}
      {layer.config_notes.length > 0 && (
        <Section title="Of its configuration">
          <ul class="kv-arch-list">
            {layer.config_notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
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

/** Parameters of its own variables, without those of layers that it holds. */
function ownParams(layer: LayerNode): number {
  return layer.variables.reduce((sum, variable) => sum + variable.params, 0);
}

/** A heading and what belongs to it. */
export function Section({
  title,
  children,
}: {
  title: string;
  children: ComponentChildren;
}) {
  return (
    <section class="kv-arch-section">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** One line of a list of facts. */
export function Fact({
  name,
  mono = false,
  children,
}: {
  name: string;
  mono?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={mono ? "kv-mono" : undefined} dir="auto">
        {children}
      </dd>
    </div>
  );
}

/** A share in percent, never "0 %" for something. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) {
    return "< 0.1 %";
  }
  return `${percent.toFixed(1)} %`;
}

function Shapes({
  shapes,
  dtypes,
}: {
  shapes: readonly Shape[];
  dtypes: readonly string[];
}) {
  if (shapes.length === 0) {
    return <span class="kv-muted">unknown</span>;
  }
  return (
    <>
      {shapes.slice(0, FIRST_ROWS).map((shape, i) => (
        <div key={i}>
          <span class="kv-mono">{formatShape(shape)}</span>
          {dtypes[i] !== undefined && <span class="kv-muted"> {dtypes[i]}</span>}
        </div>
      ))}
      {shapes.length > FIRST_ROWS && (
        <div class="kv-muted">and {shapes.length - FIRST_ROWS} more</div>
      )}
    </>
  );
}

function Variables({ variables }: { variables: readonly VariableInfo[] }) {
  const shown = variables.slice(0, FIRST_ROWS);
  return (
    <>
      <table class="kv-arch-variables">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Shape</th>
            <th scope="col" class="kv-arch-number">
              Params
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((variable) => (
            <tr key={variable.path} title={variable.path}>
              <td dir="auto">
                {variable.name}
                {!variable.trainable && <span class="kv-muted"> not trained</span>}
              </td>
              <td>
                <span class="kv-mono">{formatShape(variable.shape)}</span>
                <span class="kv-muted"> {variable.dtype}</span>
              </td>
              <td class="kv-arch-number">{formatCount(variable.params)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {variables.length > shown.length && (
        <p class="kv-muted">and {variables.length - shown.length} more</p>
      )}
    </>
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
