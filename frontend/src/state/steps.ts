/** Steps at which something was logged. */

import type { RunInfo } from "../wire/generated";

/** The largest logged step that is not above the wanted one, else the first. */
export function findStep(
  steps: readonly number[],
  wanted: number | null,
): number | null {
  if (wanted === null) {
    return steps.at(-1) ?? null;
  }
  return steps.findLast((step) => step <= wanted) ?? steps[0] ?? null;
}

/** Steps of a kind of data; a kind may be missing. */
export function stepsOf(run: RunInfo | null, kind: string): readonly number[] {
  return run !== null && Object.hasOwn(run.steps, kind) ? (run.steps[kind] ?? []) : [];
}
