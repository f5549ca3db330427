/**
 * Notes on what is rarely meant: quiet, each with its reason in numbers.
 *
 * A rule that cannot be sure says nothing: where calls or inputs could not be
 * traced, layers are not called unconnected, nor outputs unread.
 */

import type { Advice } from "./advice_note";
import { findDominant } from "./advice_params";
import { findUnconnected, findUnread } from "./advice_wiring";
import type { LayerGraph } from "./layer_graph";
import { formatCount } from "./layer_text";

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
