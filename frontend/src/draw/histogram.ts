/** Draws how often values occur. */

import { formatCount, formatValue } from "../model/format";
import type { ActivationData } from "../model/tensor_view";
import type { ValueRange } from "../model/value_range";
import type { ThemeColor } from "../theme/theme";

const TOP = 15;
const BOTTOM = 18;
/** Numbers closer than this to an end are left out. */
const APART = 34;

/** Number of finite cells of a map in each of `bins` equal parts of its range. */
export function countValues(
  data: ActivationData,
  position: number,
  bins: number,
): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let cell = 0; cell < data.cells; cell += 1) {
    if (data.markAt(position, cell) === 0) {
      // Codes are even steps of the range already.
      const code = data.codes[position * data.cells + cell] ?? 0;
      const bin = Math.floor((code * bins) / 256);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return counts;
}

/** The bin at a place; null beside all of them. */
export function binAt(x: number, width: number, bins: number): number | null {
  const bin = Math.floor((x / Math.max(1, width)) * bins);
  return bin < 0 || bin >= bins ? null : bin;
}

/** Where a bin begins and ends. */
export function binRange(range: ValueRange, bins: number, bin: number): ValueRange {
  const at = (edge: number) =>
    range.low * (1 - edge / bins) + range.high * (edge / bins);
  return { low: at(bin), high: at(bin + 1) };
}

/** Draws the counts as bars, the largest one's count above, the range's ends below. */
export function paintHistogram(
  context: CanvasRenderingContext2D,
  counts: ArrayLike<number>,
  range: ValueRange | null,
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
  hovered: number | null = null,
): void {
  const all = Array.from(counts);
  const most = all.reduce((a, b) => Math.max(a, b), 0);
  const bottom = height - BOTTOM;
  const bar = width / Math.max(1, all.length);
  all.forEach((count, bin) => {
    const size =
      count === 0 ? 0 : Math.max(1, ((bottom - TOP) * count) / Math.max(1, most));
    context.fillStyle = color("accent");
    context.globalAlpha = hovered === null || hovered === bin ? 1 : 0.55;
    context.fillRect(bin * bar, bottom - size, Math.max(1, bar - 1), size);
  });
  context.globalAlpha = 1;
  context.fillStyle = color("border-strong");
  context.fillRect(0, bottom, width, 1);
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = color("muted");
  context.textBaseline = "top";
  context.fillText(`up to ${formatCount(most)} in a bin`, 0, 0);
  if (range === null) {
    return;
  }
  context.fillText(formatValue(range.low), 0, bottom + 4);
  context.textAlign = "right";
  context.fillText(formatValue(range.high), width, bottom + 4);
  const zero = ((0 - range.low) / (range.high - range.low)) * width;
  if (range.low < 0 && range.high > 0) {
    context.fillRect(Math.round(zero), TOP - 2, 1, bottom - TOP + 2);
    if (zero > APART && zero < width - APART) {
      context.textAlign = "center";
      context.fillText("0", zero, bottom + 4);
    }
  }
}
