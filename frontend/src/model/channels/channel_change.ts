/** How much a channel changed from one capture to another. */

import type { ActivationData } from "../tensor_view";

/** What the number is, for those who hover over it. */
export const CHANGE_DEFINITION =
  "root mean square of the difference between the channel's two maps for this " +
  "sample, divided by the larger of the two maps' own root mean squares: 0 = " +
  "unchanged, 1 = as large as the channel itself, 2 = its sign was turned. Where a " +
  "map was not kept, the means and their difference are taken";

/**
 * The change of a channel from a to b, from 0 to 2; NaN where nothing compares.
 *
 * Cells that are not finite on either side are left out.
 */
export function channelChange(
  a: ActivationData,
  b: ActivationData,
  channel: number,
): number {
  if (channel >= a.entry.channels || channel >= b.entry.channels) {
    return Number.NaN;
  }
  const left = a.positionOf(channel);
  const right = b.positionOf(channel);
  const sameMap = a.entry.kept_map.join() === b.entry.kept_map.join();
  if (left === null || right === null || !sameMap) {
    const before = a.stat(channel, "mean");
    const after = b.stat(channel, "mean");
    return ratio(
      Math.abs(after - before),
      Math.max(
        Math.hypot(before, a.stat(channel, "std")),
        Math.hypot(after, b.stat(channel, "std")),
      ),
    );
  }
  let difference = 0;
  let before = 0;
  let after = 0;
  let count = 0;
  for (let cell = 0; cell < b.cells; cell += 1) {
    const from = a.valueAt(left, cell);
    const to = b.valueAt(right, cell);
    if (Number.isFinite(from) && Number.isFinite(to)) {
      difference += (to - from) ** 2;
      before += from ** 2;
      after += to ** 2;
      count += 1;
    }
  }
  return count === 0
    ? Number.NaN
    : ratio(Math.sqrt(difference), Math.sqrt(Math.max(before, after)));
}

function ratio(change: number, size: number): number {
  return change === 0 ? 0 : change / size;
}
