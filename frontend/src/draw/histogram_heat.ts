/** Draws histograms over steps, and that of one step as bars. */

import {
  type ColorScale,
  colorCss,
  NONFINITE_COLORS,
  NONFINITE_SIGNS,
} from "../model/color_scale";
import type { BinnedHistograms } from "../model/histogram_series";
import { type StepColumns, shareOfStep } from "../model/step_columns";
import type { ThemeColor } from "../theme/theme";

/** Colours of counts, by their logarithm. */
export function countPlace(count: number): number {
  return Math.log1p(count);
}

/** What is painted, whatever its shape. */
export interface HistogramBins {
  readonly histograms: BinnedHistograms;
  /** Where lines are drawn across, from 0 at the bottom to 1. */
  readonly lines: readonly number[];
}

/** What the columns of a map are painted with. */
export interface HistogramPaint extends HistogramBins {
  readonly placed: StepColumns;
  /** Of each column how many values are NaN or infinite. */
  readonly nonfinite: readonly number[];
  readonly scale: ColorScale;
  /** Column that is marked; null = none. */
  readonly current: number | null;
}

/** Draws a column for each step, to scale; the lowest bin is at the bottom. */
export function paintHistograms(
  context: CanvasRenderingContext2D,
  { histograms, lines, placed, nonfinite, scale, current }: HistogramPaint,
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  const { bins, counts } = histograms;
  const high = height / bins;
  // Edges on whole pixels: no seams between columns, and none is invisible.
  const edges = placed.columns.map(({ from, to }) => {
    const left = Math.round(shareOfStep(placed, from) * width);
    return {
      left,
      right: Math.max(left + 1, Math.round(shareOfStep(placed, to) * width)),
    };
  });
  edges.forEach(({ left, right }, column) => {
    for (let bin = 0; bin < bins; bin += 1) {
      const count = counts[column * bins + bin] ?? 0;
      if (count > 0) {
        context.fillStyle = colorCss(scale, countPlace(count));
        const y = Math.round(height - (bin + 1) * high);
        const bottom = Math.max(y + 1, Math.round(height - bin * high));
        context.fillRect(left, y, right - left, bottom - y);
      }
    }
  });
  paintAcross(context, lines, width, height, color);
  context.font = "bold 11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "top";
  edges.forEach(({ left, right }, column) => {
    if ((nonfinite[column] ?? 0) > 0) {
      context.fillStyle = NONFINITE_COLORS[1];
      context.fillText(NONFINITE_SIGNS[1], (left + right) / 2, 1);
    }
  });
  const marked = current === null ? undefined : edges[current];
  if (marked !== undefined) {
    context.strokeStyle = color("accent");
    context.lineWidth = 1.5;
    const side = Math.max(4, marked.right - marked.left);
    const left = (marked.left + marked.right - side) / 2;
    context.strokeRect(left + 0.75, 0.75, side - 1.5, height - 1.5);
  }
}

/** Draws one step's counts as bars to the right, on the same bins. */
export function paintHistogramBars(
  context: CanvasRenderingContext2D,
  { histograms, lines }: HistogramBins,
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
  paintAcross(context, lines, width, height, color);
}

function paintAcross(
  context: CanvasRenderingContext2D,
  lines: readonly number[],
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  context.fillStyle = color("border-strong");
  for (const place of lines) {
    context.fillRect(0, Math.round(height * (1 - place)), width, 1);
  }
}
