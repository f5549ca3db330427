/** What logging cost a training, in words. */

import type { Status } from "../wire/generated";
import { formatShare } from "./format";

/** One fact, and what its words mean. */
export interface CostFact {
  readonly text: string;
  readonly definition: string;
}

/** Steps that are named before the rest is counted. */
const NAMED_STEPS = 12;

/** Share of the training's wall time that logging took; null if it is not known. */
export function costShare(status: Status): number | null {
  if (!(status.training_secs > 0)) {
    return null;
  }
  return Math.min(1, status.overhead_secs / status.training_secs);
}

/** The facts of what logging cost; none where it was not measured. */
export function describeCost(status: Status): CostFact[] {
  const share = costShare(status);
  const facts: CostFact[] = [];
  if (share !== null) {
    facts.push(
      {
        text: `Logging cost ${formatShare(share)} of this run`,
        definition:
          "Share of the wall time that the training thread spent in tb_kerasviz. Of " +
          "a fit, the last one of this run: all of Keras's hooks, with captures, reads " +
          "of what the train step measured, and the compilation of the first capture. " +
          "The norms that the compiled train step itself computes cannot be told apart " +
          "from it and are not in this number. Of a custom loop: all calls of its " +
          "Writer, without the wait until what they are given is computed.",
      },
      {
        text:
          `${formatSecs(status.overhead_secs)} of ${formatSecs(status.training_secs)} ` +
          "on the training thread",
        definition:
          "Wall time to the last status, from the beginning of the first epoch or, of " +
          "a custom loop, of the first call of its Writer.",
      },
      {
        text: `${formatSecs(status.writer_cpu_secs)} of processor time beside it`,
        definition:
          "What the thread that encodes, compresses and writes used of one processor " +
          "core, while training went on.",
      },
    );
  }
  if (status.captures_skipped > 0) {
    const count = status.captures_skipped;
    facts.push({
      text:
        `${count.toLocaleString("en")} ${count === 1 ? "capture" : "captures"} left out` +
        ` for it, ${describeSteps(status.skipped_steps, count)}`,
      definition:
        "Captures of weights and activations that were due, and would have cost more " +
        "than the share max_overhead of the training time. max_overhead=None keeps " +
        "them all.",
    });
  }
  return facts;
}

function describeSteps(steps: readonly number[], count: number): string {
  const named = steps.slice(0, NAMED_STEPS).map((step) => step.toLocaleString("en"));
  const rest = count - named.length;
  const more = rest > 0 ? ` and ${rest.toLocaleString("en")} more` : "";
  return `at ${count === 1 ? "step" : "steps"} ${named.join("; ")}${more}`;
}

/** A duration as one reads it: "0.42 s", "12 s", "3 min 5 s", "2 h 4 min". */
export function formatSecs(secs: number): string {
  if (secs < 10) {
    return `${secs.toFixed(secs < 0.995 ? 2 : 1)} s`;
  }
  const whole = Math.round(secs);
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  const minutes = Math.round(secs / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
