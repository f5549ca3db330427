/**
 * Layered layout of one directed graph, top to bottom.
 *
 * The steps are those of Sugiyama's method: ranks by longest path, then room for
 * long edges, an order within each rank with few crossings, and places along it.
 * Everything is iterative and on typed arrays, since long chains are the normal
 * case here, and deterministic, since a picture that is drawn again must not move.
 */

import { orderRanks } from "./layout_order";
import { assignX } from "./layout_places";
import { assignRanks } from "./layout_ranks";
import { place } from "./layout_routes";
import { addTrunks } from "./layout_trunks";
import type { LayoutProblem, Placement } from "./layout_types";

/** Lays out a graph. */
export function layoutGraph(problem: LayoutProblem): Placement {
  const count = problem.widths.length;
  const ranks = assignRanks(count, problem.edges, problem.first, problem.last);
  const chains = addTrunks(count, problem, ranks);
  const order = orderRanks(chains);
  const x = assignX(chains, order);
  return place(problem, ranks, chains, x);
}
