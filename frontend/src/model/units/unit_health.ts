/** How many units of each layer are dead, saturated, ...: shares, order, sentences. */

import type { UnitHealth, UnitHealthLayer } from "../../wire/generated";
import { formatCount, formatShare } from "../format";
import { findHealthKind, type HealthKind, type HealthOrder } from "./health_kinds";

/** Longer paths would leave no room for anything else. */
const MAX_PATH = 200;

/** Units in a state at a step, by position; null = that was not counted. */
export function countAt(
  layer: UnitHealthLayer,
  kind: HealthKind,
  at: number,
): number | null {
  return layer[kind][at] ?? null;
}

/** Share of the layer's units that are in a state; null = that was not counted. */
export function shareAt(
  layer: UnitHealthLayer,
  kind: HealthKind,
  at: number,
): number | null {
  const count = countAt(layer, kind, at);
  return count === null || layer.units === 0 ? null : count / layer.units;
}

/** Whether units of the layer can be in the state at all. */
export function isCounted(layer: UnitHealthLayer, kind: HealthKind): boolean {
  return layer[kind].some((count) => count !== null);
}

/** Units of all layers in a state at a step, of those that were counted. */
export function totalAt(
  health: UnitHealth,
  kind: HealthKind,
  at: number,
): { readonly count: number; readonly units: number } {
  let count = 0;
  let units = 0;
  for (const layer of health.layers) {
    const own = countAt(layer, kind, at);
    if (own !== null) {
      count += own;
      units += layer.units;
    }
  }
  return { count, units };
}

/**
 * Positions of the layers in an order: the worst are those with the largest share
 * at the step, then those that were worst at any.
 */
export function orderLayers(
  health: UnitHealth,
  kind: HealthKind,
  order: HealthOrder,
  at: number,
): number[] {
  const positions = health.layers.map((_, position) => position);
  if (order === "layer") {
    return positions;
  }
  const keys = health.layers.map((layer) => {
    const shares = health.steps.map((_, step) => shareAt(layer, kind, step) ?? -1);
    return [shares[at] ?? -1, Math.max(-1, ...shares)] as const;
  });
  return positions.sort((a, b) => {
    const [nowA = -1, everA = -1] = keys[a] ?? [];
    const [nowB = -1, everB = -1] = keys[b] ?? [];
    return nowB - nowA || everB - everA || a - b;
  });
}

/** A layer's name, with the call and the output where it has several. */
export function layerName(health: UnitHealth, layer: UnitHealthLayer): string {
  const path = layer.path.slice(0, MAX_PATH);
  const same = health.layers.filter((other) => other.path === layer.path);
  if (same.length < 2) {
    return path;
  }
  const calls = new Set(same.map((other) => other.call)).size > 1;
  const outputs = new Set(same.map((other) => other.output)).size > 1;
  const parts = [
    ...(calls ? [`call ${layer.call}`] : []),
    ...(outputs ? [layer.name === "" ? `output ${layer.output}` : layer.name] : []),
  ];
  return `${path} (${parts.join(", ")})`;
}

/** "for all 8 samples", as far as the number is known. */
export function samplesPhrase(samples: number): string {
  return samples > 1
    ? `for all ${formatCount(samples)} samples`
    : samples === 1
      ? "for the one sample"
      : "for every sample";
}

/** What a cell of the map stands for. */
export function describeCell(
  health: UnitHealth,
  layer: UnitHealthLayer,
  kind: HealthKind,
  at: number,
  samples: number,
): string {
  const name = layerName(health, layer);
  const step = formatCount(health.steps[at] ?? 0);
  const count = countAt(layer, kind, at);
  if (count === null) {
    return kind === "saturated" && !isCounted(layer, kind)
      ? `The activation of ${name} has no bounds, so its units cannot saturate`
      : `The capture at step ${step} counts no units of ${name}`;
  }
  const phrase = findHealthKind(kind)?.phrase ?? kind;
  const all =
    kind === "dead" || kind === "constant" ? ` ${samplesPhrase(samples)}` : "";
  const verb = count === 1 ? "is" : "are";
  return (
    `${formatCount(count)} of ${formatCount(layer.units)} units of ${name} ` +
    `${verb} ${phrase}${all} at step ${step}`
  );
}

/** What the map shows, in a sentence: which layers, and which is the worst. */
export function summarizeHealth(
  health: UnitHealth,
  kind: HealthKind,
  at: number,
  samples: number,
): string {
  const step = formatCount(health.steps[at] ?? 0);
  const phrase = findHealthKind(kind)?.phrase ?? kind;
  const all =
    kind === "dead" || kind === "constant" ? ` ${samplesPhrase(samples)}` : "";
  if (!health.layers.some((layer) => isCounted(layer, kind))) {
    return kind === "saturated"
      ? "No layer here has an activation with bounds, such as tanh or sigmoid, so " +
          "that none can saturate"
      : "No capture counts these units";
  }
  const here = worstAt(health, kind, at);
  if (here !== null) {
    const layers = health.layers.filter((layer) => (countAt(layer, kind, at) ?? 0) > 0);
    return (
      `${layers.length === 1 ? "1 layer has" : `${formatCount(layers.length)} layers have`} ` +
      `units that are ${phrase}${all} at step ${step}; worst: ` +
      `${layerName(health, here)}, ${ofUnits(here, kind, at)}`
    );
  }
  const none = `No unit is ${phrase}${all} at step ${step}`;
  const steps = health.steps.map((_, other) => other);
  const most = steps.reduce<number | null>((best, other) => {
    const { count } = totalAt(health, kind, other);
    return count > (best === null ? 0 : totalAt(health, kind, best).count)
      ? other
      : best;
  }, null);
  const then = most === null ? null : worstAt(health, kind, most);
  return most === null || then === null
    ? `${none}, nor at any other captured step`
    : `${none}; most were at step ${formatCount(health.steps[most] ?? 0)}, worst: ` +
        `${layerName(health, then)}, ${ofUnits(then, kind, most)}`;
}

/** The layer with the largest share in a state; null if none has any. */
export function worstAt(
  health: UnitHealth,
  kind: HealthKind,
  at: number,
): UnitHealthLayer | null {
  let worst: UnitHealthLayer | null = null;
  let most = 0;
  for (const layer of health.layers) {
    const share = shareAt(layer, kind, at) ?? 0;
    if (share > most) {
      most = share;
      worst = layer;
    }
  }
  return worst;
}

function ofUnits(layer: UnitHealthLayer, kind: HealthKind, at: number): string {
  const count = countAt(layer, kind, at) ?? 0;
  const share = formatShare(count / layer.units);
  return `${formatCount(count)} of ${formatCount(layer.units)} (${share})`;
}
