/** Which channels are shown, by what is the matter with them. */

import {
  ACTIVATION_STATS,
  type LayerActivation,
  SATURATED_SHARE,
} from "../../wire/generated";
import { type Tensors, takeTensor } from "../../wire/safetensors";
import type { ActivationData } from "../tensor_view";

export const FILTERS = ["all", "dead", "saturated", "nonfinite", "constant"] as const;

/** Which channels are shown. */
export type ChannelFilter = (typeof FILTERS)[number];

/** What was measured of each channel, over all samples of the probe or over one. */
export interface UnitMeasures {
  /** `[C, S]` with the columns `ACTIVATION_STATS`. */
  readonly stats: Float32Array;
  /** `[C]`: share of saturated values; null where the activation has no bounds. */
  readonly saturated: Float32Array | null;
}

/** Reads what was measured of each channel over all samples. */
export function readUnitMeasures(
  tensors: Tensors,
  entry: LayerActivation,
): UnitMeasures {
  const what = `The units of ${entry.path.slice(0, 200)}`;
  return {
    stats: takeTensor(tensors, "stats", Float32Array, what).values,
    saturated: tensors.has("saturated")
      ? takeTensor(tensors, "saturated", Float32Array, what).values
      : null,
  };
}

/** Which channels are in which state. */
export interface ChannelStates {
  /** Whether all samples were looked at, and not only the one that is shown. */
  readonly overAll: boolean;
  /** Channels of a state, ascending; null where it cannot be told. */
  readonly of: Readonly<Record<ChannelFilter, readonly number[] | null>>;
}

/**
 * Sorts out the channels of a layer.
 *
 * @param data What is shown.
 * @param units What was measured over all samples; null = only this one counts.
 */
export function judgeChannels(
  data: ActivationData,
  units: UnitMeasures | null,
): ChannelStates {
  const all = Array.from({ length: data.entry.channels }, (_, channel) => channel);
  const stat = (channel: number, name: (typeof ACTIVATION_STATS)[number]) =>
    units === null
      ? data.stat(channel, name)
      : (units.stats[
          channel * ACTIVATION_STATS.length + ACTIVATION_STATS.indexOf(name)
        ] ?? Number.NaN);
  const isConstant = (channel: number) =>
    stat(channel, "nonfinite") === 0 && stat(channel, "min") === stat(channel, "max");
  const saturated = units?.saturated ?? null;
  return {
    overAll: units !== null,
    of: {
      all,
      dead: all.filter((one) => isConstant(one) && stat(one, "max") === 0),
      constant: all.filter(isConstant),
      nonfinite: all.filter((one) => stat(one, "nonfinite") > 0),
      saturated:
        saturated === null
          ? null
          : all.filter((one) => (saturated[one] ?? 0) > SATURATED_SHARE),
    },
  };
}
