/** Draws the update ratios of a training as a strip, on the same axis for all. */

import { NONFINITE_COLORS } from "../model/color_scale";
import { USUAL_RATIO } from "../model/dynamics/quantities";

/** Ends of the axis; what is below the lowest, zero too, lies at the bottom. */
export const STRIP_RANGE = { low: 1e-6, high: 1 } as const;

/** What a strip shows. */
export interface RatioStrip {
  /** Last step of each point, ascending. */
  readonly steps: readonly number[];
  /** NaN = nothing is known. */
  readonly median: readonly number[];
  readonly largest: readonly number[];
  /** Step from which on values were not finite; null = none. */
  readonly broken: number | null;
}

/** Where a ratio lies, from 0 at the bottom to 1. */
export function placeOfRatio(ratio: number): number {
  const { low, high } = STRIP_RANGE;
  const kept = Math.max(low, Math.min(high, ratio));
  return Math.log(kept / low) / Math.log(high / low);
}

/** Draws the band up to the largest, the line of medians and the usual ratio. */
export function paintRatioStrip(
  context: CanvasRenderingContext2D,
  { steps, median, largest, broken }: RatioStrip,
  width: number,
  height: number,
  colors: { readonly line: string; readonly guide: string },
): void {
  const last = steps.at(-1) ?? 1;
  const x = (step: number) => (step / Math.max(1, last)) * (width - 2) + 1;
  const y = (ratio: number) => height - 1.5 - placeOfRatio(ratio) * (height - 3);
  context.strokeStyle = colors.guide;
  context.setLineDash([2, 2]);
  context.beginPath();
  context.moveTo(0, y(USUAL_RATIO));
  context.lineTo(width, y(USUAL_RATIO));
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colors.line;
  context.globalAlpha = 0.25;
  steps.forEach((step, at) => {
    const [bottom, top] = [median[at] ?? Number.NaN, largest[at] ?? Number.NaN];
    if (!Number.isNaN(bottom) && !Number.isNaN(top)) {
      const from = x(at === 0 ? 0 : (steps[at - 1] ?? 0));
      context.fillRect(from, y(top), Math.max(1, x(step) - from), y(bottom) - y(top));
    }
  });
  context.globalAlpha = 1;
  context.strokeStyle = colors.line;
  context.lineWidth = 1.4;
  context.beginPath();
  let drawing = false;
  steps.forEach((step, at) => {
    const value = median[at] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      context[drawing ? "lineTo" : "moveTo"](x(step), y(value));
    }
    drawing = !Number.isNaN(value);
  });
  context.stroke();
  if (broken !== null) {
    context.fillStyle = NONFINITE_COLORS[1];
    context.fillRect(x(broken) - 1, 0, width - x(broken) + 1, height);
    context.fillStyle = "#ffffff";
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (width - x(broken) >= 12) {
      context.fillText("×", (x(broken) + width) / 2, height / 2);
    }
  }
}
