/** A cell of the map in words. */

import {
  cellOfStep,
  type DynamicsMap,
  sameVariables,
} from "../../model/dynamics/dynamics_map";
import { describeJoin, joinVariables } from "../../model/dynamics/joined_variables";
import { formatQuantity } from "../../model/dynamics/quantities";
import { formatCount, formatValue } from "../../model/format";
import type { GradientsPlace } from "../../state/gradients_place";
import type { NonfiniteOrigin } from "../../wire/generated";
import { cellsOfRow, type HeatRow } from "./heat_rows";

/** What the map shows. */
export interface DescribedMap {
  readonly map: DynamicsMap;
  /** That of the run it is compared with. */
  readonly other: DynamicsMap | null;
  readonly place: GradientsPlace;
  /** What was NaN or infinite first in this run. */
  readonly origin: NonfiniteOrigin | null;
}

/** First the value, then where it is. */
export function describeHeatCell(
  one: HeatRow,
  step: number,
  { map, other, place, origin }: DescribedMap,
): string[] {
  const { quantity, statistic, versus } = place;
  const joined = cellsOfRow(one, map, other, statistic);
  const cell = cellOfStep(joined.cells, step);
  const first = joined.cells.firstSteps[cell] ?? step;
  const last = joined.cells.steps[cell] ?? step;
  const where = [
    one.row.key.slice(0, 200),
    first === last
      ? `step ${formatCount(last)}`
      : `steps ${formatCount(first)} to ${formatCount(last)}`,
    ...(one.source === "other" ? [`run ${versus ?? ""}`] : []),
  ];
  if (step < first) {
    return ["not measured", ...where];
  }
  const value = joined.values[cell] ?? Number.NaN;
  const broken = joined.nonfinite[cell] ?? 0;
  const marks =
    broken > 0 ? [`${formatCount(broken)} elements are NaN or infinite`] : [];
  if (
    origin !== null &&
    one.source !== "other" &&
    first <= origin.step &&
    origin.step <= last &&
    one.row.variables.some((at) => origin.variables.includes(map.variables[at] ?? ""))
  ) {
    const what = origin.kind === "weight" ? "weights" : "gradients";
    marks.push(`the first that were: ${what} of step ${formatCount(origin.step)}`);
  }
  if (one.source === "ratio") {
    const values = (["this", "other"] as const).map((source) => {
      const cells = cellsOfRow({ ...one, source }, map, other, statistic);
      const found = cells.values[cellOfStep(cells.cells, step)] ?? Number.NaN;
      return Number.isNaN(found) ? "not measured" : formatQuantity(quantity, found);
    });
    const both = `this run ${values[0]}, ${versus} ${values[1]}`;
    return [ratioText(value), both, ...marks, ...where];
  }
  if (Number.isNaN(value)) {
    return [broken > 0 ? "not finite" : "not measured", ...marks, ...where];
  }
  const source = one.source === "other" && other !== null ? other : map;
  const variables =
    source === map ? one.row.variables : sameVariables(map, source, one.row.variables);
  const values = (["mean", "smallest", "largest"] as const).map((name) => {
    const found = joinVariables(source, variables, name).values[cell] ?? Number.NaN;
    return `${name} ${formatQuantity(quantity, found)}`;
  });
  const together = describeJoin(source, variables);
  const of = together === "" ? [] : [together];
  return [
    ...(first === last ? [values[2] ?? ""] : values),
    ...marks,
    ...of,
    ...where,
  ].map((line, at) =>
    at === 0 && first === last ? line.replace("largest ", "") : line,
  );
}

function ratioText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) {
    return "no ratio: the other run's is exactly zero";
  }
  return Number.isNaN(value) ? "no ratio" : `${formatValue(value)} times`;
}
