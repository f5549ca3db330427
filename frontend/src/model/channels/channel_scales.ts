/** Which range of values the colours of a layer's channels stand for. */

import type { LayerActivation } from "../../wire/generated";
import {
  type ColorScale,
  createColorScale,
  createDifferenceScale,
  createFixedScale,
} from "../color_scale";
import { unionRange, type ValueRange } from "../value_range";
import { type ChannelMaps, rangeOfAll, rangeOfChannel } from "./channel_maps";

/**
 * What the range is taken from: all maps that are shown, each channel's own, the
 * layer over its steps and samples, or two numbers.
 */
export type RangeChoice = "layer" | "channel" | "pinned" | ValueRange;

/** The colours of a layer. */
export interface ChannelScales {
  /** The colours of all channels; of none where each has its own. */
  readonly layer: ColorScale;
  /** Whether each channel has its own. */
  readonly own: boolean;
  /** Whether something that is shown lies below the lowest colour. */
  readonly below: boolean;
  /** Whether something that is shown lies above the highest colour. */
  readonly above: boolean;
  /** Colours of a channel. */
  of(channel: number): ColorScale;
}

/** Positions of the lowest and the highest value in a layer's summary. */
const LOWEST = 0;
const HIGHEST = 1;

/**
 * The range of a layer in several captures, over all their samples and channels.
 *
 * @param entries What the captures say of the layer.
 * @returns null where none has a finite value, and for logs that do not say.
 */
export function pinnedRange(entries: readonly LayerActivation[]): ValueRange | null {
  return unionRange(
    entries.map(({ summary }) => {
      const low = summary[LOWEST];
      const high = summary[HIGHEST];
      return typeof low === "number" && typeof high === "number" ? { low, high } : null;
    }),
  );
}

/**
 * Colours for what is shown side by side: a value has one colour in all of it.
 *
 * A layer that has negative values is centred at zero in each of its channels, so
 * that a colour's hue means the same in all of them.
 *
 * @param shown One, or the two that are compared.
 * @param choice What the range is taken from.
 * @param pinned The range for `pinned`; without it the layer's is taken.
 * @param dark Whether the page is dark.
 */
export function createScales(
  shown: readonly ChannelMaps[],
  choice: RangeChoice,
  pinned: ValueRange | null,
  dark: boolean,
): ChannelScales {
  const seen = unionRange(shown.map(rangeOfAll));
  const range = seen ?? { low: 0, high: 0 };
  if (choice === "channel") {
    const layer = createColorScale(range.low, range.high, dark);
    const signed = layer.kind === "diverging";
    return {
      ...UNCLIPPED,
      own: true,
      layer,
      of: (channel) => {
        const own = unionRange(shown.map((maps) => rangeOfChannel(maps, channel)));
        return own === null ? layer : createColorScale(own.low, own.high, dark, signed);
      },
    };
  }
  const fixed = typeof choice === "object" ? choice : null;
  const wanted = fixed ?? (choice === "pinned" ? pinned : null) ?? range;
  const layer =
    fixed === null
      ? createColorScale(wanted.low, wanted.high, dark)
      : createFixedScale(wanted.low, wanted.high, dark);
  return everywhere(layer, seen);
}

/**
 * Colours of a difference: the same strength on both sides of zero.
 *
 * With a fixed range they reach as far as two values in it can be apart, so that
 * they too are the same at every step.
 */
export function createDifferenceScales(
  difference: ChannelMaps,
  choice: RangeChoice,
  pinned: ValueRange | null,
  dark: boolean,
): ChannelScales {
  const seen = rangeOfAll(difference);
  const most = (range: ValueRange | null) =>
    range === null ? 0 : Math.max(Math.abs(range.low), Math.abs(range.high));
  if (choice === "channel") {
    return {
      ...UNCLIPPED,
      own: true,
      layer: createDifferenceScale(most(seen), dark),
      of: (channel) =>
        createDifferenceScale(most(rangeOfChannel(difference, channel)), dark),
    };
  }
  const fixed = choice === "layer" ? null : choice === "pinned" ? pinned : choice;
  const reach = fixed === null ? most(seen) : fixed.high - fixed.low;
  return everywhere(createDifferenceScale(reach, dark), seen);
}

const UNCLIPPED = { below: false, above: false };

function everywhere(layer: ColorScale, seen: ValueRange | null): ChannelScales {
  // What was rounded for the log may lie beyond the range by that much.
  const slack = (layer.high - layer.low) / 500;
  return {
    layer,
    own: false,
    below: seen !== null && seen.low < layer.low - slack,
    above: seen !== null && seen.high > layer.high + slack,
    of: () => layer,
  };
}
