/** What of a layer is shown: one capture, or two that are compared. */

import { useMemo } from "preact/hooks";
import type { ChannelMaps } from "../../model/channels/channel_maps";
import {
  type ChannelScales,
  createDifferenceScales,
  createScales,
} from "../../model/channels/channel_scales";
import { findMisfit, MapDifference } from "../../model/channels/map_difference";
import type { ActivationData } from "../../model/tensor_view";
import type { ComparisonTarget } from "../../state/activation_comparison";
import type { ActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { LayerActivation, ProbeIndex } from "../../wire/generated";

/** One of the captures that are shown. */
export interface Side {
  /** "A" or "B"; empty if nothing is compared. */
  readonly name: string;
  /** What it is, such as "step 10"; empty if nothing is compared. */
  readonly title: string;
  readonly data: ActivationData;
}

/** What of a layer is shown. */
export interface ShownLayer {
  /** What was selected. */
  readonly data: ActivationData;
  /** A, which is compared with, and B, which was selected; B alone without it. */
  readonly sides: readonly Side[];
  /** B - A, where it is wanted and can be had. */
  readonly difference: MapDifference | null;
  /** What is drawn beside each other. */
  readonly panes: readonly ChannelMaps[];
  readonly scales: ChannelScales;
}

/** Whether two entries are of the same output of the same layer. */
export function isSameOutput(a: LayerActivation, b: LayerActivation): boolean {
  return a.path === b.path && a.call === b.call && a.output === b.output;
}

/** What is compared with, once it is there and is the same output. */
export function comparedData(
  state: ActivationsState,
  data: ActivationData,
): ActivationData | null {
  const { comparison } = state.grid;
  const found = shownValue(comparison.data.value);
  return comparison.target.value === null ||
    found === undefined ||
    "missing" in found ||
    !isSameOutput(found.entry, data.entry) ||
    found.entry.kind !== data.entry.kind
    ? null
    : found;
}

/** Works out what is shown of a layer, from what was selected and compared. */
export function useShownLayer(
  store: Store,
  state: ActivationsState,
  data: ActivationData,
): ShownLayer {
  const dark = store.page.dark.value;
  const { range, difference: asDifference } = store.grid.value;
  const other = comparedData(state, data);
  const target = state.grid.comparison.target.value;
  const probe = shownValue(state.probe.value);
  const run = store.run.value ?? "";
  const here = {
    run,
    step: state.captureStep.value ?? 0,
    sample: state.sample.value,
  };
  const pinned = shownValue(state.grid.pinned.value)?.range ?? null;

  const difference = useMemo(
    () =>
      other !== null && asDifference && findMisfit(other.entry, data.entry) === ""
        ? new MapDifference(other, data)
        : null,
    [other, data, asDifference],
  );
  const panes = useMemo((): readonly ChannelMaps[] => {
    if (difference !== null) {
      return [difference];
    }
    return other === null ? [data] : [other, data];
  }, [difference, other, data]);
  const scales = useMemo(
    () =>
      difference === null
        ? createScales(panes, range, pinned, dark)
        : createDifferenceScales(difference, range, pinned, dark),
    [panes, difference, range, pinned, dark],
  );
  const sides: Side[] =
    other === null || target === null
      ? [{ name: "", title: "", data }]
      : [
          { name: "A", title: titleOf(target, here, probe), data: other },
          { name: "B", title: titleOf(here, target, probe), data },
        ];
  return { data, sides, difference, panes, scales };
}

/** What tells a capture from the one that it is compared with. */
export function titleOf(
  one: ComparisonTarget,
  other: ComparisonTarget,
  probe: ProbeIndex | undefined,
): string {
  const parts: string[] = [];
  if (one.run !== other.run) {
    parts.push(one.run.slice(0, 100));
  }
  if (one.sample !== other.sample) {
    const label = probe?.labels[one.sample];
    parts.push(`sample ${one.sample}${label ? ` (${label.slice(0, 40)})` : ""}`);
  }
  if (one.step !== other.step || parts.length === 0) {
    parts.push(`step ${one.step}`);
  }
  return parts.join(", ");
}
