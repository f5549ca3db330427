/** An axis on which logged steps stand at even distances, whatever lies between. */

/**
 * Where a step is on the axis: 0 = the first logged one, 1 = the second, and so on.
 *
 * Between two logged steps it is to scale, and beyond them as between the last two.
 *
 * @param steps Logged steps, ascending; two at least.
 */
export function placeOfStep(steps: readonly number[], step: number): number {
  const last = steps.length - 1;
  const after = steps.findIndex((one) => one >= step);
  const to = after === -1 ? last : Math.max(1, after);
  const from = to - 1;
  const low = steps[from] ?? 0;
  const high = steps[to] ?? low;
  return high === low ? from : from + (step - low) / (high - low);
}
