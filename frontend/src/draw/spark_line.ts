/** Draws values as a line without axes. */

import { NONFINITE_COLORS } from "../model/color_scale";

/**
 * Draws a value for each place from left to right, within a range.
 *
 * @param places Where the values are, from 0 to 1; at even distances without it.
 */
export function paintSparkLine(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  range: { readonly low: number; readonly high: number },
  width: number,
  height: number,
  colors: { readonly line: string; readonly zero: string },
  places?: readonly number[],
): void {
  const span = range.high - range.low || 1;
  const x = (at: number) =>
    1 + (places?.[at] ?? at / Math.max(1, values.length - 1)) * (width - 2);
  const y = (value: number) => height - 2 - ((value - range.low) / span) * (height - 4);
  if (range.low <= 0 && range.high >= 0) {
    context.fillStyle = colors.zero;
    context.fillRect(0, Math.round(y(0)), width, 1);
  }
  context.strokeStyle = colors.line;
  context.lineWidth = 1.3;
  context.lineJoin = "round";
  context.beginPath();
  let drawing = false;
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) {
      context.fillStyle = NONFINITE_COLORS[1];
      context.fillRect(x(at) - 0.5, 0, 1.5, 4);
    } else if (drawing) {
      context.lineTo(x(at), y(value));
    } else {
      context.moveTo(x(at), y(value));
    }
    drawing = Number.isFinite(value);
  });
  context.stroke();
}
