/** Finds layers by name, class or path. */

import type { LayerNode } from "../wire/generated";

/** What was found; `layers` holds the best, `total` counts all. */
export interface SearchResult {
  readonly layers: readonly LayerNode[];
  readonly total: number;
}

/**
 * Finds the layers that contain every word of a query, best first: those whose
 * name begins with it, then by name, by class, by path.
 *
 * @param layers Where to look.
 * @param query Words, in any case.
 * @param limit Most layers to return.
 */
export function searchLayers(
  layers: readonly LayerNode[],
  query: string,
  limit = 50,
): SearchResult {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return { layers: [], total: 0 };
  }
  const found: { layer: LayerNode; score: number }[] = [];
  for (const layer of layers) {
    const score = scoreOf(layer, words);
    if (score > 0) {
      found.push({ layer, score });
    }
  }
  // Sorting is stable: equals stay in the order of the model.
  found.sort((a, b) => b.score - a.score);
  return { layers: found.slice(0, limit).map((f) => f.layer), total: found.length };
}

/** Whether a layer contains every word of a query; an empty one fits all. */
export function matchesQuery(layer: LayerNode, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 || scoreOf(layer, words) > 0;
}

/** The worst word's score; 0 if a word is nowhere. */
function scoreOf(layer: LayerNode, words: readonly string[]): number {
  const name = layer.name.toLowerCase();
  const className = layer.class_name.toLowerCase();
  const path = layer.path.toLowerCase();
  let worst = Number.POSITIVE_INFINITY;
  for (const word of words) {
    let score = 0;
    if (name === word) {
      score = 5;
    } else if (name.startsWith(word)) {
      score = 4;
    } else if (name.includes(word)) {
      score = 3;
    } else if (className.includes(word)) {
      score = 2;
    } else if (path.includes(word)) {
      score = 1;
    }
    worst = Math.min(worst, score);
  }
  return worst;
}
