/** Numbers and shapes as text. */

import type { Shape } from "../wire/generated";

/** A measured value: four digits, and never an empty word for what is no number. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) {
    return "NaN";
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  if (value === 0) {
    return "0";
  }
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) {
    return value.toExponential(2).replace("e+", "e");
  }
  if (Number.isInteger(value)) {
    return String(value);
  }
  return String(Number(value.toPrecision(4)));
}

/** A float32 in as few digits as tell it from every other one. */
export function formatFloat32(value: number): string {
  if (!Number.isFinite(value)) {
    return formatValue(value);
  }
  for (let digits = 1; digits < 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) {
      return String(Number(text)).replace("e+", "e");
    }
  }
  return String(Number(value.toPrecision(9))).replace("e+", "e");
}

/** A count, in groups of three digits. */
export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** A share as a percentage that says 0% and 100% only where it is exact. */
export function formatShare(share: number): string {
  if (Number.isNaN(share)) {
    return "NaN";
  }
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) {
    return "< 0.1%";
  }
  if (percent < 100 && percent > 99.9) {
    return "> 99.9%";
  }
  return `${Number(percent.toFixed(1))}%`;
}

/** A shape as Keras prints it; `None` is an axis that is not fixed. */
export function formatShape(shape: Shape): string {
  return `(${shape.map((size) => size ?? "None").join(", ")})`;
}

/** A text that begins as a sentence does. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
