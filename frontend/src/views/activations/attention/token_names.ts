/** Which texts name the queries and the keys of an attention. */

import type { TokenAxis } from "../../../model/tokens/token_axis";
import type { LayerActivation, ProbeIndex } from "../../../wire/generated";
import { chooseTokens } from "../token_input";

/** Texts of the rows and columns of a matrix, and what else there would be. */
export interface TokenNames {
  readonly queries: TokenAxis | null;
  readonly keys: TokenAxis | null;
  /** Names of all inputs that fit. */
  readonly inputs: readonly string[];
}

const NOTHING: TokenNames = { queries: null, keys: null, inputs: [] };

/** Finds the texts; none where the log holds averages over several positions. */
export function nameTokens(
  probe: ProbeIndex | undefined,
  sample: number,
  entry: LayerActivation,
): TokenNames {
  if (entry.full_map.join() !== entry.kept_map.join()) {
    return NOTHING;
  }
  const queries = chooseTokens(probe, sample, entry.full_map[0]);
  const keys = chooseTokens(probe, sample, entry.full_map[1]);
  const inputs = new Set([...queries.inputs, ...keys.inputs]);
  return { queries: queries.axis, keys: keys.axis, inputs: [...inputs] };
}
