/** Lists of facts, as the side panel shows them. */

import type { ComponentChildren } from "preact";
import { FACT_DEFINITIONS, type FactName } from "../../model/definitions";
import { formatBytes, formatCount, formatShape } from "../../model/layer_text";
import type { Shape } from "../../wire/generated";

/** Entries of one list that are shown. */
export const FIRST_ROWS = 60;

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

/** One line of a list of facts; a name that is defined explains itself on hover. */
export function Fact({
  name,
  mono = false,
  children,
}: {
  name: string;
  mono?: boolean;
  children: ComponentChildren;
}) {
  const definition = Object.hasOwn(FACT_DEFINITIONS, name)
    ? FACT_DEFINITIONS[name as FactName]
    : undefined;
  return (
    <div>
      <dt title={definition} data-defined={definition === undefined ? undefined : ""}>
        {name}
      </dt>
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

/** Shapes of inputs or outputs, with their dtypes as far as they are known. */
export function Shapes({
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

/** Costs of a model, or of a layer over all its calls. */
export interface Costs {
  readonly multiply_adds: number;
  readonly unknown_multiply_adds: number;
  readonly activation_bytes: number;
  readonly unknown_activation_bytes: number;
}

/** What it costs; nothing where costs were not recorded at all. */
export function CostFacts({ costs }: { costs: Costs }) {
  const { unknown_multiply_adds, unknown_activation_bytes } = costs;
  const recorded =
    costs.activation_bytes > 0 ||
    costs.multiply_adds > 0 ||
    unknown_activation_bytes > 0 ||
    unknown_multiply_adds > 0;
  if (!recorded) {
    return null;
  }
  return (
    <>
      <Fact name="Multiply-adds">
        <Cost
          known={costs.multiply_adds}
          text={formatCount(costs.multiply_adds)}
          unknown={unknown_multiply_adds}
        />
      </Fact>
      <Fact name="Activations">
        <Cost
          known={costs.activation_bytes}
          text={formatBytes(costs.activation_bytes)}
          unknown={unknown_activation_bytes}
        />
      </Fact>
    </>
  );
}

function Cost({
  known,
  text,
  unknown,
}: {
  known: number;
  text: string;
  unknown: number;
}) {
  const calls = unknown === 1 ? "1 call" : `${formatCount(unknown)} calls`;
  if (unknown > 0 && known === 0) {
    return <span class="kv-muted">unknown ({calls})</span>;
  }
  return (
    <>
      {unknown > 0 && "≥ "}
      {text} <span class="kv-muted">per sample</span>
      {unknown > 0 && <span class="kv-muted"> (unknown: {calls})</span>}
    </>
  );
}
