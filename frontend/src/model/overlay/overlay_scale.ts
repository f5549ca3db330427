/** Which colour each value of an overlay has, and what its legend says. */

import { type ColorScale, colorIndex, createColorScale } from "../color_scale";
import { formatMetric, isStatistic, type Metric } from "./metrics";
import { NO_DATA, type NodeValues } from "./overlay";

/** Levels that are no colour of the scale. */
export const NO_DATA_LEVEL = -1;
/** Zero where the scale has no place for it: nothing of what is counted. */
export const ZERO_LEVEL = -2;
export const NAN_LEVEL = -3;
export const INFINITE_LEVEL = -4;

/** Values that span more than this factor are told apart by their logarithm. */
const LOG_FACTOR = 100;
const MOST_TICKS = 5;

/** A number beside the colours. */
export interface Tick {
  /** Where, from 0 at the low end to 1 at the high end. */
  readonly at: number;
  readonly text: string;
}

/** From values to levels. */
export interface OverlayScale {
  readonly kind: "linear" | "log" | "diverging";
  /** Of the values themselves, or of their decimal logarithms. */
  readonly colors: ColorScale;
  readonly ticks: readonly Tick[];
  /** Whether zero has no colour but is drawn plain. */
  readonly plainZero: boolean;
}

/** What a scale is made for. */
interface Range {
  low: number;
  high: number;
  /** Lowest value above zero. */
  least: number;
}

/**
 * The scale of the values of some nodes; null if none of them has a finite one.
 *
 * Logarithmic where the values span more than two decades and none is negative,
 * diverging around zero where some are. Of counts, nothing is drawn plain.
 */
export function createOverlayScale(
  values: NodeValues,
  nodes: Iterable<number>,
  dark: boolean,
): OverlayScale | null {
  const { metric } = values;
  const range = rangeOf(values, nodes);
  if (range === null) {
    return null;
  }
  if (metric.format === "share") {
    // Always all of it: the same colour is the same share at every step.
    return linear(metric, 0, 1, dark, false);
  }
  const counted = !isStatistic(metric) || metric.format === "count";
  if (range.low < 0) {
    const colors = createColorScale(range.low, range.high, dark, true);
    const ticks = [colors.low, 0, colors.high].map((value, i) => ({
      at: i / 2,
      text: formatMetric(metric, value, true),
    }));
    return { kind: "diverging", colors, ticks, plainZero: false };
  }
  if (range.high > LOG_FACTOR * range.least && range.high > 0) {
    return logarithmic(metric, range.least, range.high, dark);
  }
  if (counted) {
    return linear(metric, range.high > 0 ? range.least : 0, range.high, dark, true);
  }
  return linear(metric, range.low, range.high, dark, false);
}

/** Levels of all nodes, int16: 0 to 255 on the scale, negative for what is not. */
export function overlayLevels(
  values: NodeValues,
  scale: OverlayScale | null,
): Int16Array {
  return Int16Array.from(values.values, (value, node) =>
    values.states[node] === NO_DATA ? NO_DATA_LEVEL : levelOf(scale, value),
  );
}

/** The level of one value. */
export function levelOf(scale: OverlayScale | null, value: number): number {
  if (Number.isNaN(value)) {
    return NAN_LEVEL;
  }
  if (!Number.isFinite(value)) {
    return INFINITE_LEVEL;
  }
  if (scale === null || (value === 0 && scale.plainZero)) {
    return ZERO_LEVEL;
  }
  const shown = scale.kind === "log" ? Math.log10(value) : value;
  return colorIndex(scale.colors, shown);
}

function rangeOf(values: NodeValues, nodes: Iterable<number>): Range | null {
  const range: Range = {
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
    least: Number.POSITIVE_INFINITY,
  };
  for (const node of nodes) {
    const value = values.values[node] as number;
    if (values.states[node] === NO_DATA || !Number.isFinite(value)) {
      continue;
    }
    range.low = Math.min(range.low, value);
    range.high = Math.max(range.high, value);
    if (value > 0) {
      range.least = Math.min(range.least, value);
    }
  }
  return range.high === Number.NEGATIVE_INFINITY ? null : range;
}

function linear(
  metric: Metric,
  low: number,
  high: number,
  dark: boolean,
  plainZero: boolean,
): OverlayScale {
  const colors = createColorScale(low, high, dark, false);
  const places = low === high ? [0.5] : [0, 0.5, 1];
  const ticks = places.map((at) => {
    const value = low + (high - low) * at;
    const whole = metric.format === "count" ? Math.round(value) : value;
    return { at, text: formatMetric(metric, whole, true) };
  });
  return { kind: "linear", colors, ticks, plainZero };
}

function logarithmic(
  metric: Metric,
  low: number,
  high: number,
  dark: boolean,
): OverlayScale {
  const from = Math.log10(low);
  const to = Math.log10(high);
  const colors = createColorScale(from, to, dark, false);
  // Sizes in bytes are round in powers of two.
  const unit = metric.format === "bytes" ? Math.log10(4) : 1;
  const first = Math.ceil(from / unit - 1e-9);
  const last = Math.floor(to / unit + 1e-9);
  const most = metric.format === "bytes" ? MOST_TICKS - 1 : MOST_TICKS;
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticks: Tick[] = [];
  for (let power = first; power <= last; power += step) {
    const at = Math.min(1, Math.max(0, (power * unit - from) / (to - from)));
    ticks.push({ at, text: formatMetric(metric, 10 ** (power * unit), true) });
  }
  return { kind: "log", colors, ticks, plainZero: true };
}
