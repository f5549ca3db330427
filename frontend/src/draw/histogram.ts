/** Draws how often values occur. */

import { formatValue } from "../model/format";
import type { ActivationData } from "../model/tensor_view";
import type { ValueRange } from "../model/value_range";
import type { ThemeColor } from "../theme/theme";

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

/** Draws the counts as bars, with the range's ends below. */
export function paintHistogram(
  context: CanvasRenderingContext2D,
  counts: readonly number[],
  range: ValueRange | null,
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const most = Math.max(1, ...counts);
  const bottom = height - 18;
  const bar = width / Math.max(1, counts.length);
  context.fillStyle = color("accent");
  counts.forEach((count, bin) => {
    const size = count === 0 ? 0 : Math.max(1, ((bottom - 4) * count) / most);
    context.fillRect(bin * bar, bottom - size, Math.max(1, bar - 1), size);
  });
  context.fillStyle = color("border-strong");
  context.fillRect(0, bottom, width, 1);
  if (range !== null) {
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "top";
    context.fillStyle = color("muted");
    context.fillText(formatValue(range.low), 0, bottom + 4);
    context.textAlign = "right";
    context.fillText(formatValue(range.high), width, bottom + 4);
  }
}
