/** Orders of the list of variables. */

import type { WeightCapture } from "../../wire/generated";

/** By what the list is ordered. */
export const WEIGHT_ORDERS = [
  {
    order: "layer",
    title: "layer",
    definition: "By layers, in the order of the graph",
  },
  {
    order: "norm",
    title: "norm",
    definition: "Euclidean norm of the finite values, the largest first",
  },
  {
    order: "change",
    title: "change",
    definition:
      "Norm of the change since the capture before, divided by the norm, the largest first",
  },
  {
    order: "change_from_start",
    title: "change since start",
    definition:
      "Norm of the change since the first capture of the fit, divided by the norm, the largest first",
  },
  {
    order: "nonfinite",
    title: "non-finite",
    definition: "How many values are NaN or infinite, the most first",
  },
  { order: "size", title: "size", definition: "Number of values, the most first" },
  { order: "name", title: "name", definition: "By the path, from A to Z" },
] as const;

export type WeightOrder = (typeof WEIGHT_ORDERS)[number]["order"];

/** The order of a name; null if there is none. */
export function findWeightOrder(name: string): WeightOrder | null {
  return WEIGHT_ORDERS.find(({ order }) => order === name)?.order ?? null;
}

/** Size of a change beside the size of what changed; NaN where either is not known. */
export function relativeChange(change: number | null, norm: number | null): number {
  return change === null || norm === null || norm === 0 ? Number.NaN : change / norm;
}

/** Number of values. */
export function countValues({ shape }: WeightCapture): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Variables in an order; those of which it is not known are last both ways.
 *
 * @param reversed Whether the other end comes first.
 */
export function orderVariables(
  captures: readonly WeightCapture[],
  order: WeightOrder,
  reversed: boolean,
): readonly WeightCapture[] {
  const sign = reversed ? -1 : 1;
  if (order === "layer") {
    return reversed ? [...captures].reverse() : captures;
  }
  if (order === "name") {
    const { compare } = new Intl.Collator("en", { numeric: true });
    return [...captures].sort((a, b) => sign * compare(a.path, b.path));
  }
  const places = new Map(captures.map((one) => [one, placeIn(order, one)]));
  const place = (one: WeightCapture) => places.get(one) ?? Number.NaN;
  return [...captures].sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    const unknown = Number(Number.isNaN(first)) - Number(Number.isNaN(second));
    // Infinity minus itself is no number.
    return unknown || (first === second ? 0 : sign * (second - first)) || 0;
  });
}

function placeIn(order: WeightOrder, capture: WeightCapture): number {
  switch (order) {
    case "norm":
      // One without a finite value is larger than all others, or has no value.
      return (
        capture.norm ??
        (countValues(capture) > 0 ? Number.POSITIVE_INFINITY : Number.NaN)
      );
    case "change":
      return relativeChange(capture.change, capture.norm);
    case "change_from_start":
      return relativeChange(capture.change_from_start, capture.norm);
    case "nonfinite":
      return capture.nonfinite ?? Number.NaN;
    default:
      return countValues(capture);
  }
}
