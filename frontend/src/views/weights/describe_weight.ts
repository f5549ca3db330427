/** Words for one value of a variable. */

import { formatValue } from "../../model/format";
import { indexOfPlace } from "../../model/weights/weight_picture";
import type { ShownWeights } from "../../state/weights";

/** The value, or its difference, and its index in the whole variable. */
export function describeWeight(
  shown: ShownWeights,
  base: ShownWeights | null,
  place: number,
): string[] {
  const value = shown.values[place] ?? Number.NaN;
  const index = indexOfPlace(shown.variable.indices, place);
  const where = index.length === 0 ? "the only value" : `index [${index.join(", ")}]`;
  if (base === null) {
    return [formatValue(value), where];
  }
  const before = base.variable.at(index);
  return before === null
    ? [formatValue(value), "not kept in the other capture", where]
    : [
        `difference ${formatValue(Math.fround(value - before))}`,
        `${formatValue(value)}, was ${formatValue(before)}`,
        where,
      ];
}
