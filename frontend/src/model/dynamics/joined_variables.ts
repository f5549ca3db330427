/** Several variables as one row: what their values are together. */

import { formatCount } from "../format";
import type { CellStatistic, DynamicsMap, DynamicsQuantity } from "./dynamics_map";

/** Norms of several variables, taken as one vector, are the root of their squares. */
const NORMS: ReadonlySet<DynamicsQuantity> = new Set([
  "grad_norm",
  "update_norm",
  "weight_norm",
]);

/** Names of variables that begin at zero, where a ratio to their norm says little. */
const SHIFTS = /(^|\/|_)(bias|beta)$/;

/** Values of several variables joined cell by cell. */
export interface JoinedCells {
  /** NaN = nothing is known. */
  readonly values: Float32Array;
  readonly nonfinite: Float32Array;
}

/**
 * Joins variables.
 *
 * Norms are those of all variables taken as one vector, as the graph's colours have
 * them; of other quantities it is the largest value (of `smallest` the smallest), and
 * for update ratios only of those that do not begin at zero, if there are any.
 *
 * @param map The map.
 * @param variables Indices of the variables.
 * @param statistic Which of a cell's values.
 */
export function joinVariables(
  map: DynamicsMap,
  variables: readonly number[],
  statistic: CellStatistic,
): JoinedCells {
  const count = map.steps.length;
  const values = new Float32Array(count).fill(Number.NaN);
  const nonfinite = new Float32Array(count);
  const source = map[statistic];
  const isNorm = NORMS.has(map.quantity) && variables.length > 1;
  const join = isNorm
    ? (one: number, other: number) => Math.hypot(one, other)
    : statistic === "smallest"
      ? Math.min
      : Math.max;
  const kept = new Set(keptVariables(map, variables));
  for (const variable of variables) {
    const counts = kept.has(variable);
    for (let cell = 0; cell < count; cell += 1) {
      const at = variable * count + cell;
      const value = source[at] as number;
      if (counts && Number.isFinite(value)) {
        const before = values[cell] as number;
        values[cell] = Number.isNaN(before) ? value : join(before, value);
      }
      nonfinite[cell] = (nonfinite[cell] as number) + (map.nonfinite[at] as number);
    }
  }
  return { values, nonfinite };
}

/** What the value of several variables is, in a few words; "" of one alone. */
export function describeJoin(map: DynamicsMap, variables: readonly number[]): string {
  const all = formatCount(variables.length);
  if (variables.length < 2) {
    return "";
  }
  if (NORMS.has(map.quantity)) {
    return `norm of ${all} variables together`;
  }
  const kept = keptVariables(map, variables).length;
  return kept === variables.length
    ? `largest of ${all} variables`
    : `largest of ${formatCount(kept)} of ${all} variables: those that do not begin at 0`;
}

function keptVariables(map: DynamicsMap, variables: readonly number[]): number[] {
  const kept = variables.filter(
    (at) => map.quantity !== "update_ratio" || !SHIFTS.test(map.variables[at] ?? ""),
  );
  return kept.length > 0 ? kept : [...variables];
}
