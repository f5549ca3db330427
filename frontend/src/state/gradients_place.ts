/** How the gradients are shown, and its form in the page's address. */

import type { CellStatistic, DynamicsQuantity } from "../model/dynamics/dynamics_map";
import { findQuantity } from "../model/dynamics/quantities";

/** How the gradients are shown. */
export interface GradientsPlace {
  readonly quantity: DynamicsQuantity;
  readonly statistic: CellStatistic;
  /** Steps that are shown, both included; null = the whole training. */
  readonly range: StepRange | null;
  /** Run that it is compared with; null = none. */
  readonly versus: string | null;
  /** Whether the ratio of both runs is shown in place of both. */
  readonly ratio: boolean;
  /** Step that is pointed at, in the row of the selected layer; null = none. */
  readonly at: number | null;
  /** Whether the list of all runs is open. */
  readonly runs: boolean;
  /** Variable whose histograms are shown; null = the layer's first one. */
  readonly histogram: string | null;
}

/** A range of optimizer steps, both ends included. */
export interface StepRange {
  readonly first: number;
  readonly last: number;
}

export const GRADIENTS_START: GradientsPlace = {
  quantity: "grad_norm",
  statistic: "largest",
  range: null,
  versus: null,
  ratio: false,
  at: null,
  runs: true,
  histogram: null,
};

/** Longer names of runs and variables are no part of an address. */
const MAX_NAME = 1000;

/** Reads how gradients are shown; anything malformed is as if it were not there. */
export function parseGradientsPlace(
  entries: ReadonlyMap<string, string>,
): GradientsPlace {
  const versus = entries.get("gradients_vs") ?? "";
  const histogram = entries.get("gradient_of") ?? "";
  return {
    quantity:
      findQuantity(entries.get("quantity") ?? "")?.id ?? GRADIENTS_START.quantity,
    statistic: entries.get("of_cells") === "mean" ? "mean" : GRADIENTS_START.statistic,
    range: parseRange(entries.get("steps") ?? ""),
    versus: versus === "" || versus.length > MAX_NAME ? null : versus,
    ratio: entries.get("ratio") === "1",
    at: parseStep(entries.get("at_step") ?? ""),
    runs: entries.get("all_runs") !== "0",
    histogram: histogram === "" || histogram.length > MAX_NAME ? null : histogram,
  };
}

/** Adds what is not as at the start. */
export function formatGradientsPlace(
  place: GradientsPlace,
  entries: Map<string, string>,
): void {
  const add = (key: string, value: string, start: string) => {
    if (value !== start) {
      entries.set(key, value);
    }
  };
  add("quantity", place.quantity, GRADIENTS_START.quantity);
  add("of_cells", place.statistic, GRADIENTS_START.statistic);
  const { range } = place;
  add("steps", range === null ? "" : `${range.first}-${range.last}`, "");
  add("gradients_vs", (place.versus ?? "").slice(0, MAX_NAME), "");
  add("gradient_of", (place.histogram ?? "").slice(0, MAX_NAME), "");
  add("ratio", place.ratio ? "1" : "", "");
  add("at_step", place.at === null ? "" : String(place.at), "");
  add("all_runs", place.runs ? "" : "0", "");
}

function parseStep(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function parseRange(text: string): StepRange | null {
  const [, first, last] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  if (first === undefined || last === undefined || Number(first) > Number(last)) {
    return null;
  }
  return { first: Number(first), last: Number(last) };
}
