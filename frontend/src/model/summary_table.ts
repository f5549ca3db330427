/** The table of layers: what `model.summary()` prints, sorted and filtered. */

import type { LayerNode } from "../wire/generated";
import type { LayerGraph } from "./layer_graph";
import { type NodeTree, ROOT } from "./node_tree";
import { createMatcher } from "./search";

export const COLUMNS = [
  "layer",
  "output_shape",
  "params",
  "share",
  "trainable",
  "connected_to",
] as const;

/** A column of the table. */
export type Column = (typeof COLUMNS)[number];

/** How the table is sorted; null = in the order of the model. */
export type Sorting = { readonly column: Column; readonly descending: boolean } | null;

/** One line of the table. */
export interface TableRow {
  readonly layer: LayerNode;
  readonly depth: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
  /** Share of the model's parameters, from 0 to 1. */
  readonly share: number;
  /** Names of the layers whose outputs it takes. */
  readonly connectedTo: readonly string[];
}

/** What the table shows. */
export interface TableQuery {
  /** Paths of the layers whose children are shown. */
  readonly expanded: ReadonlySet<string>;
  readonly sorting: Sorting;
  /** Only layers that match, and those that hold them. */
  readonly filter: string;
}

/** Builds the lines of the table. Children stay below the layer that holds them. */
export function createRows(
  graph: LayerGraph,
  sources: ReadonlyMap<string, readonly string[]>,
  query: TableQuery,
): TableRow[] {
  const total = graph.graph.params;
  const kept = query.filter.trim() === "" ? null : keptPaths(graph, query.filter);
  const compare = comparator(query.sorting, sources);
  const rows: TableRow[] = [];
  const stack: { layer: LayerNode; depth: number }[] = [];
  const push = (layers: readonly LayerNode[], depth: number): void => {
    const shown = layers.filter((layer) => kept === null || kept.has(layer.path));
    const sorted = compare === null ? shown : shown.sort(compare);
    for (let i = sorted.length - 1; i >= 0; i -= 1) {
      stack.push({ layer: sorted[i] as LayerNode, depth });
    }
  };
  push(graph.graph.layers, 0);
  while (stack.length > 0) {
    const { layer, depth } = stack.pop() as { layer: LayerNode; depth: number };
    const expandable = layer.children.length > 0;
    const holdsMatch = kept !== null && layer.children.some((c) => kept.has(c.path));
    const expanded = expandable && (query.expanded.has(layer.path) || holdsMatch);
    rows.push({
      layer,
      depth,
      expandable,
      expanded,
      share: total > 0 ? layer.params / total : 0,
      connectedTo: sources.get(layer.path) ?? [],
    });
    if (expanded) {
      push(layer.children, depth + 1);
    }
  }
  return rows;
}

/** What a click on the head of a column makes of the sorting. */
export function nextSorting(sorting: Sorting, column: Column): Sorting {
  // Numbers are most often looked at from the largest down.
  const first = column === "params" || column === "share";
  if (sorting?.column !== column) {
    return { column, descending: first };
  }
  return sorting.descending === first ? { column, descending: !first } : null;
}

/**
 * Names of the layers that each layer's calls take their inputs from, by path.
 *
 * Of two calls in different nested models, those models are what is connected.
 */
export function connectedTo(graph: LayerGraph): Map<string, readonly string[]> {
  const { callTree } = graph;
  const { parent, links } = callTree;
  const depth = depthsOf(callTree);
  const names = new Map<string, Set<string>>();
  for (let i = 0; i < links.length; i += 2) {
    let source = links[i] as number;
    let target = links[i + 1] as number;
    while (parent[source] !== parent[target]) {
      if ((depth[source] as number) >= (depth[target] as number)) {
        source = parent[source] as number;
      } else {
        target = parent[target] as number;
      }
    }
    const path = graph.graph.nodes[target]?.layer as string;
    const known = names.get(path) ?? new Set();
    known.add(callName(graph, source));
    names.set(path, known);
  }
  return new Map(Array.from(names, ([path, set]) => [path, [...set]]));
}

function depthsOf(tree: NodeTree): Int32Array {
  const depth = new Int32Array(tree.size);
  for (let id = 0; id < tree.size; id += 1) {
    const group = tree.parent[id] as number;
    depth[id] = group === ROOT ? 0 : (depth[group] as number) + 1;
  }
  return depth;
}

/** The name of a call's layer, with the number of the call where it has several. */
function callName(graph: LayerGraph, id: number): string {
  const call = graph.graph.nodes[id];
  if (call === undefined) {
    return "?";
  }
  const name = graph.byPath.get(call.layer)?.name ?? call.layer;
  const several = (graph.callsOf.get(call.layer)?.length ?? 0) > 1;
  return several ? `${name} (call ${call.call + 1})` : name;
}

function keptPaths(graph: LayerGraph, filter: string): Set<string> {
  const kept = new Set<string>();
  const matcher = createMatcher(filter);
  for (const layer of graph.layers) {
    if (matcher.score(layer) === 0) {
      continue;
    }
    let path: string | undefined = layer.path;
    while (path !== undefined && !kept.has(path)) {
      kept.add(path);
      path = graph.holder.get(path);
    }
  }
  return kept;
}

type Compare = (a: LayerNode, b: LayerNode) => number;

function comparator(
  sorting: Sorting,
  sources: ReadonlyMap<string, readonly string[]>,
): Compare | null {
  if (sorting === null) {
    return null;
  }
  const byText = new Intl.Collator("en", { numeric: true }).compare;
  const ascending: Record<Column, Compare> = {
    layer: (a, b) => byText(a.name, b.name),
    output_shape: (a, b) => compareShapes(a, b),
    params: (a, b) => a.params - b.params,
    share: (a, b) => a.params - b.params,
    trainable: (a, b) => a.trainable_params - b.trainable_params,
    connected_to: (a, b) =>
      byText(
        (sources.get(a.path) ?? []).join(", "),
        (sources.get(b.path) ?? []).join(", "),
      ),
  };
  const compare = ascending[sorting.column];
  return sorting.descending ? (a, b) => compare(b, a) : compare;
}

/** By the number of elements of the first output, unknown ones first. */
function compareShapes(a: LayerNode, b: LayerNode): number {
  const size = (layer: LayerNode): number =>
    layer.output_shapes[0]?.reduce<number>((n, axis) => n * (axis ?? 1), 1) ?? -1;
  return size(a) - size(b);
}
