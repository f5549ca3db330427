/**
 * Chooses the folds of a graph: groups by name first, then, where one group still
 * holds more than can be seen at once, equal blocks, stages and ranges.
 */

import type { LayerNode } from "../../wire/generated";
import { createDag, type Dag, topologicalOrder } from "../graph/dag";
import type { Fold, Folding, LayerIndex } from "../graph/layer_graph";
import { BORDER, edgesIn, type LiftedEdges, liftLinks } from "../graph/lifted_edges";
import {
  childrenOf,
  groupsOf,
  type NodeTree,
  numberElements,
  ROOT,
} from "../graph/node_tree";
import { finish, type Steps } from "../graph/steps";
import { familyOf } from "../layer_family";
import { describeItems } from "./fold_items";
import { isMadeUp } from "./name_prefixes";
import { groupByPrefix } from "./prefix_groups";
import { foldSeries, type SeriesFold, type SeriesItem } from "./series_folds";

/** So many nodes can be seen at once: a level of no more is left as it is. */
export const ENOUGH = 14;

/** One group and what is directly inside of it, in the order of the data flow. */
export interface Level {
  /** The group, or `ROOT`. */
  readonly group: number;
  /** Its children; each comes after all that lead to it. */
  readonly children: Int32Array;
  /** Data flow between them; node i is `children[i]`. */
  readonly dag: Dag;
}

/** On smaller levels than this, not even equal blocks are folded. */
const FEW = 7;

/** Chooses the folds of a model's calls. */
export function foldCalls(index: LayerIndex, calls: NodeTree): Folding {
  return finish(foldInSteps(index, calls));
}

/** Chooses the folds of a model's calls in steps, since large models take a while. */
export function* foldInSteps(index: LayerIndex, calls: NodeTree): Steps<Folding> {
  const folds: Fold[] = [];
  const parent = Array.from(calls.parent);
  if (calls.size <= ENOUGH) {
    return { folds, parent };
  }
  foldPrefixes(index, calls, folds, parent);
  yield;
  const { tree, order } = numberElements(calls, parent);
  const edges = liftLinks(tree);
  yield;
  const levels = [ROOT, ...groupsOf(tree)].map((group) =>
    createLevel(tree, edges, group),
  );
  yield;
  const elements = Array.from(order, (element) => ({
    call: index.graph.nodes[element] ?? null,
    fold: folds[element - calls.size] ?? null,
  }));
  const items = describeItems(index, tree, elements, levels);
  yield;
  for (const { group, children, dag } of levels) {
    if (children.length >= FEW) {
      const own = Array.from(children, (child) => items[child] as SeriesItem);
      const found = foldSeries(own, dag, ENOUGH);
      const around = group === ROOT ? ROOT : (order[group] as number);
      const inside = children.map((child) => order[child] as number);
      addFolds(found, inside, around, folds, parent);
      yield;
    }
  }
  return { folds: numberAlike(folds, parent, calls.size), parent };
}

/** Tells folds of one title beside each other apart: by a number, in order of calls. */
function numberAlike(
  folds: readonly Fold[],
  parent: readonly number[],
  calls: number,
): Fold[] {
  const alike = new Map<string, Set<number>>();
  const seen = new Uint8Array(folds.length);
  for (let call = 0; call < calls; call += 1) {
    let at = parent[call] as number;
    while (at >= calls && seen[at - calls] === 0) {
      seen[at - calls] = 1;
      const around = parent[at] as number;
      const key = `${around}:${(folds[at - calls] as Fold).title}`;
      const group = alike.get(key) ?? new Set();
      alike.set(key, group.add(at - calls));
      at = around;
    }
  }
  const numbered = [...folds];
  for (const group of alike.values()) {
    const own = group.size > 1 ? [...group] : [];
    own.forEach((fold, at) => {
      const { title, ...rest } = folds[fold] as Fold;
      numbered[fold] = { ...rest, title: `${title} (${at + 1} of ${own.length})` };
    });
  }
  return numbered;
}

function addFolds(
  found: readonly SeriesFold[],
  elements: Int32Array,
  around: number,
  folds: Fold[],
  parent: number[],
): void {
  const stack = found.map((span) => ({ span, into: around }));
  while (stack.length > 0) {
    const { span, into } = stack.pop() as (typeof stack)[number];
    const element = parent.length;
    folds.push(span.fold);
    parent.push(into);
    for (let item = span.from; item < span.to; item += 1) {
      // Folds inside of it come later, and take what is theirs.
      parent[elements[item] as number] = element;
    }
    for (const part of span.parts) {
      stack.push({ span: part, into: element });
    }
  }
}

function foldPrefixes(
  index: LayerIndex,
  calls: NodeTree,
  folds: Fold[],
  parent: number[],
): void {
  const edges = liftLinks(calls);
  for (const group of [ROOT, ...groupsOf(calls)]) {
    const children = childrenOf(calls, group);
    if (children.length <= ENOUGH) {
      continue;
    }
    const layers = Array.from(children, (child) =>
      index.byPath.get(index.graph.nodes[child]?.layer ?? ""),
    );
    const around = index.graph.nodes[group]?.layer ?? "";
    const found = groupByPrefix(
      {
        dag: createDag(children.length, pairsIn(edges, group, children)),
        names: layers.map((layer) =>
          layer === undefined ? "" : givenName(layer, around),
        ),
        inputs: Uint8Array.from(layers, (layer) => (layer?.kind === "input" ? 1 : 0)),
        elementwise: Uint8Array.from(layers, (layer) => {
          const family = layer === undefined ? "other" : familyOf(layer);
          return family === "activation" || family === "regularization" ? 1 : 0;
        }),
      },
      ENOUGH,
    );
    const first = parent.length;
    found.titles.forEach((title, i) => {
      const into = found.parent[i] as number;
      folds.push({ kind: "prefix", title, count: 1, unit: "" });
      parent.push(into < 0 ? group : first + into);
    });
    found.groupOf.forEach((own, i) => {
      if (own >= 0) {
        parent[children[i] as number] = first + own;
      }
    });
  }
}

/**
 * What the author called a layer within the layer around it, name scopes included;
 * empty if Keras made up all of it.
 */
function givenName(layer: LayerNode, around: string): string {
  const { name, path } = layer;
  const inside = around !== "" && path.startsWith(`${around}/`);
  const own = inside ? path.slice(around.length + 1) : path;
  const scoped = own.length > name.length && own.endsWith(`/${name}`);
  const text = scoped ? own : name;
  return !scoped && isMadeUp(name, layer.class_name) ? "" : text;
}

function createLevel(tree: NodeTree, edges: LiftedEdges, group: number): Level {
  const children = childrenOf(tree, group);
  const plain = createDag(children.length, pairsIn(edges, group, children));
  const order = topologicalOrder(plain);
  const sorted = order.map((at) => children[at] as number);
  const dag = createDag(sorted.length, pairsIn(edges, group, sorted));
  return { group, children: sorted, dag };
}

/** The data flow directly inside of a group, as pairs of places in its children. */
function pairsIn(edges: LiftedEdges, group: number, children: Int32Array): number[] {
  const place = new Map<number, number>();
  children.forEach((child, at) => {
    place.set(child, at);
  });
  const pairs: number[] = [];
  for (const edge of edgesIn(edges, group)) {
    const from = edges.from[edge] as number;
    const to = edges.to[edge] as number;
    if (from !== BORDER && to !== BORDER) {
      pairs.push(place.get(from) as number, place.get(to) as number);
    }
  }
  return pairs;
}
