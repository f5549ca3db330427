/** Draws histograms of all captures beside each other, and that of one as bars. */

import { type ColorScale, colorCss } from "../model/color_scale";
import type { AlignedHistograms } from "../model/weights/weight_trend";
import type { ThemeColor } from "../theme/theme";

/** Colours of counts, by their logarithm. */
export function countPlace(count: number): number {
  return Math.log1p(count);
}

/** Draws a column for each capture, the lowest bin at the bottom. */
export function paintHistograms(
  context: CanvasRenderingContext2D,
  histograms: AlignedHistograms,
  columns: number,
  scale: ColorScale,
  current: number | null,
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const { bins, counts } = histograms;
  const wide = width / Math.max(1, columns);
  const high = height / bins;
  for (let column = 0; column < columns; column += 1) {
    // Edges on whole pixels: no seams between the columns.
    const x = Math.round(column * wide);
    const right = Math.max(x + 1, Math.round((column + 1) * wide));
    for (let bin = 0; bin < bins; bin += 1) {
      const count = counts[column * bins + bin] ?? 0;
      if (count > 0) {
        context.fillStyle = colorCss(scale, countPlace(count));
        const y = Math.round(height - (bin + 1) * high);
        const bottom = Math.max(y + 1, Math.round(height - bin * high));
        context.fillRect(x, y, right - x, bottom - y);
      }
    }
  }
  paintZero(context, histograms, width, height, color);
  if (current !== null) {
    context.strokeStyle = color("accent");
    context.lineWidth = 1.5;
    const side = Math.max(3, wide);
    const left = (current + 0.5) * wide - side / 2;
    context.strokeRect(left + 0.75, 0.75, Math.max(1, side - 1.5), height - 1.5);
  }
}

/** Draws one capture's counts as bars to the right, on the same bins. */
export function paintHistogramBars(
  context: CanvasRenderingContext2D,
  histograms: AlignedHistograms,
  column: number,
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const { bins } = histograms;
  const counts = histograms.counts.subarray(column * bins, (column + 1) * bins);
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const high = height / bins;
  context.fillStyle = color("accent");
  counts.forEach((count, bin) => {
    if (count > 0) {
      const y = height - (bin + 1) * high;
      const long = Math.max(1, (count / most) * (width - 2));
      context.fillRect(0, y, long, Math.max(1, high - 0.5));
    }
  });
  paintZero(context, histograms, width, height, color);
}

function paintZero(
  context: CanvasRenderingContext2D,
  { low, width: step, bins }: AlignedHistograms,
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const y = height * (1 + low / (bins * step));
  if (y > 0 && y < height) {
    context.fillStyle = color("border-strong");
    context.fillRect(0, Math.round(y), width, 1);
  }
}
