/** Words for one value of a variable. */

import { formatFloat32 } from "../../model/format";
import { describePlace } from "../../model/weights/axis_names";
import { indexOfPlace } from "../../model/weights/weight_picture";
import type { ShownWeights } from "../../state/weights";

/**
 * The value as it was captured, or its difference, and where it is in the whole
 * variable.
 */
export function describeWeight(
  shown: ShownWeights,
  base: ShownWeights | null,
  place: number,
): string[] {
  const value = shown.values[place] ?? Number.NaN;
  const { variable } = shown;
  const index = indexOfPlace(variable.indices, place);
  const where =
    index.length === 0
      ? ["the only value"]
      : [
          describePlace(variable.capture.axes, variable.shape, index),
          `index [${index.join(", ")}]`,
        ];
  if (base === null) {
    return [formatFloat32(value), ...where];
  }
  const before = base.variable.at(index);
  return before === null
    ? [formatFloat32(value), "not kept in the other capture", ...where]
    : [
        `difference ${formatFloat32(Math.fround(value - before))}`,
        `${formatFloat32(value)}, was ${formatFloat32(before)}`,
        ...where,
      ];
}
