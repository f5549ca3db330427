/** What is the matter with a training, in a sentence, from its dynamics. */

import { formatCount, formatValue } from "../format";
import type { DynamicsMap, StepColumns } from "./dynamics_map";

/** A sentence, whether it is a warning, and where to look. */
export interface Verdict {
  readonly text: string;
  readonly warns: boolean;
  /** Path of the variable that it is about; null = none in particular. */
  readonly variable: string | null;
  /** Step to look at; null = none in particular. */
  readonly step: number | null;
}

/** Kernels whose updates are above this share of them are learning too fast. */
export const HIGH_RATIO = 0.1;

/** A median below this says that hardly anything is learned. */
export const LOW_RATIO = 1e-5;

/** Share of the steps, at the end, over which a gradient that stays zero is named. */
const END_SHARE = 0.1;

const NAMED = 3;

/**
 * Says what is the matter, the worst first.
 *
 * The rules for ratios are about kernels and embeddings alone: biases and the
 * scales of normalizations begin at zero or one, where a ratio says little.
 *
 * @param gradients Gradient norms over the whole training.
 * @param ratios Update ratios of the same variables and cells.
 * @param together Loss and global norms; null where they are not logged.
 */
export function judge(
  gradients: DynamicsMap,
  ratios: DynamicsMap,
  together: StepColumns | null,
): Verdict {
  const broken = judgeNonfinite(gradients, together);
  if (broken !== null) {
    return broken;
  }
  const zero = judgeZero(gradients);
  const sizes = judgeRatios(ratios);
  if (zero !== null && sizes?.warns === true && before(sizes, zero)) {
    // What stopped the gradients is worth more than that they have stopped.
    return { ...sizes, text: `${sizes.text}. ${zero.text}` };
  }
  return (
    zero ??
    sizes ?? {
      text: "Gradients reach all variables, and all of them are finite",
      warns: false,
      variable: null,
      step: null,
    }
  );
}

function before(one: Verdict, other: Verdict): boolean {
  return one.step !== null && other.step !== null && one.step < other.step;
}

function judgeNonfinite(
  map: DynamicsMap,
  together: StepColumns | null,
): Verdict | null {
  const cells = map.steps.length;
  const losses = together?.columns.get("loss_nonfinite_first_step");
  const firstLoss = losses?.find((step) => step >= 0);
  for (let cell = 0; cell < cells; cell += 1) {
    const broken = map.variables.filter(
      (_, at) => (map.nonfinite[at * cells + cell] ?? 0) > 0,
    );
    const from = map.firstSteps[cell] ?? 0;
    const to = map.steps[cell] ?? 0;
    const first = broken[0];
    if (first !== undefined && !(firstLoss !== undefined && firstLoss < from)) {
      const where = from === to ? `step ${formatCount(to)}` : stepRange(from, to);
      const loss =
        firstLoss === undefined
          ? ""
          : `; the loss was at step ${formatCount(firstLoss)}`;
      return {
        text: `NaN or infinite gradients or weights since ${where}: ${enumerate(broken)}${loss}`,
        warns: true,
        variable: first,
        step: to,
      };
    }
  }
  return firstLoss === undefined
    ? null
    : {
        text: `The loss was NaN or infinite at step ${formatCount(firstLoss)}, before any gradient was`,
        warns: true,
        variable: null,
        step: firstLoss,
      };
}

function judgeZero(map: DynamicsMap): Verdict | null {
  const cells = map.steps.length;
  const last = map.steps[cells - 1];
  const first = map.firstSteps[0];
  if (last === undefined || first === undefined) {
    return null;
  }
  const from = last - (last - first) * END_SHARE;
  const dead: string[] = [];
  let since = first;
  map.variables.forEach((path, at) => {
    const row = map.largest.subarray(at * cells, (at + 1) * cells);
    let zeroFrom = cells;
    while (zeroFrom > 0 && row[zeroFrom - 1] === 0) {
      zeroFrom -= 1;
    }
    const begins = map.firstSteps[zeroFrom];
    if (begins !== undefined && begins <= from) {
      since = dead.length === 0 ? begins : Math.max(since, begins);
      dead.push(path);
    }
  });
  const firstDead = dead[0];
  if (firstDead === undefined) {
    return null;
  }
  const all = formatCount(map.variables.length);
  return {
    text: `No gradient reaches ${formatCount(dead.length)} of ${all} variables since step ${formatCount(since)}: ${enumerate(dead)}`,
    warns: true,
    variable: firstDead,
    step: since,
  };
}

function judgeRatios(map: DynamicsMap): Verdict | null {
  const cells = map.steps.length;
  const rows = map.variables
    .map((path, at) => ({ path, row: map.mean.subarray(at * cells, (at + 1) * cells) }))
    .filter(({ path }) => isKernel(path));
  let worst = { path: "", ratio: 0, cell: 0 };
  const all: number[] = [];
  for (const { path, row } of rows) {
    row.forEach((ratio, cell) => {
      if (Number.isFinite(ratio)) {
        all.push(ratio);
        if (ratio > worst.ratio) {
          worst = { path, ratio, cell };
        }
      }
    });
  }
  if (all.length === 0) {
    return null;
  }
  all.sort((a, b) => a - b);
  const median = all[Math.floor(all.length / 2)] ?? 0;
  const step = map.steps[worst.cell] ?? 0;
  if (worst.ratio > HIGH_RATIO) {
    const times = formatValue(Number(worst.ratio.toPrecision(2)));
    return {
      text: `Steps are too large: ${worst.path} changed by ${times} times its own norm in a step, at step ${formatCount(step)}; the learning rate may be too high`,
      warns: true,
      variable: worst.path,
      step,
    };
  }
  if (median < LOW_RATIO) {
    return {
      text: `Hardly anything is learned: the median update ratio of kernels is ${formatValue(median)}; the learning rate may be too low`,
      warns: true,
      variable: null,
      step: null,
    };
  }
  const low = all[Math.floor(all.length * 0.05)] ?? median;
  const high = all[Math.min(all.length - 1, Math.floor(all.length * 0.95))] ?? median;
  return {
    text: `Nothing unusual: gradients reach all variables, and update ratios of kernels are ${formatValue(low)} to ${formatValue(high)}`,
    warns: false,
    variable: null,
    step: null,
  };
}

/** Whether a variable is one that the rules for ratios are about. */
export function isKernel(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /kernel|embeddings/.test(name);
}

function stepRange(from: number, to: number): string {
  return `steps ${formatCount(from)} to ${formatCount(to)}`;
}

function enumerate(paths: readonly string[]): string {
  const shown = paths
    .slice(0, NAMED)
    .map((path) => path.slice(0, 120))
    .join(", ");
  const more = paths.length - NAMED;
  return more > 0 ? `${shown} and ${formatCount(more)} more` : shown;
}
