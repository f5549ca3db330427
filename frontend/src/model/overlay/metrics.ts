/** What layers can be coloured by: what each number is, and how it is written. */

import type { LAYER_STATISTICS } from "../../wire/generated";
import { formatShare, formatValue } from "../format";
import { formatBytes, formatCount, formatShortCount } from "../layer_text";

/** A statistic that is logged while the model trains. */
export type StatisticId = (typeof LAYER_STATISTICS)[number];

/** A number that the graph itself holds. */
export type CostId = "params" | "multiply_adds" | "activation_bytes";

export type MetricId = CostId | StatisticId;

/** A kind of data in a run that statistics are made of. */
export type LoggedKind = "dynamics" | "weights" | "activations";

/** One thing that layers can be coloured by. */
export interface Metric {
  readonly id: MetricId;
  readonly title: string;
  /** What one is counted in; empty for a plain number. */
  readonly unit: string;
  readonly definition: string;
  readonly group: "Size and cost" | "Weights and gradients" | "Activations";
  readonly format: "count" | "bytes" | "share" | "value";
  /** Kinds of data it can be had from; empty where the graph itself has it. */
  readonly from: readonly LoggedKind[];
}

const GRADIENT_WINDOW = "over the training steps since the point before";

export const METRICS: readonly Metric[] = [
  {
    id: "params",
    title: "Parameters",
    unit: "",
    definition:
      "Elements of all variables of the layer, those of layers in it included",
    group: "Size and cost",
    format: "count",
    from: [],
  },
  {
    id: "multiply_adds",
    title: "Multiply-adds",
    unit: "per sample",
    definition:
      "Multiplications with the addition that follows each, for one sample going " +
      "through once, by a formula per layer class; unknown where there is none",
    group: "Size and cost",
    format: "count",
    from: [],
  },
  {
    id: "activation_bytes",
    title: "Activation memory",
    unit: "per sample",
    definition:
      "Size of the outputs for one sample: what training holds until the backward " +
      "pass, at least",
    group: "Size and cost",
    format: "bytes",
    from: [],
  },
  {
    id: "grad_norm_mean",
    title: "Gradient norm, mean",
    unit: "",
    definition:
      "Length of the loss's gradient with respect to the layer's own variables, " +
      `averaged ${GRADIENT_WINDOW}. Near zero: the layer hardly learns`,
    group: "Weights and gradients",
    format: "value",
    from: ["dynamics"],
  },
  {
    id: "grad_norm_max",
    title: "Gradient norm, max",
    unit: "",
    definition: `Largest length of that gradient ${GRADIENT_WINDOW}: shows single spikes`,
    group: "Weights and gradients",
    format: "value",
    from: ["dynamics"],
  },
  {
    id: "update_norm_mean",
    title: "Update norm, mean",
    unit: "",
    definition:
      "Length of what one optimizer step changes of the layer's variables, " +
      `averaged ${GRADIENT_WINDOW}`,
    group: "Weights and gradients",
    format: "value",
    from: ["dynamics"],
  },
  {
    id: "update_ratio",
    title: "Update ratio",
    unit: "",
    definition:
      "Update norm over weight norm: by which share one step changes the weights; the " +
      "largest of the layer's variables, without those that begin at zero (bias, beta). " +
      "Around 0.001 is usual; 0.1 is too much, 0.00001 hardly learns",
    group: "Weights and gradients",
    format: "value",
    from: ["dynamics"],
  },
  {
    id: "weight_norm",
    title: "Weight norm",
    unit: "",
    definition:
      "Length of all of the layer's variables as one vector: the root of the sum of " +
      "their squares",
    group: "Weights and gradients",
    format: "value",
    from: ["dynamics", "weights"],
  },
  {
    id: "nonfinite_gradients",
    title: "Non-finite gradients",
    unit: "elements",
    definition: `Elements of the gradient that were NaN or infinite ${GRADIENT_WINDOW}`,
    group: "Weights and gradients",
    format: "count",
    from: ["dynamics"],
  },
  {
    id: "activation_mean",
    title: "Activation mean",
    unit: "",
    definition: "Mean of the layer's output over all channels and probe samples",
    group: "Activations",
    format: "value",
    from: ["activations"],
  },
  {
    id: "activation_std",
    title: "Activation std",
    unit: "",
    definition:
      "Standard deviation of the layer's output over all channels and probe samples. " +
      "Growing or shrinking from layer to layer: the signal explodes or vanishes",
    group: "Activations",
    format: "value",
    from: ["activations"],
  },
  {
    id: "activation_zero_fraction",
    title: "Activation zeros",
    unit: "",
    definition:
      "Share of the output's values that are exactly zero. After a ReLU, near 100%: " +
      "most of its units are silent",
    group: "Activations",
    format: "share",
    from: ["activations"],
  },
  {
    id: "nonfinite_activations",
    title: "Non-finite activations",
    unit: "values",
    definition: "Values of the layer's output that are NaN or infinite",
    group: "Activations",
    format: "count",
    from: ["activations"],
  },
];

const byId = new Map<string, Metric>(METRICS.map((metric) => [metric.id, metric]));

/** The metric of a name, or null if there is none of it. */
export function findMetric(id: string): Metric | null {
  return byId.get(id) ?? null;
}

/** Whether it is logged over steps, and not a property of the graph. */
export function isStatistic(metric: Metric): boolean {
  return metric.from.length > 0;
}

/** Whether a run holds anything that the metric can be had from. */
export function isLogged(
  metric: Metric,
  steps: { readonly [kind: string]: readonly number[] },
): boolean {
  return (
    metric.from.length === 0 ||
    metric.from.some((kind) => Object.hasOwn(steps, kind) && steps[kind]?.length)
  );
}

/**
 * A value of a metric as text.
 *
 * @param short In few letters, for a card: `1.2 M` instead of `1,234,567`.
 */
export function formatMetric(metric: Metric, value: number, short = false): string {
  if (!Number.isFinite(value)) {
    return formatValue(value);
  }
  switch (metric.format) {
    case "count":
      return short ? formatShortCount(value) : formatCount(value);
    case "bytes":
      return short ? shortBytes(value) : formatBytes(value);
    case "share":
      return formatShare(value);
    default:
      return formatValue(value);
  }
}

function shortBytes(value: number): string {
  // Powers of two come out of a logarithm nearly whole.
  const [size, unit] = formatBytes(Math.round(value)).split(" ");
  return `${Number(Number(size).toPrecision(3))} ${unit}`;
}
