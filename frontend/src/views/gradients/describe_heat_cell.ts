/** A cell of the map in words. */

import {
  cellOfStep,
  type DynamicsMap,
  joinVariables,
  sameVariables,
} from "../../model/dynamics/dynamics_map";
import { formatQuantity } from "../../model/dynamics/quantities";
import { formatCount, formatValue } from "../../model/format";
import type { GradientsPlace } from "../../state/gradients_place";
import { cellsOfRow, type HeatRow } from "./heat_rows";

/** First the value, then where it is. */
export function describeHeatCell(
  one: HeatRow,
  map: DynamicsMap,
  other: DynamicsMap | null,
  versus: string | null,
  step: number,
  place: GradientsPlace,
): string[] {
  const { quantity, statistic } = place;
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
  if (one.source === "ratio") {
    const text = Number.isNaN(value) ? "no ratio" : `${formatValue(value)} times`;
    return [text, ...marks, ...where];
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
  const of =
    one.row.variables.length > 1
      ? [`largest of ${formatCount(one.row.variables.length)} variables`]
      : [];
  return [
    ...(first === last ? [values[2] ?? ""] : values),
    ...marks,
    ...of,
    ...where,
  ].map((line, at) =>
    at === 0 && first === last ? line.replace("largest ", "") : line,
  );
}
