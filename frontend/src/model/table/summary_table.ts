/** The lines of the table of layers: what `model.summary()` prints, and more. */

import type { LayerNode } from "../../wire/generated";
import type { GraphDiff, LayerChange } from "../compare/graph_diff";
import type { FieldChange } from "../compare/layer_changes";
import { ownParams } from "../compare/layer_match";
import type { LayerGraph } from "../graph/layer_graph";
import { type NodeTree, ROOT } from "../graph/node_tree";
import type { Matcher } from "../search/search";
import { type Column, columnOf, comparatorOf, type RowFacts } from "./table_columns";

/** How the table is sorted; null = in the order of the model. */
export type Sorting = { readonly column: Column; readonly descending: boolean } | null;

/** One line of the table. */
export interface TableRow extends RowFacts {
  /** Unique among the lines. */
  readonly key: string;
  readonly depth: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
}

/** What the table shows. */
export interface TableQuery {
  /** Keys of the lines whose layers are shown below them. */
  readonly expanded: ReadonlySet<string>;
  readonly sorting: Sorting;
  /** Only layers that match, and those that hold them; null = all. */
  readonly matcher: Matcher | null;
  /** Whether all layers are side by side, so that they are sorted as one. */
  readonly flat: boolean;
  /** What is compared with; its removed layers have lines as well. */
  readonly diff: GraphDiff | null;
}

/** A layer, and whether it is only in the model that is compared with. */
interface Entry {
  readonly layer: LayerNode;
  readonly removed: boolean;
}

/** Builds the lines of the table. Children stay below the layer that holds them. */
export function createRows(
  graph: LayerGraph,
  sources: ReadonlyMap<string, readonly string[]>,
  query: TableQuery,
): TableRow[] {
  const { sorting, flat, diff } = query;
  const matcher = query.matcher?.empty === false ? query.matcher : null;
  const inside = childrenWith(graph.graph.layers, diff);
  const all = flat || matcher !== null ? entriesOf(inside) : [];
  const kept = matcher === null ? null : keptKeys(all, matcher, !flat);
  const compare = sorting === null ? null : comparatorOf(sorting.column);
  const turn = sorting?.descending ? -1 : 1;
  const facts = factsOf(graph, sources, diff);
  const rows: TableRow[] = [];
  const stack: { entry: Entry; facts: RowFacts; depth: number }[] = [];
  const push = (entries: readonly Entry[], depth: number): void => {
    const shown = entries
      .filter((entry) => kept === null || kept.has(keyOf(entry)))
      .map((entry) => ({ entry, facts: facts(entry), depth }));
    if (compare !== null) {
      shown.sort((a, b) => turn * compare(a.facts, b.facts));
    }
    for (let i = shown.length - 1; i >= 0; i -= 1) {
      stack.push(shown[i] as (typeof shown)[number]);
    }
  };
  push(flat ? all.map(({ entry }) => entry) : inside(null), 0);
  while (stack.length > 0) {
    const { entry, facts: own, depth } = stack.pop() as (typeof stack)[number];
    const children = flat ? [] : inside(entry);
    const key = keyOf(entry);
    const expandable = children.length > 0;
    const holdsMatch = kept !== null && children.some((one) => kept.has(keyOf(one)));
    const expanded = expandable && (query.expanded.has(key) || holdsMatch);
    rows.push({ ...own, key, depth, expandable, expanded });
    if (expanded) {
      push(children, depth + 1);
    }
  }
  return rows;
}

/** What the lines come to; nothing that another line holds counts twice. */
export interface TableTotals {
  readonly layers: number;
  readonly params: number;
  readonly ownParams: number;
  readonly trainable: number;
  readonly multiplyAdds: number;
  readonly unknownMultiplyAdds: number;
  readonly activationBytes: number;
  readonly unknownActivationBytes: number;
}

/**
 * Sums up layers.
 *
 * @param layers Of a layer and one that it holds, only the first counts.
 */
export function sumUp(graph: LayerGraph, layers: readonly LayerNode[]): TableTotals {
  const paths = new Set(layers.map((layer) => layer.path));
  const isHeld = (layer: LayerNode): boolean => {
    let holder = graph.holder.get(layer.path);
    while (holder !== undefined && !paths.has(holder)) {
      holder = graph.holder.get(holder);
    }
    return holder !== undefined;
  };
  const totals = {
    layers: layers.length,
    params: 0,
    ownParams: 0,
    trainable: 0,
    multiplyAdds: 0,
    unknownMultiplyAdds: 0,
    activationBytes: 0,
    unknownActivationBytes: 0,
  };
  for (const layer of layers) {
    totals.ownParams += ownParams(layer);
    if (!isHeld(layer)) {
      totals.params += layer.params;
      totals.trainable += layer.trainable_params;
      totals.multiplyAdds += layer.multiply_adds;
      totals.unknownMultiplyAdds += layer.unknown_multiply_adds;
      totals.activationBytes += layer.activation_bytes;
      totals.unknownActivationBytes += layer.unknown_activation_bytes;
    }
  }
  return totals;
}

