/** How activations are shown: what somebody chose, and the colours that follow. */

import { type ColorScale, createColorScale } from "../../model/color_scale";
import type { ActivationData, StatName } from "../../model/tensor_view";
import { createPreference } from "../../state/preference";

export type RangeMode = "layer" | "channel";
export type Order = "index" | StatName;

/** Whether the colours' range is the layer's or each channel's own. */
export const rangeMode = createPreference<RangeMode>(
  "range",
  "layer",
  (value): value is RangeMode => value === "layer" || value === "channel",
);

/** Pixels of a map's longer side in the grid; null = so that all are in view. */
export const mapSize = createPreference<number | null>(
  "map_size",
  null,
  (value): value is number | null =>
    value === null || (typeof value === "number" && value >= 16 && value <= 320),
);

/** Whether a layer is shown as its maps or as the table of its channels. */
export const presentation = createPreference<"maps" | "statistics">(
  "presentation",
  "maps",
  (value): value is "maps" | "statistics" => value === "maps" || value === "statistics",
);

/** Orders of the grid, with the words for them. */
export const ORDERS: readonly { order: Order; title: string }[] = [
  { order: "index", title: "index" },
  { order: "max", title: "highest max" },
  { order: "std", title: "highest std" },
  { order: "zero_fraction", title: "most zeros" },
  { order: "nonfinite", title: "most non-finite" },
];

/** Colours of the map at a position. */
export type ScaleOf = (position: number) => ColorScale;

/** Colours of the layer as a whole. */
export function layerScale(data: ActivationData, dark: boolean): ColorScale {
  const { low, high } = data.range();
  return createColorScale(low, high, dark);
}

/**
 * Colours of each map.
 *
 * A layer that has negative values is centred at zero in each of its channels,
 * so that a colour's hue means the same in all of them.
 */
export function createScaleOf(
  data: ActivationData,
  mode: RangeMode,
  dark: boolean,
): ScaleOf {
  const layer = layerScale(data, dark);
  if (mode === "layer") {
    return () => layer;
  }
  const signed = layer.kind === "diverging";
  return (position) => {
    const range = data.rangeOf(position);
    return range === null
      ? layer
      : createColorScale(range.low, range.high, dark, signed);
  };
}

/** Positions of the kept maps in an order; equal ones stay by index. */
export function orderPositions(data: ActivationData, order: Order): number[] {
  const positions = Array.from({ length: data.count }, (_, position) => position);
  if (order === "index") {
    return positions;
  }
  const keys = positions.map((position) => data.stat(data.channelAt(position), order));
  const rank = (position: number) => {
    const key = keys[position] ?? Number.NaN;
    return Number.isNaN(key) ? Number.NEGATIVE_INFINITY : key;
  };
  return positions.sort((a, b) => {
    const difference = rank(b) - rank(a);
    return Number.isNaN(difference) || difference === 0 ? a - b : difference;
  });
}
