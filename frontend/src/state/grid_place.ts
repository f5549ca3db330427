/** How the channels of a layer are shown, and its form in the page's address. */

import { type ChannelFilter, FILTERS } from "../model/channels/channel_filter";
import { type ChannelOrder, findOrder } from "../model/channels/channel_order";
import type { RangeChoice } from "../model/channels/channel_scales";

/** What the shown capture of a layer is compared with. */
export type ComparedWith =
  /** Another captured step of the run; the last one up to it, if it is a number. */
  | { readonly kind: "step"; readonly step: number | "previous" | "first" }
  /** Another sample of the probe, at the same step. */
  | { readonly kind: "sample"; readonly sample: number }
  /** The same layer and sample in another run, at its last capture up to this step. */
  | { readonly kind: "run"; readonly run: string };

/** How the channels of a layer are shown. */
export interface GridPlace {
  readonly order: ChannelOrder;
  /** Whether the order is the other way round than it is at first. */
  readonly reversed: boolean;
  readonly filter: ChannelFilter;
  /** What the colours' range is taken from. */
  readonly range: RangeChoice;
  /** null = nothing. */
  readonly compared: ComparedWith | null;
  /** Whether the difference is shown in place of both. */
  readonly difference: boolean;
}

export const GRID_START: GridPlace = {
  order: "index",
  reversed: false,
  filter: "all",
  range: "layer",
  compared: null,
  difference: false,
};

/** Longer names of runs are no part of an address. */
const MAX_NAME = 1000;

/** Reads how channels are shown; anything malformed is as if it were not there. */
export function parseGridPlace(entries: ReadonlyMap<string, string>): GridPlace {
  return {
    order: findOrder(entries.get("order")) ?? GRID_START.order,
    reversed: entries.get("reversed") === "1",
    filter: FILTERS.find((one) => one === entries.get("filter")) ?? GRID_START.filter,
    range: parseRange(entries.get("range") ?? ""),
    compared: parseCompared(entries.get("vs") ?? ""),
    difference: entries.get("difference") === "1",
  };
}

/** Adds what is not as at the start. */
export function formatGridPlace(place: GridPlace, entries: Map<string, string>): void {
  const add = (key: string, value: string, start: string) => {
    if (value !== start) {
      entries.set(key, value);
    }
  };
  add("order", place.order, GRID_START.order);
  add("reversed", place.reversed ? "1" : "", "");
  add("filter", place.filter, GRID_START.filter);
  add("range", formatRange(place.range), "layer");
  add("vs", formatCompared(place.compared), "");
  add("difference", place.difference ? "1" : "", "");
}

function formatRange(range: RangeChoice): string {
  return typeof range === "string" ? range : `${range.low},${range.high}`;
}

function parseRange(text: string): RangeChoice {
  if (text === "channel" || text === "pinned") {
    return text;
  }
  const [low, high, more] = text.split(",").map(parseNumber);
  return low !== undefined && high !== undefined && more === undefined && low < high
    ? { low, high }
    : GRID_START.range;
}

/** A finite number as one writes it; NaN for anything else. */
export function parseNumber(text: string): number {
  const trimmed = text.trim();
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed) &&
    Number.isFinite(Number(trimmed))
    ? Number(trimmed)
    : Number.NaN;
}

/** What is compared with, as text; empty for nothing. */
export function formatCompared(compared: ComparedWith | null): string {
  switch (compared?.kind) {
    case "step":
      return `step:${compared.step}`;
    case "sample":
      return `sample:${compared.sample}`;
    case "run":
      return compared.run.length > MAX_NAME ? "" : `run:${compared.run}`;
    default:
      return "";
  }
}

/** The opposite of `formatCompared`; null for anything else. */
export function parseCompared(text: string): ComparedWith | null {
  const split = text.indexOf(":");
  const kind = text.slice(0, split);
  const value = text.slice(split + 1);
  const count = /^\d{1,15}$/.test(value) ? Number(value) : null;
  if (kind === "run" && value !== "" && value.length <= MAX_NAME) {
    return { kind, run: value };
  }
  if (kind === "step" && (value === "previous" || value === "first")) {
    return { kind, step: value };
  }
  if (kind === "step" && count !== null) {
    return { kind, step: count };
  }
  return kind === "sample" && count !== null ? { kind, sample: count } : null;
}
