/** What the choice of folds needs to know of each node. */

import type { CallNode, Shape } from "../../wire/generated";
import type { Dag } from "../graph/dag";
import type { Fold, LayerIndex } from "../graph/layer_graph";
import { isGroup, type NodeTree } from "../graph/node_tree";
import { formatShortShapes } from "../layer_text";
import { isMadeUp } from "./name_prefixes";
import type { SeriesItem } from "./series_folds";
import { Signatures, scatter, signatureOf } from "./signatures";
import type { Resolution } from "./spans";

/** A node before the folds are chosen: a call, or a fold by name. */
export interface Element {
  readonly call: CallNode | null;
  readonly fold: Fold | null;
}

/** Models that are put together, not written: their class says nothing of them. */
const PLAIN_MODELS = new Set(["Functional", "Sequential", "Model"]);

/**
 * Describes all nodes.
 *
 * @param levels All groups, outer ones first.
 */
export function describeItems(
  index: LayerIndex,
  tree: NodeTree,
  elements: readonly Element[],
  levels: readonly { group: number; children: Int32Array; dag: Dag }[],
): SeriesItem[] {
  const signatures = signElements(index, tree, elements, levels);
  const lastIn = new Map<number, number>();
  const params = new Float64Array(tree.size);
  for (const { group, children } of levels) {
    lastIn.set(group, children[children.length - 1] ?? -1);
  }
  const calls = new Float64Array(tree.size);
  for (let id = tree.size - 1; id >= 0; id -= 1) {
    const { call } = elements[id] as Element;
    if (call !== null) {
      calls[id] = 1;
      params[id] = index.byPath.get(call.layer)?.params ?? 0;
    }
    const group = tree.parent[id] as number;
    if (group >= 0 && elements[group]?.call === null) {
      params[group] = (params[group] as number) + (params[id] as number);
      calls[group] = (calls[group] as number) + (calls[id] as number);
    }
  }
  return elements.map(({ call, fold }, id) => {
    const layer = call === null ? undefined : index.byPath.get(call.layer);
    const item = new NodeItem(
      layer?.name ?? call?.layer ?? fold?.title ?? "",
      layer?.class_name ?? "",
      shapeOf(elements, lastIn, id),
    );
    item.signature = signatures[id] as number;
    item.params = params[id] as number;
    item.calls = calls[id] as number;
    item.single = !isGroup(tree, id);
    item.input = layer?.kind === "input";
    return item;
  });
}

/** Most of what it says is never asked for. */
class NodeItem implements SeriesItem {
  signature = 0;
  params = 0;
  calls = 0;
  single = false;
  input = false;

  constructor(
    readonly name: string,
    private readonly className: string,
    private readonly shape: Shape | null,
  ) {}

  get named(): boolean {
    return this.className === "" || !isMadeUp(this.name, this.className);
  }

  get unit(): string {
    const written = this.className !== "" && !PLAIN_MODELS.has(this.className);
    return written ? this.className : stemOf(this.name);
  }

  get resolution(): Resolution {
    return resolutionOf(this.shape);
  }

  get size(): string {
    return sizeText(this.shape, this.resolution);
  }
}

/** Equal numbers for nodes that hold the same, from the inside out. */
function signElements(
  index: LayerIndex,
  tree: NodeTree,
  elements: readonly Element[],
  levels: readonly { group: number; children: Int32Array; dag: Dag }[],
): Float64Array {
  const known = new Signatures();
  const signatures = new Float64Array(tree.size);
  elements.forEach(({ call }, id) => {
    const layer = call === null ? undefined : index.byPath.get(call.layer);
    let number = known.ofText(layer?.class_name ?? "");
    number = scatter(number + (layer?.params ?? 0), 0x1b87);
    for (const shape of call?.input_shapes ?? []) {
      number = signShape(number, shape);
    }
    // The end of the inputs.
    number = scatter(number, 0x3c6e);
    for (const shape of call?.output_shapes ?? []) {
      number = signShape(number, shape);
    }
    signatures[id] = number;
  });
  for (let i = levels.length - 1; i >= 0; i -= 1) {
    const { group, children, dag } = levels[i] as (typeof levels)[number];
    if (group < 0) {
      continue;
    }
    const order = Int32Array.from(children.keys());
    const own = Float64Array.from(children, (child) => signatures[child] as number);
    const inside = signatureOf(dag, order, own, new Float64Array(children.length));
    const outside = signatures[group] as number;
    signatures[group] = scatter((outside + inside) % 2 ** 52, 0x6a09);
  }
  return signatures;
}

function signShape(before: number, shape: Shape): number {
  let number = scatter(before, shape.length);
  for (const length of shape) {
    number = scatter((number + (length ?? -2)) % 2 ** 52, 0x5be0);
  }
  return number;
}

/** The shape that a node gives: of a fold, that of its end. */
function shapeOf(
  elements: readonly Element[],
  lastIn: ReadonlyMap<number, number>,
  id: number,
): Shape | null {
  let at = id;
  while (elements[at]?.call === null) {
    at = lastIn.get(at) ?? -1;
  }
  return elements[at]?.call?.output_shapes[0] ?? null;
}

/** The lengths of what is not the sample and not the channels. */
function placesOf(shape: Shape): (number | null)[] {
  const inner = shape.slice(1);
  if (inner.length < 2) {
    return [];
  }
  // Channels are mostly last; where they come first, the other two are alike.
  const first = inner.length === 3 && inner[1] === inner[2] && inner[0] !== inner[1];
  return first ? inner.slice(1) : inner.slice(0, -1);
}

function resolutionOf(shape: Shape | null): Resolution {
  if (shape === null) {
    return null;
  }
  const places = placesOf(shape);
  if (places.some((length) => length === null)) {
    return null;
  }
  const product = places.reduce<number>((n, length) => n * Math.max(1, length ?? 1), 1);
  return { size: product ** (1 / Math.max(1, places.length)), rank: places.length };
}

function sizeText(shape: Shape | null, resolution: Resolution): string {
  if (shape === null || resolution === null || resolution.rank < 2) {
    return "";
  }
  return formatShortShapes([[null, ...placesOf(shape)]]);
}

/** What the items of a list have in common: `block` of `block_12`. */
function stemOf(name: string): string {
  return name.replace(/[ _/.\-:]*\d+$|(?<=\d)[a-z]$/, "") || name;
}