/** What a click on the head of a column makes of the sorting. */
export function nextSorting(sorting: Sorting, column: Column): Sorting {
  // Numbers are most often looked at from the largest down.
  const first = columnOf(column).numeric;
  if (sorting?.column !== column) {
    return { column, descending: first };
  }
  return sorting.descending === first ? { column, descending: !first } : null;
}

type Inside = (entry: Entry | null) => readonly Entry[];

/**
 * What is inside of a layer, or of the model: the removed layers are put after
 * those that they came after.
 */
function childrenWith(layers: readonly LayerNode[], diff: GraphDiff | null): Inside {
  const kept = (list: readonly LayerNode[]): Entry[] =>
    list.map((layer) => ({ layer, removed: false }));
  const outermost = kept(layers);
  if (diff === null || diff.removed.length === 0) {
    const known = new WeakMap<LayerNode, Entry[]>();
    return (entry) => {
      if (entry === null) {
        return outermost;
      }
      const own = known.get(entry.layer) ?? kept(entry.layer.children);
      known.set(entry.layer, own);
      return own;
    };
  }
  const gone = new Set(diff.removed);
  const after = new Map(
    Array.from(diff.partners, ([path, before]) => [before.path, path] as const),
  );
  const merge = (own: readonly LayerNode[], before: readonly LayerNode[]): Entry[] => {
    const following = new Map<string, LayerNode[]>();
    let last = "";
    for (const layer of before) {
      if (!gone.has(layer)) {
        last = after.get(layer.path) ?? last;
        continue;
      }
      const list = following.get(last);
      if (list === undefined) {
        following.set(last, [layer]);
      } else {
        list.push(layer);
      }
    }
    const entries: Entry[] = [];
    const add = (path: string): void => {
      for (const layer of following.get(path) ?? []) {
        entries.push({ layer, removed: true });
      }
      following.delete(path);
    };
    add("");
    for (const layer of own) {
      entries.push({ layer, removed: false });
      add(layer.path);
    }
    // What they came after may be somewhere else now.
    for (const path of [...following.keys()]) {
      add(path);
    }
    return entries;
  };
  return (entry) => {
    if (entry === null) {
      return merge(layers, diff.before.layers);
    }
    if (entry.removed) {
      return entry.layer.children.map((layer) => ({ layer, removed: true }));
    }
    const before = diff.partners.get(entry.layer.path)?.children ?? [];
    return merge(entry.layer.children, before);
  };
}

/** All lines there can be, each with the one that holds it, in order. */
function entriesOf(inside: Inside): { entry: Entry; holder: string | null }[] {
  const found: { entry: Entry; holder: string | null }[] = [];
  const stack: { entry: Entry; holder: string | null }[] = [];
  const push = (entries: readonly Entry[], holder: string | null): void => {
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      stack.push({ entry: entries[i] as Entry, holder });
    }
  };
  push(inside(null), null);
  while (stack.length > 0) {
    const next = stack.pop() as (typeof stack)[number];
    found.push(next);
    push(inside(next.entry), keyOf(next.entry));
  }
  return found;
}

function keyOf({ layer, removed }: Entry): string {
  return removed ? `−${layer.path}` : layer.path;
}

/** Keys of the lines that match, and of those that hold them. */
function keptKeys(
  all: readonly { entry: Entry; holder: string | null }[],
  matcher: Matcher,
  withHolders: boolean,
): Set<string> {
  const holders = new Map(all.map(({ entry, holder }) => [keyOf(entry), holder]));
  const kept = new Set<string>();
  for (const { entry } of all) {
    if (matcher.score(entry.layer) === 0) {
      continue;
    }
    let key: string | null = keyOf(entry);
    while (key !== null && !kept.has(key)) {
      kept.add(key);
      key = withHolders ? (holders.get(key) ?? null) : null;
    }
  }
  return kept;
}

/** How to find out what a line says. */
function factsOf(
  graph: LayerGraph,
  sources: ReadonlyMap<string, readonly string[]>,
  diff: GraphDiff | null,
): (entry: Entry) => RowFacts {
  const total = graph.graph.params;
  const changes = new Map<string, LayerChange>(
    (diff?.changed ?? []).map((change) => [change.after.path, change]),
  );
  return ({ layer, removed }) => ({
    layer,
    share: total > 0 && !removed ? layer.params / total : 0,
    connectedTo: removed ? [] : (sources.get(layer.path) ?? []),
    sign: removed ? "removed" : (diff?.signs.get(layer.path) ?? null),
    changes: removed ? NO_CHANGES : (changes.get(layer.path)?.fields ?? NO_CHANGES),
  });
}

const NO_CHANGES: readonly FieldChange[] = [];

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
