/**
 * Which layer of one model is which layer of another.
 *
 * Siblings are paired in two ways, and the one that leaves fewer differences
 * counts. *By path*: what is called the same is the same, and the rest is paired
 * by class and size, in order. *By order*: only names that an author gave count;
 * those that Keras gives, such as `dense_1`, depend on how many layers were made
 * before, so that layers of such names are paired by class and size, in order.
 */

import type { LayerNode, ModelGraph } from "../../wire/generated";
import { matchSequences, type Pair, withoutCrossing } from "./sequence_match";

/** Layers that are taken for the same. */
export interface LayerMatch {
  /** By path of the layer after. */
  readonly before: ReadonlyMap<string, LayerNode>;
  /** By path of the layer before. */
  readonly after: ReadonlyMap<string, LayerNode>;
}

/** Pairs the layers of two graphs. */
export function matchLayers(before: ModelGraph, after: ModelGraph): LayerMatch {
  const match = {
    before: new Map<string, LayerNode>(),
    after: new Map<string, LayerNode>(),
  };
  const stack: {
    a: readonly LayerNode[];
    b: readonly LayerNode[];
    inside: string[];
  }[] = [{ a: before.layers, b: after.layers, inside: ["", ""] }];
  while (stack.length > 0) {
    const { a, b, inside } = stack.pop() as (typeof stack)[number];
    for (const [i, j] of matchSiblings(
      a.map((layer) => new Described(layer, inside[0] as string)),
      b.map((layer) => new Described(layer, inside[1] as string)),
    )) {
      const [old, now] = [a[i] as LayerNode, b[j] as LayerNode];
      if (match.before.has(now.path) || match.after.has(old.path)) {
        continue;
      }
      match.before.set(now.path, old);
      match.after.set(old.path, now);
      if (old.children.length > 0 && now.children.length > 0) {
        stack.push({ a: old.children, b: now.children, inside: [old.path, now.path] });
      }
    }
  }
  matchMoved(before, after, match);
  return match;
}

/** All layers of a graph by path, parents before their children. */
export function layersByPath(
  layers: readonly LayerNode[],
): Map<string, { layer: LayerNode; holder: LayerNode | null }> {
  const found = new Map<string, { layer: LayerNode; holder: LayerNode | null }>();
  const stack = [...layers].reverse().map((layer) => ({
    layer,
    holder: null as LayerNode | null,
  }));
  while (stack.length > 0) {
    const entry = stack.pop() as { layer: LayerNode; holder: LayerNode | null };
    const { layer } = entry;
    if (found.has(layer.path)) {
      continue;
    }
    found.set(layer.path, entry);
    for (let i = layer.children.length - 1; i >= 0; i -= 1) {
      stack.push({ layer: layer.children[i] as LayerNode, holder: layer });
    }
  }
  return found;
}

/** Whether Keras gave the name: the class's, and perhaps a number. */
export function isAutomaticName(
  layer: Pick<LayerNode, "name" | "class_name">,
): boolean {
  const bare = layer.name.slice(0, 200).replace(/_\d+$/, "");
  return plain(bare) === plain(layer.class_name.slice(0, 200));
}

/** Elements of its own variables, without those of layers that it holds. */
export function ownParams(layer: LayerNode): number {
  return layer.variables.reduce((sum, variable) => sum + variable.params, 0);
}

/** What siblings are paired by; of tens of thousands, so that it is made when asked for. */
class Described {
  /** Path below the layer that holds it. */
  readonly name: string;
  /** Class and size. */
  readonly build: string;

  constructor(
    private readonly layer: LayerNode,
    holder: string,
  ) {
    const inside = holder !== "" && layer.path.startsWith(`${holder}/`);
    this.name = inside ? layer.path.slice(holder.length + 1) : layer.path;
    const shapes = layer.output_shapes.map((shape) => shape.join()).join(";");
    this.build = `${layer.class_name}|${shapes}|${layer.params}|${layer.children.length}`;
  }

