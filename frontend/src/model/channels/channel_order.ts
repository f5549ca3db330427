/** Orders of a layer's channels. */

import { STATS } from "../definitions";
import type { ActivationData, StatName } from "../tensor_view";
import { CHANGE_DEFINITION, channelChange } from "./channel_change";

/** By what channels are ordered. */
export type ChannelOrder =
  | "index"
  | Exclude<StatName, "min">
  | "change"
  | "change_first"
  | "difference";

/** An order as it is called on the screen, and what it goes by. */
export interface OrderDefinition {
  readonly order: ChannelOrder;
  readonly title: string;
  readonly definition: string;
}

function stat(order: Exclude<StatName, "min">, title: string): OrderDefinition {
  const found = STATS.find((one) => one.name === order);
  return { order, title, definition: found?.definition ?? "" };
}

/** All orders, in which they are offered. */
export const ORDERS: readonly OrderDefinition[] = [
  {
    order: "index",
    title: "index",
    definition: "Index of the channel in the layer's output",
  },
  stat("mean", "mean"),
  stat("max", "max"),
  stat("std", "spread (std)"),
  stat("zero_fraction", "sparsity (zeros)"),
  stat("nonfinite", "non-finite"),
  {
    order: "change",
    title: "change since previous step",
    definition: `Change since the captured step before: ${CHANGE_DEFINITION}`,
  },
  {
    order: "change_first",
    title: "change since first step",
    definition: `Change since the first captured step: ${CHANGE_DEFINITION}`,
  },
  {
    order: "difference",
    title: "difference to A",
    definition: `Difference to what is compared with: ${CHANGE_DEFINITION}`,
  },
];

/** Finds an order by its name. */
export function findOrder(name: string | undefined): ChannelOrder | null {
  return ORDERS.find((one) => one.order === name)?.order ?? null;
}

/** Whether an order shows its highest values first, unless it is reversed. */
export function isDescending(order: ChannelOrder, reversed: boolean): boolean {
  return (order !== "index") !== reversed;
}

/**
 * What channels are ordered by.
 *
 * @param order Which order.
 * @param data What is shown.
 * @param reference What a change is measured against; null = not there (yet).
 * @returns null where the order is that of the indices.
 */
export function orderKeys(
  order: ChannelOrder,
  data: ActivationData,
  reference: ActivationData | null,
): Float64Array | null {
  const keys = (keyOf: (channel: number) => number) =>
    Float64Array.from({ length: data.entry.channels }, (_, channel) => keyOf(channel));
  switch (order) {
    case "index":
      return null;
    case "change":
    case "change_first":
    case "difference":
      return reference === null
        ? null
        : keys((channel) => channelChange(reference, data, channel));
    default:
      return keys((channel) => data.stat(channel, order));
  }
}

/**
 * Channels by their keys; equal ones by index, and what is no number last.
 *
 * @param channels In ascending order.
 * @param keys One per channel of the layer; null = the order of the indices.
 */
export function sortChannels(
  channels: readonly number[],
  keys: Float64Array | null,
  descending: boolean,
): number[] {
  const sorted = [...channels];
  if (keys === null) {
    return descending ? sorted.reverse() : sorted;
  }
  const sign = descending ? -1 : 1;
  return sorted.sort((a, b) => {
    const left = keys[a] ?? Number.NaN;
    const right = keys[b] ?? Number.NaN;
    if (Number.isNaN(left) || Number.isNaN(right)) {
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || a - b;
    }
    return left === right ? a - b : sign * (left < right ? -1 : 1);
  });
}
