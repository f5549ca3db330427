/** Norms of all variables over all captures. */

import { WireError } from "../../wire/decode";
import type { Tensors } from "../../wire/safetensors";

/** Norms of V variables at T steps; NaN = not known. */
export interface WeightNorms {
  readonly steps: Float64Array;
  /** Row of a variable, by its path. */
  readonly rows: ReadonlyMap<string, number>;
  /** `[V, T]` */
  readonly norm: Float32Array;
  /** `[V, T]`: how many values are NaN or infinite. */
  readonly nonfinite: Float32Array;
}

/** Reads the answer of the route `/weights/norms`. */
export function readWeightNorms(tensors: Tensors): WeightNorms {
  const steps = tensors.get("steps")?.values;
  const norm = tensors.get("norm")?.values;
  const nonfinite = tensors.get("nonfinite")?.values;
  const paths = readPaths(tensors.get("paths")?.values);
  if (
    !(steps instanceof Float64Array) ||
    !(norm instanceof Float32Array) ||
    !(nonfinite instanceof Float32Array) ||
    norm.length !== paths.length * steps.length ||
    nonfinite.length !== norm.length
  ) {
    throw new WireError("The norms of the weights do not fit each other.");
  }
  const rows = new Map(paths.map((path, row) => [path, row]));
  return { steps, rows, norm, nonfinite };
}

function readPaths(bytes: unknown): readonly string[] {
  let paths: unknown;
  try {
    paths = JSON.parse(new TextDecoder().decode(bytes as Uint8Array));
  } catch {
    // Said below.
  }
  if (Array.isArray(paths) && paths.every((path) => typeof path === "string")) {
    return paths;
  }
  throw new WireError("The norms of the weights do not name their variables.");
}

/** What is known of one variable, a number for each step. */
export interface NormLine {
  readonly norms: readonly number[];
  /** Whether it had a value that is NaN or infinite at any of them. */
  readonly isBroken: boolean;
}

/** The line of a variable; null if no capture has it. */
export function normLine(
  { steps, rows, norm, nonfinite }: WeightNorms,
  path: string,
): NormLine | null {
  const row = rows.get(path);
  if (row === undefined) {
    return null;
  }
  const of = (values: Float32Array) =>
    values.subarray(row * steps.length, (row + 1) * steps.length);
  return { norms: [...of(norm)], isBroken: of(nonfinite).some((count) => count > 0) };
}
