/** How the weights are shown, and its form in the page's address. */

import { findWeightOrder, type WeightOrder } from "../model/weights/weight_order";

/** What a variable's values are compared with. */
export type WeightBase =
  | { readonly kind: "start" }
  | { readonly kind: "previous" }
  | { readonly kind: "step"; readonly step: number }
  | { readonly kind: "run"; readonly run: string };

/** How the weights are shown. */
export interface WeightsPlace {
  /** Path of the variable; null = the first of the selected layer. */
  readonly variable: string | null;
  /** What the values are shown as the difference to; null = the values. */
  readonly base: WeightBase | null;
  /** What the list of variables is filtered by. */
  readonly find: string;
  readonly order: WeightOrder;
  /** Whether the other end of the order comes first. */
  readonly reversed: boolean;
}

export const WEIGHTS_START: WeightsPlace = {
  variable: null,
  base: null,
  find: "",
  order: "layer",
  reversed: false,
};

/** Longer names are no part of an address. */
const MAX_NAME = 1000;
const MAX_FIND = 300;

/** Reads how weights are shown; anything malformed is as if it were not there. */
export function parseWeightsPlace(entries: ReadonlyMap<string, string>): WeightsPlace {
  const variable = entries.get("variable") ?? "";
  return {
    variable: variable === "" || variable.length > MAX_NAME ? null : variable,
    base: parseWeightBase(entries.get("weights_vs") ?? ""),
    find: (entries.get("weights_find") ?? "").slice(0, MAX_FIND),
    order: findWeightOrder(entries.get("weights_order") ?? "") ?? WEIGHTS_START.order,
    reversed: entries.get("weights_reversed") === "1",
  };
}

/** Adds what is not as at the start. */
export function formatWeightsPlace(
  { variable, base, find, order, reversed }: WeightsPlace,
  entries: Map<string, string>,
): void {
  if (variable !== null && variable.length <= MAX_NAME) {
    entries.set("variable", variable);
  }
  if (base !== null) {
    entries.set("weights_vs", formatWeightBase(base));
  }
  if (find !== "") {
    entries.set("weights_find", find.slice(0, MAX_FIND));
  }
  if (order !== WEIGHTS_START.order) {
    entries.set("weights_order", order);
  }
  if (reversed) {
    entries.set("weights_reversed", "1");
  }
}

/** One word for a base; the word of none is empty. */
export function formatWeightBase(base: WeightBase | null): string {
  if (base === null) {
    return "";
  }
  switch (base.kind) {
    case "step":
      return `step:${base.step}`;
    case "run":
      return `run:${base.run}`;
    default:
      return base.kind;
  }
}

/** Reads the word; null for none, and for what is malformed. */
export function parseWeightBase(text: string): WeightBase | null {
  if (text === "start" || text === "previous") {
    return { kind: text };
  }
  const step = /^step:(\d{1,15})$/.exec(text)?.[1];
  if (step !== undefined) {
    return { kind: "step", step: Number(step) };
  }
  const run = text.startsWith("run:") ? text.slice(4) : "";
  return run === "" || run.length > MAX_NAME ? null : { kind: "run", run };
}
