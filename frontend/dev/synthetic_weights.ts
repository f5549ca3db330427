/** Made-up weights: every rank, broken ones, cut ones, hostile names, and very many. */

import { DataError } from "../src/data/data_source";
import {
  type VariableAxis,
  WEIGHT_CAPTURE_DEFAULTS,
  WEIGHT_INDEX_DEFAULTS,
  WEIGHT_STATS,
  type WeightCapture,
  type WeightIndex,
} from "../src/wire/generated";
import type { Tensor, Tensors } from "../src/wire/safetensors";

/** Uneven, with a gap. */
export const WEIGHT_STEPS = [0, 10, 20, 30, 100, 110, 1000];

const BINS = 32;
/** Bins have a width of this power of two. */
const BIN = 2 ** -4;

const named = (...names: string[]): VariableAxis[] =>
  names.map((name) => ({ name, parts: [] }));

const GATES: VariableAxis = {
  name: "unit",
  parts: ["input gate", "forget gate", "candidate", "output gate"],
};

function variable(
  path: string,
  shape: readonly number[],
  change: Partial<WeightCapture> = {},
): WeightCapture {
  return {
    ...WEIGHT_CAPTURE_DEFAULTS,
    path,
    shape,
    dtype: "float32",
    trainable: true,
    kept: shape.map(() => null),
    member: { blob: 1, offset: 0, length: 0 },
    cut: "",
    ...change,
  };
}

const VARIABLES: readonly WeightCapture[] = [
  variable("image/kernel", [7, 7, 3, 64], {
    spatial_axes: 2,
    axes: named("row", "column", "input channel", "output channel"),
  }),
  variable("depthwise/kernel", [3, 3, 144, 1], { spatial_axes: 2 }),
  variable("volume/kernel", [3, 3, 3, 4, 8], { spatial_axes: 3 }),
  variable("attention/query/kernel", [64, 8, 16], {
    axes: named("input", "head", "unit"),
  }),
  variable("lstm/kernel", [32, 64], { axes: [...named("input"), GATES] }),
  variable("embedding/embeddings", [30_000, 128], {
    axes: named("token", "unit"),
    kept: [Array.from({ length: 96 }, (_, at) => at * 312), null],
    cut: "96x128 of 30000x128",
  }),
  variable("norm/gamma", [512], { axes: named("channel"), trainable: false }),
  variable("temperature", []),
  variable("empty", [0, 8]),
  variable("broken/kernel", [12, 12]),
  variable("nothing/kept", [5000, 5000], {
    kept: [[], []],
    cut: "0x0 of 5000x5000",
  }),
  variable("<img src=x onerror=alert(1)>/kernel", [3, 3]),
  variable("__proto__", [3]),
  variable(`long_${"x".repeat(800)}/kernel`, [4, 4]),
  ...Array.from({ length: 2000 }, (_, at) =>
    variable(`many/layer_${at}/${at % 2 === 0 ? "kernel" : "bias"}`, [16, 16]),
  ),
];

/** What a capture holds. */
export function createWeightIndex(step: number): WeightIndex {
  const at = WEIGHT_STEPS.indexOf(step);
  if (at < 0) {
    throw new DataError(`There is no capture at step ${step}.`, "not_found");
  }
  const before = WEIGHT_STEPS[at - 1] ?? null;
  return {
    ...WEIGHT_INDEX_DEFAULTS,
    version: 1,
    step,
    variables: VARIABLES.map((one, place) => ({
      ...one,
      norm: normOf(one, place, step),
      change: before === null ? null : 0.1 / (1 + (place % 7)),
      change_from_start: before === null ? null : 0.5 / (1 + (place % 5)),
      nonfinite: one.path === "broken/kernel" && step >= 100 ? 3 : 0,
    })),
    skipped: [{ path: "unread/kernel", reason: "It was deleted." }],
    raw_bytes: 0,
    budget_bytes: 8 * 2 ** 20,
    previous_step: before,
    start_step: before === null ? null : 0,
  };
}

