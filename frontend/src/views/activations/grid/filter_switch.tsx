/** Chooses which channels are shown, by what is the matter with them. */

import { Choices } from "../../../components/choices";
import {
  type ChannelFilter,
  type ChannelStates,
  FILTERS,
} from "../../../model/channels/channel_filter";
import { formatCount } from "../../../model/format";
import type { Store } from "../../../state/store";
import { SATURATED_SHARE, SATURATION_MARGIN } from "../../../wire/generated";

export const FILTER_NAMES: Record<ChannelFilter, string> = {
  all: "All",
  dead: "Dead",
  saturated: "Saturated",
  nonfinite: "Non-finite",
  constant: "Constant",
};

/**
 * What a filter looks for.
 *
 * @param filter Which one.
 * @param scope Where it looks, such as "all 8 samples of the probe".
 */
export function defineFilter(filter: ChannelFilter, scope: string): string {
  switch (filter) {
    case "all":
      return "All channels of the layer";
    case "dead":
      return `Exactly zero at every position of ${scope}`;
    case "saturated":
      return (
        `More than ${SATURATED_SHARE * 100}% of the values over ${scope} are within ` +
        `${SATURATION_MARGIN * 100}% of a bound of the layer's activation, where its ` +
        "gradient is next to none"
      );
    case "nonfinite":
      return `NaN or infinite somewhere in ${scope}`;
    default:
      return `One and the same finite value at every position of ${scope}; the dead are among them`;
  }
}

/** A button for each filter, with how many channels it leaves. */
export function FilterSwitch({
  store,
  states,
  samples,
  marks = false,
}: {
  store: Store;
  states: ChannelStates;
  /** Samples that were measured. */
  samples: number;
  /** Whether the others stay, and these are marked among them. */
  marks?: boolean;
}) {
  const { filter } = store.grid.value;
  const scope = scopeOf(states, samples);
  return (
    <Choices
      label={marks ? "Units that are marked" : "Channels that are shown"}
      choices={FILTERS.map((one) => {
        const count = states.of[one]?.length ?? null;
        return {
          value: one,
          title: (
            <>
              {FILTER_NAMES[one]}
              {count !== null && <span class="kv-count">{formatCount(count)}</span>}
            </>
          ),
          hint:
            count === null
              ? "The layer's activation has no bounds, or the log does not say which it is"
              : defineFilter(one, scope),
          disabled: count === null && filter !== one,
        };
      })}
      chosen={filter}
      onChoose={(one) => store.setGrid({ filter: one })}
    />
  );
}

/** Over what the channels were judged, in words. */
export function scopeOf(states: ChannelStates, samples: number): string {
  if (!states.overAll) {
    return "this sample (the log holds no statistics over all samples)";
  }
  return samples === 1 ? "the one sample of the probe" : `all ${samples} samples`;
}
