/** What is saved of a variable. */

import { WEIGHT_STATS } from "../../wire/generated";
import type { CapturedVariable } from "../kernel/incoming_kernel";
import type { WeightTrend } from "../weights/weight_trend";
import type { ArrayFile } from "./arrays";
import { csvLine } from "./csv";

/** One capture of a variable. */
export interface SavedVariable {
  readonly run: string;
  readonly step: number;
  readonly variable: CapturedVariable;
  readonly values: Float32Array;
  readonly stats: Float32Array;
  readonly counts: BigInt64Array;
  readonly edges: Float64Array;
}

/**
 * One capture of a variable as arrays.
 *
 * `values` float32, the kept part; `index_0` int64 and so on, which indices of each axis
 * it is of; `counts` int64 `[B]` and `edges` float64 `[B + 1]`, the histogram of all
 * finite values; `stats` float32 `[S]`, whose columns `metadata` names.
 */
export function variableFile(saved: SavedVariable): ArrayFile {
  const { variable, values, stats, counts, edges } = saved;
  const { capture } = variable;
  return {
    arrays: [
      {
        name: "values",
        shape: variable.indices.map((along) => along.length),
        values: Float32Array.from(values),
      },
      ...variable.indices.map((along, axis) => ({
        name: `index_${axis}`,
        shape: [along.length],
        values: BigInt64Array.from(along, BigInt),
      })),
      { name: "counts", shape: [counts.length], values: BigInt64Array.from(counts) },
      { name: "edges", shape: [edges.length], values: Float64Array.from(edges) },
      { name: "stats", shape: [stats.length], values: Float32Array.from(stats) },
    ],
    metadata: {
      run: saved.run,
      step: String(saved.step),
      variable: capture.path,
      shape: JSON.stringify(capture.shape),
      dtype: capture.dtype,
      axes: JSON.stringify(capture.axes),
      stat_columns: JSON.stringify(WEIGHT_STATS),
      cut: capture.cut,
    },
  };
}

/** Statistics and changes of a variable, a line for each capture. */
export function weightTrendCsv(trend: WeightTrend): string[] {
  const changes = ["change_since_previous", "change_since_start"];
  return [
    csvLine(["step", ...WEIGHT_STATS, ...changes]),
    ...Array.from(trend.steps, (step, at) =>
      csvLine([
        step,
        ...WEIGHT_STATS.map(
          (_, column) => trend.stats[at * WEIGHT_STATS.length + column] ?? Number.NaN,
        ),
        ...changes.map((_, column) => trend.changes[at * 2 + column] ?? Number.NaN),
      ]),
    ),
  ];
}