  get automatic(): boolean {
    return isAutomaticName(this.layer);
  }

  /** Its class. */
  get kind(): string {
    return this.layer.class_name;
  }
}

function matchSiblings(a: readonly Described[], b: readonly Described[]): Pair[] {
  const byPath = matchByPath(a, b);
  const least = costOf(a, b, byPath);
  if (least === 0) {
    return byPath;
  }
  const byOrder = matchByOrder(a, b);
  return costOf(a, b, byOrder) < least ? byOrder : byPath;
}

/** Layers that are only on one side, and pairs that are not built alike. */
function costOf(
  a: readonly Described[],
  b: readonly Described[],
  pairs: readonly Pair[],
): number {
  const unlike = pairs.filter(([i, j]) => a[i]?.build !== b[j]?.build).length;
  return a.length + b.length - 2 * pairs.length + unlike;
}

function matchByPath(a: readonly Described[], b: readonly Described[]): Pair[] {
  const places = new Map(b.map((layer, j) => [layer.name, j]));
  const pairs: Pair[] = [];
  a.forEach((layer, i) => {
    const j = places.get(layer.name);
    if (j !== undefined && places.delete(layer.name)) {
      pairs.push([i, j]);
    }
  });
  return fillGaps(a, b, pairs);
}

function matchByOrder(a: readonly Described[], b: readonly Described[]): Pair[] {
  const token = (layer: Described): string =>
    layer.automatic ? `a|${layer.build}` : `n|${layer.name}`;
  return fillGaps(a, b, matchSequences(a.map(token), b.map(token)));
}

/** Pairs what is left between the pairs: what is built alike, then by class. */
function fillGaps(
  a: readonly Described[],
  b: readonly Described[],
  pairs: readonly Pair[],
): Pair[] {
  if (pairs.length === a.length || pairs.length === b.length) {
    return [...pairs];
  }
  let all = [...pairs];
  const tokens: ((layer: Described, i: number, side: string) => string)[] = [
    (layer) => layer.build,
    // A name that an author gave is another layer's, unless it is built alike.
    (layer, i, side) => (layer.automatic ? layer.kind : `${side}${i}`),
  ];
  for (const token of tokens) {
    const taken = [new Set(all.map(([i]) => i)), new Set(all.map(([, j]) => j))];
    const chain = withoutCrossing(all.sort((x, y) => x[0] - y[0]));
    const found: Pair[] = [];
    let [i0, j0] = [0, 0];
    for (const [i1, j1] of [...chain, [a.length, b.length] as const]) {
      const freeA = range(i0, i1).filter((i) => !taken[0]?.has(i));
      const freeB = range(j0, j1).filter((j) => !taken[1]?.has(j));
      if (freeA.length > 0 && freeB.length > 0) {
        const tokensA = freeA.map((i) => token(a[i] as Described, i, "a"));
        const tokensB = freeB.map((j) => token(b[j] as Described, j, "b"));
        for (const [x, y] of matchSequences(tokensA, tokensB)) {
          found.push([freeA[x] as number, freeB[y] as number]);
        }
      }
      [i0, j0] = [i1 + 1, j1 + 1];
    }
    all = [...all, ...found];
  }
  return all;
}

/** Pairs what has the same path and class, but is held by another layer now. */
function matchMoved(
  before: ModelGraph,
  after: ModelGraph,
  match: { before: Map<string, LayerNode>; after: Map<string, LayerNode> },
): void {
  const old = layersByPath(before.layers);
  for (const [path, { layer }] of layersByPath(after.layers)) {
    const other = old.get(path)?.layer;
    const free = !match.before.has(path) && !match.after.has(path);
    if (free && other !== undefined && other.class_name === layer.class_name) {
      match.before.set(path, other);
      match.after.set(path, layer);
    }
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}
