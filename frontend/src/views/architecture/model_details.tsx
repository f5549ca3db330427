/** What is known of the model as a whole. */

import { useMemo } from "preact/hooks";
import type { Advice } from "../../model/advice/advice";
import { ownParams } from "../../model/advice/advice_params";
import { FAMILIES, FAMILY_LABELS, familyOf } from "../../model/layer_family";
import { bytesOf, formatBytes, formatCount } from "../../model/layer_text";
import type { Store } from "../../state/store";
import { ModelNotes } from "./advice_notes";
import type { ArchitectureModel } from "./architecture_model";
import { CostFacts, Fact, formatShare, Section, Shapes } from "./facts";

const MOST_BIGGEST = 5;
const MOST_OUTPUTS = 12;

/** Totals, where it comes from, and how to read and move the graph. */
export function ModelDetails({
  store,
  model,
  notes,
}: {
  store: Store;
  model: ArchitectureModel;
  /** All notes on the model. */
  notes: readonly Advice[];
}) {
  const { graph } = model.graph;
  return (
    <>
      <h3 class="kv-arch-name" dir="auto">
        {graph.name}
      </h3>
      <p class="kv-arch-class">
        <strong dir="auto">{graph.class_name}</strong>
      </p>
      <dl class="kv-arch-facts">
        <Fact name="Layers">{formatCount(model.graph.layers.length)}</Fact>
        {totalsOf(model).map(({ name, params, bytes }) => (
          <Fact key={name} name={name}>
            {formatCount(params)}
            <span class="kv-muted"> {formatBytes(bytes)}</span>
          </Fact>
        ))}
        <CostFacts costs={graph} />
        <Fact name="Optimizer">{graph.optimizer || "none"}</Fact>
        <Fact name="Backend">{graph.backend}</Fact>
        <Fact name="Keras">{graph.keras_version}</Fact>
      </dl>
      <ModelNotes store={store} model={model} notes={notes} />
      {graph.notices.length > 0 && (
        <Section title="Notices">
          <ul class="kv-arch-list">
            {graph.notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        </Section>
      )}
      <Outputs store={store} model={model} />
      <Biggest store={store} model={model} />
      {store.color.value === null && <Legend model={model} />}
      <Section title="How to">
        <ul class="kv-arch-list kv-arch-howto">
          <li>
            Click a layer to see all of it here, double click for its activations.
          </li>
          <li>Double click a group or nested model to open or close it.</li>
          <li>Drag to move, wheel to zoom.</li>
          <li>
            Keys: <kbd>/</kbd> find, <kbd>f</kbd> fit, <kbd>+</kbd> <kbd>−</kbd> zoom,
            arrows follow the edges, <kbd>Enter</kbd> open, <kbd>p</kbd> paths from
            here, then to here, <kbd>u</kbd> the model around, <kbd>Esc</kbd> clear.
          </li>
        </ul>
      </Section>
    </>
  );
}

/** What the model returns, and which layer makes it. */
function Outputs({ store, model }: { store: Store; model: ArchitectureModel }) {
  const { nodes, outputs } = model.graph.graph;
  const shown = outputs.slice(0, MOST_OUTPUTS);
  if (outputs.length === 0) {
    return null;
  }
  return (
    <Section title={outputs.length === 1 ? "Output" : `Outputs (${outputs.length})`}>
      <ul class="kv-arch-biggest">
        {shown.map(({ name, node, output }, i) => {
          const call = nodes[node];
          const shape = call?.output_shapes[output];
          const dtype = call?.output_dtypes[output];
          return (
            <li key={i}>
              <span dir="auto">
                {outputs.length > 1 && <span class="kv-muted">{name} </span>}
                {call !== undefined && (
                  <button
                    type="button"
                    class="kv-arch-link"
                    onClick={() => store.selectLayer(call.layer, call.call, output)}
                  >
                    {model.graph.byPath.get(call.layer)?.name ?? call.layer}
                  </button>
                )}
              </span>
              <span>
                <Shapes
                  shapes={shape === undefined ? [] : [shape]}
                  dtypes={dtype === undefined ? [] : [dtype]}
                />
              </span>
            </li>
          );
        })}
        {outputs.length > shown.length && (
          <li class="kv-muted">and {outputs.length - shown.length} more</li>
        )}
      </ul>
    </Section>
  );
}

/** Layers with the most parameters of their own. */
function Biggest({ store, model }: { store: Store; model: ArchitectureModel }) {
  const { graph, layers } = model.graph;
  const biggest = useMemo(
    () =>
      layers
        .map((layer) => ({ layer, own: ownParams(layer) }))
        .filter(({ own }) => own > 0)
        .sort((a, b) => b.own - a.own)
        .slice(0, MOST_BIGGEST),
    [layers],
  );
  if (biggest.length < 2) {
    return null;
  }
  return (
    <Section title="Biggest layers">
      <ul class="kv-arch-biggest">
        {biggest.map(({ layer, own }) => {
          const share = graph.params > 0 ? own / graph.params : 0;
          return (
            <li key={layer.path}>
              <button
                type="button"
                class="kv-arch-link"
                dir="auto"
                title={layer.path}
                onClick={() => store.selectLayer(layer.path)}
              >
                {layer.name}
              </button>
              <span class="kv-share" style={{ "--kv-share": `${share * 100}%` }}>
                {formatCount(own)} <span class="kv-muted">{formatShare(share)}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** Parameters of the model, as `model.summary()` lists them. */
export function totalsOf(
  model: ArchitectureModel,
): { name: string; params: number; bytes: number }[] {
  const { graph } = model.graph;
  const totals = [
    { name: "Total params", params: graph.params, bytes: bytesOf(graph.layers) },
    {
      name: "Trainable",
      params: graph.trainable_params,
      bytes: bytesOf(graph.layers, "trainable"),
    },
    {
      name: "Non-trainable",
      params: graph.non_trainable_params,
      bytes: bytesOf(graph.layers, "non_trainable"),
    },
  ];
  if (graph.optimizer_params > 0) {
    const params = graph.optimizer_params;
    // An older log does not tell; most optimizers keep float32.
    const bytes = graph.optimizer_bytes || params * 4;
    totals.push({ name: "Optimizer params", params, bytes });
  }
  return totals;
}

function Legend({ model }: { model: ArchitectureModel }) {
  const present = new Set(model.graph.layers.map(familyOf));
  return (
    <Section title="Colours">
      <ul class="kv-arch-legend">
        {FAMILIES.filter((family) => present.has(family)).map((family) => (
          <li key={family}>
            <span
              class="kv-arch-swatch"
              style={{ background: `var(--kv-family-${family})` }}
            />
            {FAMILY_LABELS[family]}
          </li>
        ))}
        <li>
          <span class="kv-arch-swatch kv-arch-swatch-line kv-arch-swatch-in" />
          leads to it
        </li>
        <li>
          <span class="kv-arch-swatch kv-arch-swatch-line kv-arch-swatch-out" />
          leads from it
        </li>
      </ul>
    </Section>
  );
}