/** Values of a variable, with its histogram and its statistics. */
export function createWeightData(step: number, path: string): Tensors {
  const [one, place] = find(path);
  const kept = one.shape.map((size, axis) => one.kept[axis]?.length ?? size);
  const count = kept.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, (_, at) =>
    valueAt(at, place, step),
  );
  if (path === "broken/kernel" && step >= 100) {
    values.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 5);
  }
  if (path === "norm/gamma") {
    values.forEach((value, at) => {
      values[at] = 1 + value / 10;
    });
  }
  const { counts, edges, stats } = summary(place, step);
  return new Map<string, Tensor>([
    ["values", { dtype: "F32", shape: kept, values }],
    [
      "counts",
      { dtype: "I64", shape: [BINS], values: BigInt64Array.from(counts, BigInt) },
    ],
    ["edges", { dtype: "F64", shape: [BINS + 1], values: Float64Array.from(edges) }],
    [
      "stats",
      { dtype: "F32", shape: [stats.length], values: Float32Array.from(stats) },
    ],
  ]);
}

/** The variable over all captures. */
export function createWeightTrend(path: string): Tensors {
  const [, place] = find(path);
  const rows = WEIGHT_STEPS.map((step) => summary(place, step));
  const float = (values: number[]): Tensor => ({
    dtype: "F64",
    shape: [values.length],
    values: Float64Array.from(values),
  });
  const stats = Float32Array.from(rows.flatMap((row) => row.stats));
  return new Map<string, Tensor>([
    ["steps", float(WEIGHT_STEPS)],
    ["counts", float(rows.flatMap((row) => row.counts))],
    ["edges", float(rows.flatMap((row) => row.edges))],
    ["stats", { dtype: "F32", shape: [stats.length], values: stats }],
    [
      "changes",
      float(
        WEIGHT_STEPS.flatMap((_, t) => (t === 0 ? [NaN, NaN] : [1 / t, Math.sqrt(t)])),
      ),
    ],
    ["captures", float([WEIGHT_STEPS.length])],
  ]);
}

/** Norms of all variables over all captures. */
export function createWeightNorms(): Tensors {
  const shape = [VARIABLES.length, WEIGHT_STEPS.length];
  const table = (of: (one: WeightCapture, place: number, step: number) => number) =>
    Float32Array.from(
      VARIABLES.flatMap((one, place) =>
        WEIGHT_STEPS.map((step) => of(one, place, step)),
      ),
    );
  const paths = new TextEncoder().encode(
    JSON.stringify(VARIABLES.map(({ path }) => path)),
  );
  return new Map<string, Tensor>([
    ["steps", { dtype: "F64", shape: [7], values: Float64Array.from(WEIGHT_STEPS) }],
    [
      "norm",
      {
        dtype: "F32",
        shape,
        values: table((one, place, step) => normOf(one, place, step) ?? Number.NaN),
      },
    ],
    [
      "nonfinite",
      {
        dtype: "F32",
        shape,
        values: table(({ path }, _, step) =>
          path === "broken/kernel" && step >= 100 ? 3 : 0,
        ),
      },
    ],
    ["paths", { dtype: "U8", shape: [paths.length], values: paths }],
  ]);
}

function find(path: string): [WeightCapture, number] {
  const place = VARIABLES.findIndex((one) => one.path === path);
  const found = VARIABLES[place];
  if (found === undefined) {
    throw new DataError(`There is no variable "${path.slice(0, 100)}".`, "not_found");
  }
  return [found, place];
}

function normOf({ shape }: WeightCapture, place: number, step: number): number | null {
  return shape.includes(0)
    ? null
    : (1 + (place % 13)) * (1 + Math.log1p(step) / (3 + (place % 4)));
}

function valueAt(at: number, place: number, step: number): number {
  const grown = 0.1 + Math.log1p(step) / 50;
  return grown * Math.sin(at * 12.9898 + place) * Math.cos(at * 0.37 + step / 1000);
}

/** A bell that grows wider. */
function summary(place: number, step: number) {
  const width = 3 + Math.log1p(step) / 2 + (place % 3);
  const edges = Array.from({ length: BINS + 1 }, (_, bin) => (bin - BINS / 2) * BIN);
  const counts = Array.from({ length: BINS }, (_, bin) =>
    Math.round(400 * Math.exp(-(((bin + 0.5 - BINS / 2) / width) ** 2))),
  );
  const known: Record<string, number> = {
    min: edges[0] ?? 0,
    max: (edges[BINS] ?? 0) - BIN / 2,
    mean: place / 1e4,
    std: (width * BIN) / 2,
    norm: width * (1 + (place % 5)),
    nonfinite: place === 9 && step >= 100 ? 3 : 0,
  };
  return { edges, counts, stats: WEIGHT_STATS.map((name) => known[name] ?? 0) };
}
