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

/** So many values tell where most of them are. */
const MAX_SAMPLE = 20_000;

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
  /** Whether there are values below the lowest colour's. */
  readonly below: boolean;
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
    return {
      colors,
      isLog: false,
      ends: ["0%", "100%"],
      below: false,
      place: (value) => value,
    };
  }
  if (quantity === "update_ratio") {
    const colors = createColorScale(-RATIO_DECADES, RATIO_DECADES, dark, true);
    const ends: [string, string] = [
      `≤ ${formatValue(USUAL_RATIO / 10 ** RATIO_DECADES)}`,
      `≥ ${formatValue(USUAL_RATIO * 10 ** RATIO_DECADES)}`,
    ];
    const place = (value: number) =>
      value > 0 ? Math.log10(value / USUAL_RATIO) : Number.NaN;
    const middle = formatValue(USUAL_RATIO);
    return { colors, isLog: true, ends, below: false, middle, place };
  }
  const { low, high, below } = positiveRange(maps);
  const colors = createColorScale(Math.log10(low), Math.log10(high), dark, false);
  const place = (value: number) => (value > 0 ? Math.log10(value) : Number.NaN);
  const ends: [string, string] = [formatValue(low), formatValue(high)];
  return { colors, isLog: true, ends, below, place };
}

/** A value of a quantity as text. */
export function formatQuantity(quantity: DynamicsQuantity, value: number): string {
  return quantity === "grad_zero_fraction" ? formatShare(value) : formatValue(value);
}

/**
 * The values above zero that have colours of their own: up to the highest, so that no
 * spike is cut, and from a decade below all but the lowest quarter. Some variables may
 * have gradients of rounding alone, such as biases of attention keys or what a
 * normalization cancels, and would leave all others one colour.
 */
function positiveRange(maps: readonly DynamicsMap[]): {
  readonly low: number;
  readonly high: number;
  readonly below: boolean;
} {
  let lowest = Number.POSITIVE_INFINITY;
  let high = 0;
  const some: number[] = [];
  for (const { mean, largest } of maps) {
    for (const values of [mean, largest]) {
      const stride = Math.ceil(values.length / MAX_SAMPLE);
      for (let at = 0; at < values.length; at += 1) {
        const value = values[at] as number;
        if (value > 0 && value < Number.POSITIVE_INFINITY) {
          lowest = Math.min(lowest, value);
          high = Math.max(high, value);
          if (at % stride === 0) {
            some.push(value);
          }
        }
      }
    }
  }
  if (high === 0) {
    return { low: 1e-3, high: 1, below: false };
  }
  const quarter = Float64Array.from(some).sort()[Math.floor(some.length / 4)] ?? lowest;
  const low = Math.max(lowest, quarter / 10);
  return { low, high, below: low > lowest };
}
