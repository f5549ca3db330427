/** What is known of the model as a whole. */

import { FAMILIES, FAMILY_LABELS, familyOf } from "../../model/layer_family";
import { bytesOf, formatBytes, formatCount } from "../../model/layer_text";
import type { ArchitectureModel } from "./architecture_model";
import { Fact, Section } from "./layer_details";

/** Totals, where it comes from, and how to read and move the graph. */
export function ModelDetails({ model }: { model: ArchitectureModel }) {
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
        <Fact name="Optimizer">{graph.optimizer || "none"}</Fact>
        <Fact name="Backend">{graph.backend}</Fact>
        <Fact name="Keras">{graph.keras_version}</Fact>
      </dl>
      {graph.notices.length > 0 && (
        <Section title="Notices">
          <ul class="kv-arch-list">
            {graph.notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        </Section>
      )}
      <Legend model={model} />
      <Section title="How to">
        <ul class="kv-arch-list kv-arch-howto">
          <li>
            Click a layer to see all of it here, double click for its activations.
          </li>
          <li>Double click a nested model to open or close it.</li>
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
    // Their dtypes are not logged; slots are float32 but for rare exceptions.
    const bytes = graph.optimizer_params * 4;
    totals.push({ name: "Optimizer params", params: graph.optimizer_params, bytes });
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
