/** How the statistics of one unit went, step by step. */

import type { UnitTrend } from "../../wire/generated";
import { readLogged } from "../overlay/overlay";
import type { Trend, TrendRange } from "../overlay/trend";

/** The columns that have anything, by name. */
export function readHistory(answer: UnitTrend): ReadonlyMap<string, Trend> {
  const columns = answer.columns.flatMap((name, at): [string, Trend][] => {
    const values = (answer.values[at] ?? []).map((value) => readLogged(value));
    return values.every((value) => value === null)
      ? []
      : [[name, { steps: answer.steps, values, cut: answer.cut }]];
  });
  return new Map(columns);
}

/** A range that holds the finite values of several trends; null if there are none. */
export function rangeOfTrends(trends: readonly Trend[]): TrendRange | null {
  const values = trends
    .flatMap((trend) => trend.values)
    .filter((value) => value !== null && Number.isFinite(value)) as number[];
  return values.length === 0
    ? null
    : {
        low: values.reduce((a, b) => Math.min(a, b)),
        high: values.reduce((a, b) => Math.max(a, b)),
        log: false,
      };
}
