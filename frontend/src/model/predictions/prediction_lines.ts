/** How what the model says of one sample changed over steps. */

import { type OutputValues, predict, rankClasses } from "./predictions";

/** One value over steps; null = none was logged. */
export interface PredictionLine {
  /** What it is of: a class, or the one value that there is. */
  readonly name: string;
  /** Which class; null = there are none. */
  readonly index: number | null;
  readonly values: readonly (number | null)[];
}

/** As many classes are looked at, and the label besides. */
export const MOST_CLASSES = 5;

/** The classes to look at: those of the largest values, and the label's. */
export function chooseClasses(
  output: OutputValues,
  sample: number,
  label: string | undefined,
): number[] {
  const prediction = predict(output, sample, label);
  if (prediction?.kind !== "classes") {
    return [];
  }
  const top = rankClasses(output.classes(sample), MOST_CLASSES);
  const extra = prediction.label;
  return extra === null || top.includes(extra) ? top : [...top, extra];
}

/**
 * The lines of a sample, in the order of the classes.
 *
 * @param steps In ascending order.
 * @param outputAt What was read of a step; null where nothing was.
 */
export function predictionLines(
  steps: readonly number[],
  outputAt: (step: number) => OutputValues | null,
  sample: number,
  classes: readonly number[],
): PredictionLine[] {
  const outputs = steps.map(outputAt);
  if (classes.length === 0) {
    const values = outputs.map((output) => {
      const found = output === null ? null : predict(output, sample, undefined);
      switch (found?.kind) {
        case "number":
          return found.value;
        case "other":
          return found.mean;
        default:
          return null;
      }
    });
    return [{ name: "", index: null, values }];
  }
  return classes.map((index) => ({
    name: String(index),
    index,
    values: outputs.map((output) =>
      output === null || sample >= output.samples
        ? null
        : (output.classes(sample)[index] ?? null),
    ),
  }));
}
