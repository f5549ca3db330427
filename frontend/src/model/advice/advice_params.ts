/** Notes on layers that hold, or cost, most of a model. */

import type { LayerNode, Shape } from "../../wire/generated";
import { formatShare } from "../format";
import type { LayerGraph } from "../graph/layer_graph";
import { familyOf } from "../layer_family";
import { formatCount } from "../layer_text";
import type { Advice } from "./advice_note";

/** Shares of the model from which on a layer is worth a note. */
const AFTER_FLATTEN = 0.5;
const ALONE = 0.8;
const STEPS = 0.5;
/** Smaller layers are no trouble, whatever their share. */
const LEAST_PARAMS = 10_000;
const LEAST_ALONE = 100_000;
const LEAST_STEPS = 64;
/** Layers between Flatten and the layer that reads it. */
const MOST_BETWEEN = 8;

/** Layers whose parameters, or whose repeated work, dominate the model. */
export function findDominant(graph: LayerGraph): Advice[] {
  const { params } = graph.graph;
  const owners = graph.layers
    .map((layer) => ({ layer, own: ownParams(layer) }))
    .filter(({ own }) => own > 0);
  const found: Advice[] = [];
  for (const { layer, own } of owners) {
    if (own <= AFTER_FLATTEN * params || own < LEAST_PARAMS) {
      continue;
    }
    const note =
      noteOnFlatten(graph, layer, own) ??
      (own > ALONE * params && own >= LEAST_ALONE && owners.length > 2
        ? noteOnSize(layer, own, params)
        : null);
    if (note !== null) {
      found.push({ ...note, path: drawnPath(graph, layer.path) });
    }
  }
  return [...found, ...findRepeated(graph)];
}

/** Parameters of a layer's own variables, without those of layers that it holds. */
export function ownParams(layer: LayerNode): number {
  return layer.variables.reduce((sum, variable) => sum + variable.params, 0);
}

function percent(part: number, whole: number): string {
  return formatShare(part / whole);
}

function noteOnFlatten(
  graph: LayerGraph,
  layer: LayerNode,
  own: number,
): Advice | null {
  if (!["dense", "recurrent"].includes(familyOf(layer)) || isEmbedding(layer)) {
    return null;
  }
  const flat = findFlatten(graph, layer);
  if (flat === null) {
    return null;
  }
  const features = flat.sizes.reduce((product, size) => product * size, 1);
  const channels = flat.sizes.at(-1) ?? 1;
  const share = percent(own, graph.graph.params);
  const reason =
    `${formatCount(own)} parameters, ${share} of the model, because ${flat.name} ` +
    `hands it ${flat.sizes.map(formatCount).join(" × ")} = ${formatCount(features)} ` +
    `features${flat.eachStep ? " at every step" : ""}.`;
  let remedy: string;
  if (flat.ofInput) {
    remedy =
      " Convolutions before it share their weights over all places; a smaller input " +
      "helps as well.";
  } else if (flat.sizes.length === 2 && !flat.eachStep) {
    remedy =
      ` Each of the ${formatCount(flat.sizes[0] ?? 0)} steps has weights of its own ` +
      "in it. GlobalAveragePooling1D, or the last step alone, leaves " +
      `${formatCount(channels)} features.`;
  } else {
    const rank = flat.sizes.length - 1;
    const pooling = rank >= 1 && rank <= 3 ? `GlobalAveragePooling${rank}D` : "Pooling";
    const where = flat.eachStep ? " in the TimeDistributed" : "";
    remedy =
      ` ${pooling} in its place${where} leaves ${formatCount(channels)} features; ` +
      "more pooling or strides before it help as well.";
  }
  return { path: layer.path, title: "Most of the parameters", text: reason + remedy };
}

function noteOnSize(layer: LayerNode, own: number, params: number): Advice {
  const reason = `${formatCount(own)} parameters, ${percent(own, params)} of the model.`;
  const remedy = isEmbedding(layer)
    ? " Usual with a large vocabulary. If it overfits, or is too large to ship: fewer " +
      "words (`input_dim`), or shorter vectors (`output_dim`)."
    : " The other layers hardly count: fewer units here, or narrower inputs, make the " +
      "model smaller at once.";
  return { path: layer.path, title: "Most of the parameters", text: reason + remedy };
}

