/** What the model returned for a sample of the probe, in words and numbers. */

import type { ModelOutput } from "../../wire/generated";
import { type Tensors, takeTensor } from "../../wire/safetensors";
import { formatShape, formatShare, formatValue } from "../format";

/** One output of the model for all measured samples. */
export interface OutputValues {
  /** Shape of one sample's values, those left out included. */
  readonly shape: readonly number[];
  readonly samples: number;
  /** Whether values are shares of one whole, as after a softmax. */
  readonly probability: boolean;
  /** Of a sequence of such shares, the position that is shown: the last. */
  readonly position: number | null;
  /** What was left out of it; empty if nothing was. */
  readonly cut: string;
  /** Values of a sample. */
  of(sample: number): Float32Array;
  /** Values of its classes, be it at the position that is shown. */
  classes(sample: number): Float32Array;
}

/** What the model says of one sample. */
export type Prediction =
  | {
      readonly kind: "classes";
      /** Index of the largest value; -1 if none is a number. */
      readonly top: number;
      readonly value: number;
      readonly probability: boolean;
      /** Of a sequence, where it is said; null otherwise. */
      readonly position: number | null;
      /** The true class, where the label is the index of one. */
      readonly label: number | null;
      readonly labelValue: number | null;
      /** Whether the top class is the label; null where that is not known. */
      readonly correct: boolean | null;
    }
  | { readonly kind: "number"; readonly value: number }
  | {
      readonly kind: "other";
      readonly shape: readonly number[];
      /** Of what was logged. */
      readonly mean: number;
      /** What was left out; empty if nothing was. */
      readonly cut: string;
    };

/** Most that the sum of a softmax in half precision is off. */
const TOLERANCE = 0.01;

/** Reads the member of an output. */
export function readOutput(tensors: Tensors, entry: ModelOutput): OutputValues {
  const what = "The model's output";
  const { shape, values } = takeTensor(tensors, "values", Float32Array, what);
  const [samples = 0, ...rest] = shape;
  const size = rest.reduce((product, length) => product * length, 1);
  const of = (sample: number) => values.subarray(sample * size, (sample + 1) * size);
  const [length = 1, last = length] = rest;
  const inTime = rest.length === 2;
  const width = inTime ? last : length;
  const rows = Array.from({ length: width > 1 ? values.length / width : 0 }, (_, row) =>
    values.subarray(row * width, (row + 1) * width),
  );
  const probability =
    (rest.length === 1 || inTime) && rows.length > 0 && rows.every(isDistribution);
  // A value per step is a prediction only where it is one of classes.
  const position = inTime && probability ? length - 1 : null;
  return {
    shape: entry.cut === "" ? rest : entry.shape.slice(1),
    samples,
    probability,
    position,
    cut: entry.cut,
    of,
    classes: (sample) =>
      position === null ? of(sample) : of(sample).subarray(position * width),
  };
}

function isDistribution(values: Float32Array): boolean {
  let sum = 0;
  for (const value of values) {
    if (!(value >= 0)) {
      return false;
    }
    sum += value;
  }
  return Math.abs(sum - 1) < TOLERANCE;
}

/**
 * What the model says of a sample; null if it was not measured.
 *
 * @param label Label of the sample, as text; undefined if there is none.
 */
export function predict(
  output: OutputValues,
  sample: number,
  label: string | undefined,
): Prediction | null {
  if (sample >= output.samples) {
    return null;
  }
  const values = output.classes(sample);
  const { position } = output;
  if (values.length === 1) {
    return { kind: "number", value: values[0] ?? Number.NaN };
  }
  if ((output.shape.length !== 1 && position === null) || values.length === 0) {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { kind: "other", shape: output.shape, mean, cut: output.cut };
  }
  const [top = -1] = rankClasses(values, 1);
  // A label of the whole sample says nothing of one position.
  const known = position === null ? classOfLabel(label, values.length) : null;
  return {
    kind: "classes",
    position,
    top,
    value: values[top] ?? Number.NaN,
    probability: output.probability,
    label: known,
    labelValue: known === null ? null : (values[known] ?? Number.NaN),
    correct: known === null ? null : known === top,
  };
}

/** Class that a label names; null if it is no index of one. */
export function classOfLabel(
  label: string | undefined,
  classes: number,
): number | null {
  const index = label !== undefined && /^\d{1,9}$/.test(label) ? Number(label) : -1;
  return index >= 0 && index < classes ? index : null;
}

/** The classes of the largest values, the largest first; NaN is in none of them. */
export function rankClasses(values: Float32Array, most: number): number[] {
  return Array.from(values.keys())
    .filter((index) => !Number.isNaN(values[index]))
    .sort((a, b) => {
      const [left, right] = [values[a] as number, values[b] as number];
      return left === right ? a - b : left > right ? -1 : 1;
    })
    .slice(0, most);
}

/** A value of an output: a share in percent, everything else as it is. */
export function formatOutput(value: number, probability: boolean): string {
  return probability ? formatShare(value) : formatValue(value);
}

/** A prediction in as few characters as say it. */
export function shortPrediction(prediction: Prediction): string {
  switch (prediction.kind) {
    case "classes":
      return prediction.top < 0
        ? "NaN"
        : `${prediction.top} ${roundOutput(prediction.value, prediction.probability)}`;
    case "number":
      return formatValue(prediction.value);
    default:
      return formatValue(Number(prediction.mean.toPrecision(3)));
  }
}

/** A prediction as a sentence. */
export function longPrediction(prediction: Prediction): string {
  switch (prediction.kind) {
    case "classes": {
      const { top, value, probability, position, label, labelValue, correct } =
        prediction;
      if (top < 0) {
        return "The model returns NaN";
      }
      const kind = probability ? "" : label === null ? "value " : "logit ";
      const shown = `${kind}${formatOutput(value, probability)}`;
      const where = position === null ? "" : ` at its last position, ${position}`;
      const first = `The model says class ${top} (${shown})${where}`;
      if (correct === null || labelValue === null) {
        return first;
      }
      return correct
        ? `${first}, which is the label`
        : `${first}; the label is ${label} ` +
            `(${kind}${formatOutput(labelValue, probability)})`;
    }
    case "number":
      return `The model returns ${formatValue(prediction.value)}`;
    default: {
      const { shape, mean, cut } = prediction;
      const logged = cut === "" ? "" : ` (the log has ${cut})`;
      return (
        `The model returns ${formatShape(shape)}${logged} ` +
        `with the mean ${formatValue(mean)}`
      );
    }
  }
}

/** Without decimals where there is only room for a few characters. */
function roundOutput(value: number, probability: boolean): string {
  if (!probability) {
    return formatValue(Number(value.toPrecision(2)));
  }
  const percent = Math.round(value * 100);
  return percent === 100 && value < 1 ? "> 99%" : `${percent}%`;
}
