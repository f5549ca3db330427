/**
 * Notes on what is rarely meant: quiet, each with its reason in numbers.
 *
 * A rule that cannot be sure says nothing: where calls or inputs could not be
 * traced, layers are not called unconnected, nor outputs unread.
 */

import type { LayerGraph } from "../graph/layer_graph";
import { groupsAround } from "../graph/node_tree";
import { formatCount } from "../layer_text";
import type { Advice } from "./advice_note";
import { findDominant } from "./advice_params";
import { findUnconnected, findUnread } from "./advice_wiring";

export type { Advice } from "./advice_note";

const known = new WeakMap<LayerGraph, readonly Advice[]>();

/** All notes on a model, those on its parameters first; the same for the same graph. */
export function adviseOn(graph: LayerGraph): readonly Advice[] {
  let notes = known.get(graph);
  if (notes === undefined) {
    notes = [
      ...findFrozen(graph),
      ...findDominant(graph),
      ...findUnconnected(graph),
      ...findUnread(graph),
    ];
    known.set(graph, notes);
  }
  return notes;
}

/** Those notes that are on layers that a layer holds, at any depth. */
export function adviceInside(
  graph: LayerGraph,
  notes: readonly Advice[],
  path: string,
): readonly Advice[] {
  return notes.filter((note) => {
    let holder = note.path === null ? undefined : graph.holder.get(note.path);
    while (holder !== undefined && holder !== path) {
      holder = graph.holder.get(holder);
    }
    return holder === path;
  });
}

/** The notes on each layer, by its path. */
export function adviceByPath(notes: readonly Advice[]): Map<string, Advice[]> {
  const found = new Map<string, Advice[]>();
  for (const note of notes) {
    if (note.path !== null) {
      found.set(note.path, [...(found.get(note.path) ?? []), note]);
    }
  }
  return found;
}

/** Nodes of the layers that notes are on, and of what stands for them. */
export function nodesWithNotes(
  graph: LayerGraph,
  notes: readonly Advice[],
): Set<number> {
  const found = new Set<number>();
  for (const path of adviceByPath(notes).keys()) {
    let drawn: string | undefined = path;
    while (drawn !== undefined && !graph.callsOf.has(drawn)) {
      // What is not drawn by itself is inside of what holds it.
      drawn = graph.holder.get(drawn);
    }
    for (const node of graph.callsOf.get(drawn ?? "") ?? []) {
      found.add(node);
      for (const group of groupsAround(graph.tree, node)) {
        found.add(group);
      }
    }
  }
  return found;
}

function findFrozen(graph: LayerGraph): Advice[] {
  const { params, trainable_params, class_name } = graph.graph;
  if (params === 0 || trainable_params > 0) {
    return [];
  }
  return [
    {
      path: null,
      title: "Nothing is trainable",
      text:
        `All ${formatCount(params)} parameters of this ${class_name} are frozen, so ` +
        "training changes none of them. Set `trainable = True` on the layers that " +
        "shall learn, and compile again.",
    },
  ];
}
