/** Time steps of a sequence, of which the log may hold averages of several. */

import type { LayerActivation } from "../../wire/generated";

/** First and last time step that a kept one stands for. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** The time steps that a kept one stands for, from 0. */
export function timeSpan(entry: LayerActivation, kept: number): TimeSpan {
  const [, full] = entry.full_map;
  const [, count] = entry.kept_map;
  const from = Math.floor((kept * full) / Math.max(1, count));
  const to = Math.ceil(((kept + 1) * full) / Math.max(1, count)) - 1;
  return { from, to: Math.max(from, to) };
}

/** "time step 4", or "time steps 4 to 7". */
export function describeTime({ from, to }: TimeSpan): string {
  return from === to ? `time step ${from}` : `time steps ${from} to ${to}`;
}
