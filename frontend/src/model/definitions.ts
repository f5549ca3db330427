/** What the words on the screen mean, for their tooltips. */

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

/** What the two ways to set the colours' range are for. */
export const RANGE_DEFINITIONS = {
  layer:
    "One range for all channels of the layer: the same colour is the same value " +
    "everywhere, so strong and weak channels compare",
  channel:
    "Each channel from its own lowest to its own highest value: shows the pattern " +
    "of weak channels too, but colours do not compare between channels",
} as const;
