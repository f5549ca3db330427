/** One quantity of all variables over steps, as cells. */

import { WireError } from "../../wire/decode";
import type { DYNAMICS_QUANTITIES } from "../../wire/generated";
import type { Tensors } from "../../wire/safetensors";

/** What can be mapped. */
export type DynamicsQuantity = (typeof DYNAMICS_QUANTITIES)[number];

/** Cells of optimizer steps, ascending. */
export interface StepCellRange {
  /** First step of each cell, `[T]`. */
  readonly firstSteps: Float64Array;
  /** Last step of each cell, `[T]`. */
  readonly steps: Float64Array;
}

/** What a cell says of a variable. */
export type CellStatistic = "mean" | "smallest" | "largest";

/** One quantity of V variables in T cells; NaN = nothing is known. */
export interface DynamicsMap extends StepCellRange {
  readonly quantity: DynamicsQuantity;
  readonly variables: readonly string[];
  /** `[V, T]` */
  readonly mean: Float32Array;
  readonly smallest: Float32Array;
  readonly largest: Float32Array;
  /** `[V, T]`: NaN or infinite elements of gradients and weights. */
  readonly nonfinite: Float32Array;
}

/** Reads the answer of the route `/dynamics/map`. */
export function readDynamicsMap(
  tensors: Tensors,
  quantity: DynamicsQuantity,
  variables: readonly string[],
): DynamicsMap {
  const range = readCells(tensors);
  const size = range.steps.length * variables.length;
  const take = (name: string): Float32Array => {
    const values = tensors.get(name)?.values;
    if (!(values instanceof Float32Array) || values.length !== size) {
      throw new WireError(`The dynamics do not fit their variables: "${name}".`);
    }
    return values;
  };
  return {
    ...range,
    quantity,
    variables,
    mean: take("mean"),
    smallest: take("smallest"),
    largest: take("largest"),
    nonfinite: take("nonfinite"),
  };
}

/** Columns of the dynamics of all variables together, by name, `[T]` each. */
export interface StepColumns extends StepCellRange {
  readonly columns: ReadonlyMap<string, Float32Array>;
}

/** Reads the answer of the route `/dynamics/steps`. */
export function readStepColumns(tensors: Tensors): StepColumns {
  const range = readCells(tensors);
  const columns = new Map<string, Float32Array>();
  for (const [name, { values }] of tensors) {
    if (values instanceof Float32Array && values.length === range.steps.length) {
      columns.set(name, values);
    }
  }
  return { ...range, columns };
}

function readCells(tensors: Tensors): StepCellRange {
  const firstSteps = tensors.get("first_steps")?.values;
  const steps = tensors.get("steps")?.values;
  if (
    !(firstSteps instanceof Float64Array) ||
    !(steps instanceof Float64Array) ||
    steps.length !== firstSteps.length
  ) {
    throw new WireError("The dynamics do not say of which steps they are.");
  }
  return { firstSteps, steps };
}

/** Index of the cell that holds a step; the nearest one before it, or the first. */
export function cellOfStep({ steps }: StepCellRange, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as number) < step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return Math.min(low, steps.length - 1);
}

const places = new WeakMap<DynamicsMap, ReadonlyMap<string, number>>();

/** Indices, in another run's map, of the variables of the same paths. */
export function sameVariables(
  map: DynamicsMap,
  other: DynamicsMap,
  variables: readonly number[],
): number[] {
  const known =
    places.get(other) ?? new Map(other.variables.map((path, at) => [path, at]));
  places.set(other, known);
  return variables
    .map((at) => known.get(map.variables[at] ?? ""))
    .filter((at) => at !== undefined);
}
