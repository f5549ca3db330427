/** What the architecture view derives from a model graph, once per graph. */

import { foldInSteps } from "../../model/folding/folding";
import { type Card, createCards, createSizes } from "../../model/graph/cards";
import { indexInSteps, type LayerGraph } from "../../model/graph/layer_graph";
import { type LiftedEdges, liftLinks } from "../../model/graph/lifted_edges";
import { finish, type Steps } from "../../model/graph/steps";
import type { CardSizes } from "../../model/layout/nested_layout";
import { connectedTo } from "../../model/table/summary_table";
import type { ModelGraph } from "../../wire/generated";

/** A model graph and its indexes. */
export interface ArchitectureModel {
  readonly graph: LayerGraph;
  readonly edges: LiftedEdges;
  readonly cards: readonly Card[];
  readonly sizes: CardSizes;
  /** Names of the layers that each layer takes its inputs from, by path. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

const known = new WeakMap<ModelGraph, ArchitectureModel>();

/** Returns the same object for the same graph. */
export function architectureModel(graph: ModelGraph): ArchitectureModel {
  return finish(buildModel(graph));
}

/** Builds it in steps, between which other work may be done. */
export function* buildModel(graph: ModelGraph): Steps<ArchitectureModel> {
  const before = known.get(graph);
  if (before !== undefined) {
    return before;
  }
  const index = yield* indexInSteps(graph, foldInSteps);
  yield;
  const edges = liftLinks(index.tree);
  yield;
  const cards = createCards(index);
  yield;
  let sources: ReadonlyMap<string, readonly string[]> | null = null;
  const model: ArchitectureModel = {
    graph: index,
    edges,
    cards,
    sizes: createSizes(cards),
    // Only the table and the panel need them, and not at first sight.
    get sources() {
      sources ??= connectedTo(index);
      return sources;
    },
  };
  known.set(graph, model);
  return model;
}

/** The node that a selection means, or null where the graph has none of it. */
export function selectedCall(
  graph: LayerGraph,
  path: string | null,
  number: number,
): number | null {
  let wanted = path;
  while (wanted !== null) {
    const calls = graph.callsOf.get(wanted);
    if (calls !== undefined) {
      return calls[wanted === path ? number : 0] ?? calls[0] ?? null;
    }
    // What is inside of a layer is not drawn by itself: its holder stands for it.
    wanted = graph.holder.get(wanted) ?? null;
  }
  return null;
}

/** The node of a fold by its key, or null where the graph has no such fold. */
export function foldNode(graph: LayerGraph, key: string): number | null {
  const node = graph.nodes.findIndex((one) => one.fold !== null && one.key === key);
  return node < 0 ? null : node;
}
