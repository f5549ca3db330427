/** Draws the units of a vector as bars, in strips where there are many. */

import { NONFINITE_COLORS } from "../model/color_scale";
import { formatValue } from "../model/format";
import type { ValueRange } from "../model/value_range";
import type { ThemeColor } from "../theme/theme";
import { rangeWithZero } from "./line_plot";

/** Where the bars of a vector lie. */
export interface BarLayout {
  readonly count: number;
  /** Units in one strip. */
  readonly perStrip: number;
  readonly strips: number;
  readonly barWidth: number;
  readonly stripHeight: number;
  /** Height of the part of a strip that bars fill. */
  readonly plotHeight: number;
  readonly height: number;
  readonly low: number;
  readonly high: number;
}

/** Room for the axis's numbers. */
export const AXIS = 62;
const RIGHT = 12;
const TOP = 18;
/** Room for the units' numbers. */
const BOTTOM = 20;
const MIN_BAR = 5;
const MAX_BAR = 64;
const STRIP_PLOT = 72;
const MAX_PLOT = 420;

/** Colours of bars on the two sides of zero. */
export interface SignColors {
  readonly above: string;
  readonly below: string;
}

/** The height says how much, the colour only on which side of zero. */
export const SIGN_COLORS: Readonly<Record<"light" | "dark", SignColors>> = {
  light: { above: "#d9822b", below: "#3a7cc0" },
  dark: { above: "#eda04f", below: "#6fb1f2" },
};

/**
 * Lays out the bars of a vector: in one strip if they fit.
 *
 * @param range What the axis reaches over; without it, the values and zero.
 */
export function layoutBars(
  values: readonly number[],
  width: number,
  height: number,
  range: ValueRange = rangeWithZero(values),
): BarLayout {
  const count = values.length;
  const room = Math.max(MIN_BAR, width - AXIS - RIGHT);
  const perStrip = Math.max(1, Math.min(count, Math.floor(room / MIN_BAR)));
  const strips = Math.max(1, Math.ceil(count / perStrip));
  // Equal strips, rather than a last one with three bars.
  const even = Math.max(1, Math.ceil(count / strips));
  const barWidth = Math.min(MAX_BAR, room / even);
  const free = height / strips - TOP - BOTTOM;
  const plotHeight = Math.max(STRIP_PLOT, Math.min(MAX_PLOT, Math.floor(free)));
  const stripHeight = plotHeight + TOP + BOTTOM;
  return {
    count,
    perStrip: even,
    strips,
    barWidth,
    stripHeight,
    plotHeight,
    height: strips * stripHeight,
    low: range.low,
    high: range.high > range.low ? range.high : range.low + 1,
  };
}

/** The unit at a place; null if there is none. */
export function unitAt(layout: BarLayout, x: number, y: number): number | null {
  const column = Math.floor((x - AXIS) / layout.barWidth);
  const strip = Math.floor(y / layout.stripHeight);
  const unit = strip * layout.perStrip + column;
  return column < 0 ||
    column >= layout.perStrip ||
    strip < 0 ||
    unit < 0 ||
    unit >= layout.count
    ? null
    : unit;
}

/** Where a unit's bar lies: its left edge and the top of its strip. */
export function barCorner(layout: BarLayout, unit: number): { x: number; y: number } {
  return {
    x: AXIS + (unit % layout.perStrip) * layout.barWidth,
    y: Math.floor(unit / layout.perStrip) * layout.stripHeight,
  };
}

/**
 * Draws the strips that are in view.
 *
 * @param values Value of each unit.
 * @param layout Where the bars lie.
 * @param top How far the view is scrolled.
 * @param height Height of the view.
 * @param selected Unit to mark.
 * @param found Units that were looked for, which stand on a band; null = none were.
 */
export function paintBars(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  layout: BarLayout,
  top: number,
  height: number,
  selected: number | null,
  color: (name: ThemeColor) => string,
  dark: boolean,
  found: ReadonlySet<number> | null = null,
): void {
  const colors = dark ? SIGN_COLORS.dark : SIGN_COLORS.light;
  const first = Math.max(0, Math.floor(top / layout.stripHeight));
  const last = Math.min(
    layout.strips - 1,
    Math.floor((top + height) / layout.stripHeight),
  );
  for (let strip = first; strip <= last; strip += 1) {
    context.save();
    context.translate(0, strip * layout.stripHeight - top);
    paintStrip(context, values, layout, strip, selected, color, colors, found);
    context.restore();
  }
}

function paintStrip(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  layout: BarLayout,
  strip: number,
  selected: number | null,
  color: (name: ThemeColor) => string,
  colors: SignColors,
  found: ReadonlySet<number> | null,
): void {
  const { low, high, plotHeight, barWidth, perStrip, count } = layout;
  const bottom = TOP + plotHeight;
  const y = (value: number) => bottom - (plotHeight * (value - low)) / (high - low);
  const from = strip * perStrip;
  const to = Math.min(count, from + perStrip);
  const right = AXIS + (to - from) * barWidth;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of new Set([low, 0, high])) {
    context.fillStyle = color("muted");
    context.fillText(formatValue(value), AXIS - 6, y(value));
    context.fillStyle = color(value === 0 ? "border-strong" : "border");
    context.fillRect(AXIS, Math.round(y(value)), right - AXIS, 1);
  }

  const gap = barWidth > 12 ? 3 : barWidth > 4 ? 1 : 0;
  for (let unit = from; unit < to; unit += 1) {
    const value = values[unit] ?? Number.NaN;
    const x = AXIS + (unit - from) * barWidth;
    if (unit === selected || found?.has(unit)) {
      context.fillStyle = color(unit === selected ? "accent-soft" : "warning-soft");
      context.fillRect(x, TOP - 14, barWidth, plotHeight + 14);
    }
    if (Number.isFinite(value)) {
      context.fillStyle = value >= 0 ? colors.above : colors.below;
      const height = Math.max(value === 0 ? 0 : 1, Math.abs(y(value) - y(0)));
      context.fillRect(
        x + gap / 2,
        value >= 0 ? y(0) - height : y(0),
        barWidth - gap,
        height,
      );
    } else {
      const mark = Number.isNaN(value) ? 1 : value > 0 ? 2 : 3;
      context.fillStyle = NONFINITE_COLORS[mark];
      context.fillRect(x + gap / 2, TOP, barWidth - gap, plotHeight);
    }
  }

  context.fillStyle = color("muted");
  context.textAlign = "center";
  context.textBaseline = "top";
  const every = labelStep(barWidth);
  for (let unit = Math.ceil(from / every) * every; unit < to; unit += every) {
    const x = AXIS + (unit - from + 0.5) * barWidth;
    context.fillText(String(unit), x, bottom + 5);
  }
  if (barWidth >= 44) {
    context.fillStyle = color("text");
    for (let unit = from; unit < to; unit += 1) {
      const value = values[unit] ?? Number.NaN;
      const x = AXIS + (unit - from + 0.5) * barWidth;
      const top = Number.isFinite(value) ? y(Math.max(0, value)) : TOP;
      context.fillText(formatValue(value), x, top - 14);
    }
  }
}

/** How many units apart the numbers below the bars stand: 1, 2, 5, 10, ... */
export function labelStep(pixels: number, room = 28): number {
  for (let power = 1; ; power *= 10) {
    for (const factor of [1, 2, 5]) {
      if (factor * power * pixels >= room || power > 1e6) {
        return factor * power;
      }
    }
  }
}
