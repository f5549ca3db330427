/** Which texts name the queries and the keys of an attention. */

import { signal } from "@preact/signals";
import { findTokenAxes, type TokenAxis } from "../../../model/tokens/token_axis";
import type { LayerActivation, ProbeIndex } from "../../../wire/generated";

/** The input whose texts are wanted, where several fit; null = the first. */
export const tokenInput = signal<string | null>(null);

/** Texts of the rows and columns of a matrix, and what else there would be. */
export interface TokenNames {
  readonly queries: TokenAxis | null;
  readonly keys: TokenAxis | null;
  /** Names of all inputs that fit. */
  readonly inputs: readonly string[];
}

/** Finds the texts; none where the log holds averages over several positions. */
export function nameTokens(
  probe: ProbeIndex | undefined,
  sample: number,
  entry: LayerActivation,
): TokenNames {
  const [queries, keys] = entry.full_map;
  const whole = entry.full_map.join() === entry.kept_map.join();
  const axes = (length: number) => (whole ? findTokenAxes(probe, sample, length) : []);
  const choose = (found: readonly TokenAxis[]) =>
    found.find(({ input }) => input === tokenInput.value) ?? found[0] ?? null;
  const ofQueries = axes(queries);
  const ofKeys = axes(keys);
  const inputs = new Set([...ofQueries, ...ofKeys].map(({ input }) => input));
  return { queries: choose(ofQueries), keys: choose(ofKeys), inputs: [...inputs] };
}
