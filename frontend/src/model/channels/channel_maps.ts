/** What can be drawn as a map per channel: what was logged, or a difference of two. */

import type { LayerActivation } from "../../wire/generated";
import { unionRange, type ValueRange } from "../value_range";

/**
 * Maps of a layer's channels.
 *
 * `position` is where a channel's map lies among those that there are, `channel`
 * its index in the layer's output, `cell` counts along the rows of a map.
 */
export interface ChannelMaps {
  readonly entry: LayerActivation;
  /** Number of maps. */
  readonly count: number;
  /** Cells of one map. */
  readonly cells: number;
  channelAt(position: number): number;
  /** null = there is no map of this channel. */
  positionOf(channel: number): number | null;
  /** Value of a cell; whatever is no finite number as it is. */
  valueAt(position: number, cell: number): number;
  /** Code of what kind of number a cell holds; see `NONFINITE_NAMES`. */
  markAt(position: number, cell: number): number;
  /** Lowest and highest finite value; null if there is none. */
  rangeOf(position: number): ValueRange | null;
  /** Whether all values of a channel are finite and one and the same. */
  isConstant(channel: number): boolean;
  /** Whether a channel has a value that is not finite. */
  isBroken(channel: number): boolean;
}

/** Range of all maps; null if nothing is finite. */
export function rangeOfAll(maps: ChannelMaps): ValueRange | null {
  return unionRange(
    Array.from({ length: maps.count }, (_, position) => maps.rangeOf(position)),
  );
}

/** Range of one channel; null if it has no map or nothing finite. */
export function rangeOfChannel(maps: ChannelMaps, channel: number): ValueRange | null {
  const position = maps.positionOf(channel);
  return position === null ? null : maps.rangeOf(position);
}
