/** The place in the app, and its form in the page's address. */

import { type AttentionOrder, findAttentionOrder } from "../model/attention/orders";
import { findMetric, type MetricId } from "../model/overlay/metrics";
import {
  formatPathQuery,
  type PathQuery,
  parsePathQuery,
} from "../model/paths/path_query";
import {
  findHealthKind,
  type HealthKind,
  type HealthOrder,
} from "../model/units/health_kinds";
import {
  formatGradientsPlace,
  GRADIENTS_START,
  type GradientsPlace,
  parseGradientsPlace,
} from "./gradients_place";
import {
  formatGridPlace,
  GRID_START,
  type GridPlace,
  parseGridPlace,
} from "./grid_place";
import {
  formatWeightsPlace,
  parseWeightsPlace,
  WEIGHTS_START,
  type WeightsPlace,
} from "./weights_place";

/** The views, in the order of their tabs. */
export const VIEWS = ["architecture", "activations", "gradients", "weights"] as const;

export type View = (typeof VIEWS)[number];

/** What the activations view shows: one layer, or something of all of them. */
export type ActivationsMode = "layers" | "health" | "attention";

/** Everything that a shared link restores. */
export interface Place {
  /** Name of the training; null = the first. */
  readonly run: string | null;
  /** null = follow the latest step. */
  readonly step: number | null;
  readonly view: View;
  /** Path of the selected layer. */
  readonly layer: string | null;
  /** Which call of a shared layer, from 0. */
  readonly node: number;
  /** Which output of that call, from 0. */
  readonly output: number;
  /** Which sample of the probe, from 0. */
  readonly sample: number;
  /** Channel that is shown large; null = the grid. */
  readonly channel: number | null;
  /** What the activations view shows. */
  readonly mode: ActivationsMode;
  /** Which state of units the map of their health shows. */
  readonly health: HealthKind;
  /** In which order that map shows the layers. */
  readonly healthOrder: HealthOrder;
  /** In which order attention heads are shown. */
  readonly heads: AttentionOrder;
  /** How the channels of a layer are shown. */
  readonly grid: GridPlace;
  /** How the gradients are shown. */
  readonly gradients: GradientsPlace;
  /** How the weights are shown. */
  readonly weights: WeightsPlace;
  /** Whether the architecture is shown as a table. */
  readonly table: boolean;
  /** Run that the architecture is compared with; null = the shown one or none. */
  readonly withRun: string | null;
  /** Step of the graph that is compared with; null = the latest. */
  readonly withStep: number | null;
  /** What layers are searched for. */
  readonly find: string;
  /** What the layers are coloured by; null = their families. */
  readonly color: MetricId | null;
  /** Keys of the open groups of the architecture, a line each; null = as at first. */
  readonly open: string | null;
  /** Which paths are shown; null = none. */
  readonly paths: PathQuery | null;
}

/** Longer texts are no part of an address. */
const MAX_FIND = 300;

/** Longer lists of open groups are not in the address. */
export const MAX_OPEN = 500;

export const START: Place = {
  run: null,
  step: null,
  view: "architecture",
  layer: null,
  node: 0,
  output: 0,
  sample: 0,
  channel: null,
  mode: "layers",
  health: "dead",
  healthOrder: "layer",
  heads: "layer",
  grid: GRID_START,
  gradients: GRADIENTS_START,
  weights: WEIGHTS_START,
  table: false,
  withRun: null,
  withStep: null,
  find: "",
  color: null,
  open: null,
  paths: null,
};

/** Reads a place; anything malformed is as if it were not there. */
export function parsePlace(entries: ReadonlyMap<string, string>): Place {
  const view = entries.get("view");
  const mode = entries.get("mode");
  return {
    run: entries.get("run") ?? START.run,
    step: parseCount(entries.get("step")),
    view: VIEWS.find((one) => one === view) ?? START.view,
    layer: entries.get("layer") || START.layer,
    node: parseCount(entries.get("call")) ?? START.node,
    output: parseCount(entries.get("output")) ?? START.output,
    sample: parseCount(entries.get("sample")) ?? START.sample,
    channel: parseCount(entries.get("channel")),
    mode: mode === "health" || mode === "attention" ? mode : START.mode,
    health: findHealthKind(entries.get("health") ?? "")?.kind ?? START.health,
    healthOrder: entries.get("health_order") === "worst" ? "worst" : "layer",
    heads: findAttentionOrder(entries.get("heads") ?? "")?.order ?? START.heads,
    grid: parseGridPlace(entries),
    gradients: parseGradientsPlace(entries),
    weights: parseWeightsPlace(entries),
    table: entries.get("table") === "1",
    withRun: entries.get("with") || START.withRun,
    withStep: parseCount(entries.get("with_step")),
    find: (entries.get("find") ?? START.find).slice(0, MAX_FIND),
    open: entries.get("open")?.slice(0, MAX_OPEN) ?? START.open,
    color: findMetric(entries.get("color") ?? "")?.id ?? null,
    paths: parsePathQuery(entries.get("paths") ?? ""),
  };
}

/** Writes a place; what is as at the start is left out. */
export function formatPlace(place: Place): Map<string, string> {
  const entries = new Map<string, string>();
  const add = (key: string, value: string | number | null, start: unknown) => {
    if (value !== null && value !== start) {
      entries.set(key, String(value));
    }
  };
  add("view", place.view, START.view);
  add("run", place.run, START.run);
  add("step", place.step, START.step);
  add("layer", place.layer, START.layer);
  add("call", place.node, START.node);
  add("output", place.output, START.output);
  add("sample", place.sample, START.sample);
  add("channel", place.channel, START.channel);
  add("mode", place.mode, START.mode);
  add("health", place.health, START.health);
  add("health_order", place.healthOrder, START.healthOrder);
  add("heads", place.heads, START.heads);
  formatGridPlace(place.grid, entries);
  formatGradientsPlace(place.gradients, entries);
  formatWeightsPlace(place.weights, entries);
  add("color", place.color, START.color);
  add("open", place.open, START.open);
  if (place.table) {
    entries.set("table", "1");
  }
  add("with", place.withRun, START.withRun);
  add("with_step", place.withStep, START.withStep);
  add("paths", formatPathQuery(place.paths), "");
  add("find", place.find.slice(0, MAX_FIND), START.find);
  return entries;
}

function parseCount(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,15}$/.test(text)) {
    return null;
  }
  return Number(text);
}
