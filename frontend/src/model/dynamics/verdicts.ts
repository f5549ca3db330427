/** What is said of trainings: how bad it is, and in which order they are listed. */

import type { LoggedNumber, TrainingVerdict } from "../../wire/generated";
import { formatCount } from "../format";

/** How a training looks by its gradients. */
export type VerdictMark = "broken" | "unusual" | "fine" | "unknown";

/** The mark of a training: that of the worst that was found. */
export function markOf({ state, findings }: TrainingVerdict): VerdictMark {
  if (findings.some(({ broken }) => broken)) {
    return "broken";
  }
  if (findings.length > 0) {
    return "unusual";
  }
  return state === "judged" ? "fine" : "unknown";
}

const ORDER: readonly VerdictMark[] = ["broken", "unusual", "fine", "unknown"];

/** The trainings, the worst first, those that are alike as they came. */
export function worstFirst(verdicts: readonly TrainingVerdict[]): TrainingVerdict[] {
  return [...verdicts].sort(
    (one, other) => ORDER.indexOf(markOf(one)) - ORDER.indexOf(markOf(other)),
  );
}

/** How many look broken or unusual, in words. */
export function countMarks(
  verdicts: readonly TrainingVerdict[],
  total: number | null,
): string {
  const count = (mark: VerdictMark) =>
    verdicts.filter((verdict) => markOf(verdict) === mark).length;
  const broken = count("broken");
  const unusual = count("unusual");
  const all = formatCount(total ?? verdicts.length);
  const parts = [
    broken === 0
      ? `none of ${all} looks broken`
      : `${formatCount(broken)} of ${all} ${broken === 1 ? "looks" : "look"} broken`,
    ...(unusual > 0 ? [`${formatCount(unusual)} unusual`] : []),
    ...(total !== null && verdicts.length < total
      ? [`${formatCount(verdicts.length)} looked at so far`]
      : []),
  ];
  return parts.join(", ");
}

/** A number of a document; NaN = nothing is known. */
export function toNumber(value: LoggedNumber): number {
  return value === null ? Number.NaN : Number(value);
}
