/** What the map of dynamics can show, in words, and the colours of each. */

import { type ColorScale, createColorScale, createShareScale } from "../color_scale";
import { formatShare, formatValue } from "../format";
import type { DynamicsMap, DynamicsQuantity } from "./dynamics_map";

/** One quantity. */
export interface Quantity {
  readonly id: DynamicsQuantity;
  readonly title: string;
  readonly definition: string;
}

export const QUANTITIES: readonly Quantity[] = [
  {
    id: "grad_norm",
    title: "Gradient norm",
    definition:
      "Euclidean norm of the gradient of a variable, as the optimizer was given it, " +
      "before it clips. Exactly zero means that nothing reaches it",
  },
  {
    id: "update_ratio",
    title: "Update ratio",
    definition:
      "Norm of the change of a variable in a step, divided by the norm of the " +
      "variable. About 0.001 is usual; far above, steps are too large for it, far " +
      "below, it hardly learns",
  },
  {
    id: "update_norm",
    title: "Update norm",
    definition: "Euclidean norm of the change of a variable in a step",
  },
  {
    id: "weight_norm",
    title: "Weight norm",
    definition: "Euclidean norm of the variable after the step",
  },
  {
    id: "grad_zero_fraction",
    title: "Zero gradients",
    definition: "Share of the elements of a variable's gradient that are exactly zero",
  },
];

/** The update ratio that is usual: the middle of its colours. */
export const USUAL_RATIO = 1e-3;

/** Decades of the update ratio on each side of the usual one. */
const RATIO_DECADES = 3;

/** Finds a quantity by its name; null for anything else. */
export function findQuantity(id: string): Quantity | null {
  return QUANTITIES.find((one) => one.id === id) ?? null;
}

/** From values to colours, by the logarithm where that is how they spread. */
export interface DynamicsScale {
  readonly colors: ColorScale;
  readonly isLog: boolean;
  /** Ends as they are written beside the colours. */
  readonly ends: readonly [string, string];
  /** What is in the middle of diverging colours. */
  readonly middle?: string;
  /** Place of a value on `colors`; NaN where there is none, as for zero. */
  place(value: number): number;
}

/** The scale of a quantity over all that is shown. */
export function createDynamicsScale(
  quantity: DynamicsQuantity,
  maps: readonly DynamicsMap[],
  dark: boolean,
): DynamicsScale {
  if (quantity === "grad_zero_fraction") {
    const colors = createShareScale(dark);
    return { colors, isLog: false, ends: ["0%", "100%"], place: (value) => value };
  }
  if (quantity === "update_ratio") {
    const colors = createColorScale(-RATIO_DECADES, RATIO_DECADES, dark, true);
    const ends: [string, string] = [
      `≤ ${formatValue(USUAL_RATIO / 10 ** RATIO_DECADES)}`,
      `≥ ${formatValue(USUAL_RATIO * 10 ** RATIO_DECADES)}`,
    ];
    const place = (value: number) =>
      value > 0 ? Math.log10(value / USUAL_RATIO) : Number.NaN;
    return { colors, isLog: true, ends, middle: formatValue(USUAL_RATIO), place };
  }
  const { low, high } = positiveRange(maps);
  const colors = createColorScale(Math.log10(low), Math.log10(high), dark, false);
  const place = (value: number) => (value > 0 ? Math.log10(value) : Number.NaN);
  return { colors, isLog: true, ends: [formatValue(low), formatValue(high)], place };
}

/** A value of a quantity as text. */
export function formatQuantity(quantity: DynamicsQuantity, value: number): string {
  return quantity === "grad_zero_fraction" ? formatShare(value) : formatValue(value);
}

/** Lowest and highest value above zero; at most 12 decades, from the top. */
function positiveRange(maps: readonly DynamicsMap[]): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const { mean, largest } of maps) {
    for (const values of [mean, largest]) {
      for (const value of values) {
        if (value > 0 && value < Number.POSITIVE_INFINITY) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
  }
  return high === 0
    ? { low: 1e-3, high: 1 }
    : { low: Math.max(low, high / 1e12), high };
}
