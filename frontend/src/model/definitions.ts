/** What the words on the screen mean, for their tooltips. */

import { SATURATION_MARGIN } from "../wire/generated";
import { formatShare } from "./format";
import type { StatName } from "./tensor_view";

/** A statistic as it is called on the screen, and what it is. */
export interface StatDefinition {
  readonly name: StatName;
  readonly title: string;
  readonly definition: string;
}

/** Statistics of a channel, in the order in which they are shown. */
export const STATS: readonly StatDefinition[] = [
  {
    name: "min",
    title: "min",
    definition: "Lowest finite value of the channel, before any reduction of its map",
  },
  {
    name: "max",
    title: "max",
    definition: "Highest finite value of the channel, before any reduction of its map",
  },
  {
    name: "mean",
    title: "mean",
    definition: "Mean of the channel's finite values",
  },
  {
    name: "std",
    title: "std",
    definition:
      "Standard deviation of the channel's finite values; 0 = all are the same",
  },
  {
    name: "zero_fraction",
    title: "zeros",
    definition:
      "Share of values that are exactly zero. After a ReLU, 100% means that the " +
      "channel lets nothing through for this sample",
  },
  {
    name: "nonfinite",
    title: "non-finite",
    definition: "Number of values that are NaN, +Inf or -Inf",
  },
];

/** What is measured of a unit over all samples besides. */
export const SATURATED_DEFINITION =
  `Share of values within ${formatShare(SATURATION_MARGIN)} of a bound of the layer's ` +
  "activation (sigmoid, tanh, softmax, ReLU6, ...), where its gradient is next to " +
  "nothing";

/** What the ways to set the colours' range are for. */
export const RANGE_DEFINITIONS = {
  layer:
    "One range for all that is shown of the layer: the same colour is the same value " +
    "everywhere, so strong and weak channels compare",
  channel:
    "Each channel from its own lowest to its own highest value: shows the pattern " +
    "of weak channels too, but colours do not compare between channels",
  pinned:
    "One range at every step and sample, and for both runs that are compared: from the " +
    "layer's lowest to its highest value over all samples at the first and the last " +
    "captured step. A difference reaches as far as two values in it can be apart",
  typed:
    "From the one number to the other, at every step, sample and layer. A difference " +
    "reaches as far as the two are apart",
} as const;

/** What the side panel's facts mean, by the names that stand before them. */
export const FACT_DEFINITIONS = {
  Path: "Where the layer is in the model, as Keras names it; unique in the model",
  Calls:
    "How often one forward pass calls the layer. Every call uses the same variables",
  "Takes from": "Layers whose outputs it is called with",
  Input: "Shapes and dtypes of this call's inputs; None = any size, like the batch",
  Output:
    "Shapes and dtypes of what this call returns; None = any size, like the batch",
  "Dtype policy":
    "In which dtype the layer computes, and in which it holds its variables",
  Trainable: "Whether training may change the layer's variables",
  Parameters:
    "Elements of all variables of the layer and of the layers in it, and their size",
  "Multiply-adds":
    "Multiplications with the addition that follows each, for one sample and one " +
    "forward pass, over all calls. By a formula per class of layer; what has none " +
    "is counted as unknown",
  Activations:
    "Size of all outputs in it for one sample and one forward pass. Training holds " +
    "about that much per sample until the backward pass has used it",
  "Optimizer params":
    "What the optimizer keeps of its own, like Adam's two moments of each parameter",
  Source: "Where its class begins",
} as const;

/** A name that is defined. */
export type FactName = keyof typeof FACT_DEFINITIONS;
