/** Finds and orders the layers of a capture by what one wants to see of them. */

import type { LayerActivation } from "../../wire/generated";
import { ACTIVATION_STATS } from "../../wire/generated";
import { findHealthKind, HEALTH_KINDS, type HealthKind } from "../units/health_kinds";

/** A layer as the list knows it. */
export interface QueriedLayer {
  readonly path: string;
  readonly entries: readonly LayerActivation[];
}

/** By what layers are ordered. */
export type LayerOrder = "executed" | "dead" | "saturated" | "nonfinite" | "zeros";

/** Orders with the words for them. */
export const LAYER_ORDERS: readonly { order: LayerOrder; title: string }[] = [
  { order: "executed", title: "in order" },
  { order: "dead", title: "most dead" },
  { order: "saturated", title: "most saturated" },
  { order: "nonfinite", title: "most non-finite" },
  { order: "zeros", title: "most zeros" },
];

/** Words that find layers by the state of their units. */
const STATE_WORDS: Readonly<Record<string, HealthKind>> = {
  dead: "dead",
  saturated: "saturated",
  constant: "constant",
  nan: "nonfinite",
  inf: "nonfinite",
  nonfinite: "nonfinite",
  "non-finite": "nonfinite",
};

/** Units of a layer that are in a state, over its calls and outputs. */
export interface CountedUnits {
  readonly kind: HealthKind;
  readonly count: number;
  readonly units: number;
}

/** A statistic over all channels and samples; null where there is none. */
export function summaryOf(
  entry: LayerActivation,
  name: (typeof ACTIVATION_STATS)[number],
): number | null {
  return entry.summary[ACTIVATION_STATS.indexOf(name)] ?? null;
}

/** Units in a state; none where nothing was counted. */
export function countUnits(layer: QueriedLayer, kind: HealthKind): CountedUnits {
  let count = 0;
  let units = 0;
  for (const entry of layer.entries) {
    const own = entry.unit_counts?.[kind] ?? null;
    if (own !== null) {
      count += own;
      units += entry.channels;
    }
  }
  return { kind, count, units };
}

/** What is the matter with a layer: the states that units of it are in. */
export function findTroubles(layer: QueriedLayer): CountedUnits[] {
  return HEALTH_KINDS.filter(({ kind }) => kind !== "constant")
    .map(({ kind }) => countUnits(layer, kind))
    .filter(({ count }) => count > 0);
}

/**
 * Whether a layer is meant by what somebody typed: by all of its words, each of
 * which is part of the path or of a class, or a state of units such as "dead".
 */
export function isMeant(layer: QueriedLayer, typed: string): boolean {
  const path = layer.path.toLowerCase();
  const classes = layer.entries.map((entry) => entry.class_name.toLowerCase());
  const words = typed.toLowerCase().split(/\s+/);
  return words.every((word) => {
    const state = Object.hasOwn(STATE_WORDS, word) ? STATE_WORDS[word] : undefined;
    return (
      path.includes(word) ||
      classes.some((name) => name.includes(word)) ||
      (state !== undefined && countUnits(layer, state).count > 0)
    );
  });
}

/** Layers in an order; what was not counted comes last, equal ones stay as executed. */
export function orderLayers<T extends QueriedLayer>(
  layers: readonly T[],
  order: LayerOrder,
): readonly T[] {
  if (order === "executed") {
    return layers;
  }
  const keys = new Map(layers.map((layer) => [layer, orderKey(layer, order)]));
  return [...layers].sort((a, b) => (keys.get(b) ?? -1) - (keys.get(a) ?? -1));
}

function orderKey(layer: QueriedLayer, order: Exclude<LayerOrder, "executed">): number {
  if (order === "zeros") {
    const shares = layer.entries.map(
      (entry) => summaryOf(entry, "zero_fraction") ?? -1,
    );
    return Math.max(-1, ...shares);
  }
  const { count, units } = countUnits(layer, order);
  return units === 0 ? -1 : count / units;
}

/** "48 of 64 units are dead", with what that means. */
export function describeTrouble({ kind, count, units }: CountedUnits): string {
  const found = findHealthKind(kind);
  const word = found?.title.toLowerCase() ?? kind;
  return (
    `${count} of ${units} units ${count === 1 ? "is" : "are"} ${word}. ` +
    `${found?.definition ?? ""}`
  );
}
