/** Captures over steps, to scale: each is a column around its step. */

/** From one place to another on an axis of steps. */
export interface StepColumn {
  readonly from: number;
  readonly to: number;
}

/** The columns, and the axis that holds them. */
export interface StepColumns {
  readonly low: number;
  readonly high: number;
  readonly columns: readonly StepColumn[];
}

/**
 * Places a column for each step.
 *
 * A column reaches as far on both sides as half the way to the nearer one of its
 * neighbours, and those at the ends no further than the ones beside them: columns
 * never overlap, have their step in the middle, and leave a gap where captures are
 * further apart than before.
 *
 * @param steps Ascending; one at least.
 */
export function placeColumns(steps: ArrayLike<number>): StepColumns {
  const halves = Array.from(steps, (step, at) => {
    const before = at > 0 ? step - (steps[at - 1] ?? 0) : Number.POSITIVE_INFINITY;
    const after = (steps[at + 1] ?? Number.POSITIVE_INFINITY) - step;
    const nearest = Math.min(before, after);
    return Number.isFinite(nearest) ? nearest / 2 : 0.5;
  });
  const last = halves.length - 1;
  const columns = Array.from(steps, (step, at) => {
    const beside = at === 0 ? halves[1] : at === last ? halves[at - 1] : undefined;
    const own = halves[at] ?? 0.5;
    const half = Math.min(own, beside ?? own);
    return { from: step - half, to: step + half };
  });
  const low = columns[0]?.from ?? 0;
  return { low, high: columns.at(-1)?.to ?? low + 1, columns };
}

/** Where a step is on the axis, from 0 to 1. */
export function shareOfStep({ low, high }: StepColumns, step: number): number {
  return (step - low) / (high - low);
}

/** Index of the step that is nearest to a place from 0 to 1 on the axis. */
export function columnAt(
  steps: ArrayLike<number>,
  { low, high }: StepColumns,
  share: number,
): number {
  const step = low + share * (high - low);
  let nearest = 0;
  for (let at = 1; at < steps.length; at += 1) {
    if (Math.abs((steps[at] ?? 0) - step) < Math.abs((steps[nearest] ?? 0) - step)) {
      nearest = at;
    }
  }
  return nearest;
}
