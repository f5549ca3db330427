/** What differs between two model graphs. */

import type { LayerNode, ModelGraph } from "../../wire/generated";
import { CHANGE_KINDS, compareLayers, type FieldChange } from "./layer_changes";
import { type LayerMatch, layersByPath, matchLayers } from "./layer_match";
import { readWiring } from "./wiring";

/** How a layer stands to the graph that is compared with. */
export type Sign = "added" | "removed" | "changed" | "resized";

/** A layer that is in both graphs, but not the same. */
export interface LayerChange {
  readonly before: LayerNode;
  readonly after: LayerNode;
  /** The weightiest first; never empty. */
  readonly fields: readonly FieldChange[];
}

/** A number of both graphs. */
export interface TotalChange {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** What it counts. */
  readonly unit: "count" | "bytes";
  /** Calls whose part is not known, before and after. */
  readonly unknown: readonly [number, number];
}

/** All that differs. */
export interface GraphDiff {
  readonly before: ModelGraph;
  readonly after: ModelGraph;
  /** Layers only after, in the model's order; not those inside of added ones. */
  readonly added: readonly LayerNode[];
  /** Layers only before, in that model's order; not those inside of removed ones. */
  readonly removed: readonly LayerNode[];
  readonly changed: readonly LayerChange[];
  /** Of the model as a whole, such as its optimizer. */
  readonly model: readonly { name: string; before: string; after: string }[];
  readonly totals: readonly TotalChange[];
  /** Of the layers after, by path; those without a difference have none. */
  readonly signs: ReadonlyMap<string, Exclude<Sign, "removed">>;
  /** The layer before that each layer after is taken for, by path. */
  readonly partners: ReadonlyMap<string, LayerNode>;
  /** Path after of the layer that holds each removed one; null = the model. */
  readonly removedFrom: ReadonlyMap<string, string | null>;
  /** The same, for what is inside of removed layers as well. */
  readonly counts: Readonly<Record<Sign, number>>;
}

/** Compares two graphs; `before` is the one that the reader starts from. */
export function compareGraphs(before: ModelGraph, after: ModelGraph): GraphDiff {
  const match = matchLayers(before, after);
  const old = layersByPath(before.layers);
  const now = layersByPath(after.layers);
  const wirings = { before: readWiring(before), after: readWiring(after) };
  const context = {
    wiring: { before: wirings.before.wiring, after: wirings.after.wiring },
    ordered: wirings.before.ordered && wirings.after.ordered,
    renamed: (path: string) => renamed(path, match),
    nameOf: (path: string) =>
      now.get(path)?.layer.name ?? old.get(path)?.layer.name ?? path,
  };
  const counts = { added: 0, removed: 0, changed: 0, resized: 0 };
  const signs = new Map<string, Exclude<Sign, "removed">>();
  const added: LayerNode[] = [];
  const changed: LayerChange[] = [];
  for (const [path, { layer, holder }] of now) {
    const partner = match.before.get(path);
    if (partner === undefined) {
      signs.set(path, "added");
      counts.added += 1;
      if (holder === null || match.before.has(holder.path)) {
        added.push(layer);
      }
      continue;
    }
    const held = old.get(partner.path)?.holder?.path ?? "";
    const fields = compareLayers(partner, layer, {
      ...context,
      holder: { before: held, after: holder?.path ?? "" },
    });
    if (fields.length > 0) {
      const sign = fields[0]?.kind === "size" ? "resized" : "changed";
      changed.push({ before: partner, after: layer, fields });
      signs.set(path, sign);
      counts[sign] += 1;
    }
  }
  const removed: LayerNode[] = [];
  const removedFrom = new Map<string, string | null>();
  for (const [path, { layer, holder }] of old) {
    if (match.after.has(path)) {
      continue;
    }
    counts.removed += 1;
    const around = holder === null ? null : match.after.get(holder.path);
    if (around !== undefined) {
      removed.push(layer);
      removedFrom.set(path, around?.path ?? null);
    }
  }
  return {
    before,
    after,
    added,
    removed,
    changed: changed.sort((a, b) => rankOf(a) - rankOf(b)),
    model: compareModels(before, after),
    totals: compareTotals(before, after, old.size, now.size),
    signs,
    partners: match.before,
    removedFrom,
    counts,
  };
}

/** Path after of a layer before; one that no layer has where it has no partner. */
function renamed(path: string, match: LayerMatch): string {
  return path === "" ? "" : (match.after.get(path)?.path ?? `\0${path}`);
}

/** Whether nothing at all differs. */
export function isSame(diff: GraphDiff): boolean {
  const { added, removed, changed, model } = diff;
  return added.length + removed.length + changed.length + model.length === 0;
}

function rankOf(change: LayerChange): number {
  return CHANGE_KINDS.indexOf(change.fields[0]?.kind ?? "size");
}

function compareModels(before: ModelGraph, after: ModelGraph): GraphDiff["model"] {
  const outputs = (graph: ModelGraph): string =>
    graph.outputs
      .map((output) => output.name)
      .slice(0, 20)
      .join(", ");
  const values: [string, string, string][] = [
    ["class", before.class_name, after.class_name],
    ["optimizer", before.optimizer || "none", after.optimizer || "none"],
    ["backend", before.backend, after.backend],
    ["Keras", before.keras_version, after.keras_version],
    ["outputs", outputs(before), outputs(after)],
  ];
  return values
    .filter(([, a, b]) => a !== b && a !== "" && b !== "")
    .map(([name, a, b]) => ({ name, before: a, after: b }));
}

function compareTotals(
  before: ModelGraph,
  after: ModelGraph,
  layersBefore: number,
  layersAfter: number,
): TotalChange[] {
  const count = (name: string, a: number, b: number): TotalChange => ({
    name,
    before: a,
    after: b,
    unit: "count",
    unknown: [0, 0],
  });
  return [
    count("Layers", layersBefore, layersAfter),
    count("Parameters", before.params, after.params),
    count("Trainable", before.trainable_params, after.trainable_params),
    count("Non-trainable", before.non_trainable_params, after.non_trainable_params),
    count("Optimizer", before.optimizer_params, after.optimizer_params),
    {
      ...count("Multiply-adds", before.multiply_adds, after.multiply_adds),
      unknown: [before.unknown_multiply_adds, after.unknown_multiply_adds],
    },
    {
      name: "Activations",
      before: before.activation_bytes,
      after: after.activation_bytes,
      unit: "bytes",
      unknown: [before.unknown_activation_bytes, after.unknown_activation_bytes],
    },
  ];
}