function isEmbedding(layer: LayerNode): boolean {
  return /embedding/i.test(layer.class_name);
}

/** What was flattened before a layer. */
interface Flattened {
  /** Name of the layer that flattens. */
  readonly name: string;
  /** Sizes of the axes that became one. */
  readonly sizes: readonly number[];
  /** Whether it does so at every step of a sequence. */
  readonly eachStep: boolean;
  /** Whether it flattens the model's input itself. */
  readonly ofInput: boolean;
}

/** Walks back from a layer, over what keeps the shape, to what flattens. */
function findFlatten(graph: LayerGraph, layer: LayerNode): Flattened | null {
  let id = calledAs(graph, layer.path);
  for (let hop = 0; id !== null && hop < MOST_BETWEEN; hop += 1) {
    id = onlySource(graph, id);
    const call = id === null ? undefined : graph.graph.nodes[id];
    const source = call === undefined ? undefined : graph.byPath.get(call.layer);
    if (id === null || call === undefined || source === undefined) {
      return null;
    }
    const eachStep =
      source.class_name === "TimeDistributed" &&
      source.children.length === 1 &&
      source.children[0]?.class_name === "Flatten";
    if (source.class_name === "Flatten" || eachStep) {
      const sizes = sizesOf(call.input_shapes[0], eachStep ? 2 : 1);
      const before = onlySource(graph, id);
      const places = sizes?.slice(0, -1).reduce((product, size) => product * size, 1);
      return sizes === null || places === 1
        ? null
        : {
            name: source.name,
            sizes,
            eachStep,
            ofInput: before !== null && isModelInput(graph, before),
          };
    }
    const family = familyOf(source);
    if (!["regularization", "activation", "normalization", "input"].includes(family)) {
      return null;
    }
  }
  return null;
}

/** A layer, or the one that holds it where calls of its own are not known. */
function drawnPath(graph: LayerGraph, path: string): string {
  let wanted: string | undefined = path;
  while (wanted !== undefined && !graph.callsOf.has(wanted)) {
    wanted = graph.holder.get(wanted);
  }
  return wanted ?? path;
}

/** The first call of a layer, or of the one that holds it. */
function calledAs(graph: LayerGraph, path: string): number | null {
  const node = graph.callsOf.get(drawnPath(graph, path))?.[0];
  return graph.nodes[node ?? -1]?.call?.id ?? null;
}

/** The one call that hands a call its input; null if there are none or several. */
function onlySource(graph: LayerGraph, call: number): number | null {
  const { links } = graph.callTree;
  let found: number | null = null;
  for (let i = 0; i < links.length; i += 2) {
    if (links[i + 1] === call) {
      if (found !== null && found !== links[i]) {
        return null;
      }
      found = links[i] as number;
    }
  }
  return found;
}

function isModelInput(graph: LayerGraph, call: number): boolean {
  const path = graph.graph.nodes[call]?.layer;
  const input = path !== undefined && graph.byPath.get(path)?.kind === "input";
  return input && onlySource(graph, call) === null;
}

function sizesOf(shape: Shape | undefined, from: number): number[] | null {
  const sizes = shape?.slice(from);
  return sizes === undefined || sizes.length < 2 || sizes.some((size) => size === null)
    ? null
    : (sizes as number[]);
}

/** Layers that are run once per step and make up most of the work. */
function findRepeated(graph: LayerGraph): Advice[] {
  const total = graph.graph.multiply_adds;
  return graph.layers.flatMap((layer): Advice[] => {
    const steps = layer.input_shapes[0]?.[1];
    if (
      layer.class_name !== "TimeDistributed" ||
      typeof steps !== "number" ||
      steps < LEAST_STEPS ||
      layer.multiply_adds <= STEPS * total
    ) {
      return [];
    }
    const each = Math.round(layer.multiply_adds / Math.max(1, layer.calls) / steps);
    return [
      {
        path: layer.path,
        title: "Most of the work",
        text:
          `It runs what it holds once for each of ${formatCount(steps)} steps: ` +
          `${formatCount(steps)} × ${formatCount(each)} multiply-adds per sample, ` +
          `${percent(layer.multiply_adds, total)} of the model. Fewer steps (strides, ` +
          "pooling over time) or a smaller layer inside cost less.",
      },
    ];
  });
}
