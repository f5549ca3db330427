/** Colours of attention weights. */

import { type ColorScale, createColorScale } from "../../../model/color_scale";
import type { ActivationData } from "../../../model/tensor_view";
import { createPreference } from "../../../state/preference";

/** Where the colours end: at a weight of 1, or at the head's own largest one. */
export type WeightEnd = "one" | "largest";

/** The chosen end. */
export const weightEnd = createPreference<WeightEnd>(
  "weight_end",
  "largest",
  (value): value is WeightEnd => value === "one" || value === "largest",
);

/** Colours of the head at a position. */
export function headScale(
  data: ActivationData,
  position: number,
  end: WeightEnd,
  dark: boolean,
): ColorScale {
  const range = data.rangeOf(position) ?? { low: 0, high: 1 };
  const high = end === "one" ? Math.max(1, range.high) : range.high;
  return createColorScale(Math.min(0, range.low), high, dark);
}
