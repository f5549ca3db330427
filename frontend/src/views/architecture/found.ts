/** The layers that the query in the search field finds, worked out once. */

import {
  createMatcher,
  type Matcher,
  type SearchContext,
  searchLayers,
} from "../../model/search/search";
import type { Store } from "../../state/store";
import type { LayerNode } from "../../wire/generated";
import type { ArchitectureModel } from "./architecture_model";
import { comparedOf } from "./compared";

/** A query and all that it finds, best first. */
export interface Found {
  readonly query: string;
  readonly matcher: Matcher;
  readonly context: SearchContext;
  readonly layers: readonly LayerNode[];
}

const contexts = new WeakMap<ArchitectureModel, SearchContext>();
const latest = new WeakMap<ArchitectureModel, Found>();

/** What is found in a model; the same object as long as nothing changes. */
export function foundIn(store: Store, model: ArchitectureModel): Found {
  const query = store.find.value;
  const context = contextOf(store, model);
  let found = latest.get(model);
  if (found === undefined || found.query !== query || found.context !== context) {
    const matcher = createMatcher(query, context);
    const { layers } = model.graph;
    const most = Number.POSITIVE_INFINITY;
    found = {
      query,
      matcher,
      context,
      layers: searchLayers(layers, matcher, most).layers,
    };
    latest.set(model, found);
  }
  return found;
}

function contextOf(store: Store, model: ArchitectureModel): SearchContext {
  const { graph } = model.graph;
  const signs = comparedOf(store, graph)?.diff.signs ?? NO_SIGNS;
  let context = contexts.get(model);
  if (context === undefined || context.signs !== signs) {
    const untraced =
      context?.untraced ??
      new Set(
        graph.nodes.filter((call) => call.untraced !== "").map((call) => call.layer),
      );
    context = { params: graph.params, signs, untraced };
    contexts.set(model, context);
  }
  return context;
}

const NO_SIGNS: SearchContext["signs"] = new Map();
