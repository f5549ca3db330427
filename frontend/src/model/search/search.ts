/** Finds layers by name, class, shape, number and property. */

import type { LayerNode, Shape } from "../../wire/generated";
import type { Sign } from "../compare/graph_diff";
import { ownParams } from "../compare/layer_match";
import { summarize } from "../config_text";
import { familyOf } from "../layer_family";
import { type Comparison, parseQuery, type Term, type WantedShape } from "./query";

/** What was found; `layers` holds the best, `total` counts all. */
export interface SearchResult {
  readonly layers: readonly LayerNode[];
  readonly total: number;
}

/** What a search knows besides the layers. */
export interface SearchContext {
  /** Parameters of the whole model, for shares. */
  readonly params: number;
  /** How layers stand to the model that is compared with, by path. */
  readonly signs: ReadonlyMap<string, Sign>;
  /** Layers with a call about which something could not be traced. */
  readonly untraced: ReadonlySet<string>;
}

export const NO_CONTEXT: SearchContext = {
  params: 0,
  signs: new Map(),
  untraced: new Set(),
};

/** A query that layers can be held against. */
export interface Matcher {
  /** Whether it asks for nothing, so that every layer fits. */
  readonly empty: boolean;
  /** What of the query could not be read. */
  readonly problems: readonly string[];
  /** How well a layer fits; 0 = not. */
  readonly score: (layer: LayerNode) => number;
}

/** What a property means; they are written `is:frozen`. */
export const PROPERTIES: Readonly<Record<string, string>> = {
  frozen: "has parameters, and none of them is trained",
  trained: "has parameters that are trained",
  params: "has parameters of its own",
  unknown: "something of it is not known: its shapes, calls or costs",
  custom: "of a class that is not Keras's",
  shared: "called more than once",
  unused: "not called in the graph",
  added: "only in the model that is shown, not in the one compared with",
  changed: "other than in the model compared with",
  resized: "other than in the model compared with, but only in size",
};

/** Properties that a word alone stands for, besides what it is in names. */
const WORDS: ReadonlySet<string> = new Set(["frozen", "unknown", "shared", "custom"]);

const FULL = 5;

/** Makes a query ready for many layers. */
export function createMatcher(query: string, context = NO_CONTEXT): Matcher {
  const { terms, problems } = parseQuery(query);
  return {
    empty: terms.length === 0,
    problems,
    score: (layer) => {
      let worst = Number.POSITIVE_INFINITY;
      for (const term of terms) {
        const score = scoreOf(layer, term, context);
        // What must not be found says nothing about how well the rest fits.
        worst = Math.min(worst, term.negated ? (score > 0 ? 0 : FULL) : score);
        if (worst === 0) {
          break;
        }
      }
      return worst;
    },
  };
}

/**
 * Finds the layers that every term of a query holds for, best first: those whose
 * name begins with it, then by name, by class, by path.
 *
 * @param layers Where to look.
 * @param query See `parseQuery`.
 * @param limit Most layers to return.
 */
export function searchLayers(
  layers: readonly LayerNode[],
  query: string | Matcher,
  limit = 50,
): SearchResult {
  const matcher = typeof query === "string" ? createMatcher(query) : query;
  if (matcher.empty) {
    return { layers: [], total: 0 };
  }
  const found: { layer: LayerNode; score: number }[] = [];
  for (const layer of layers) {
    const score = matcher.score(layer);
    if (score > 0) {
      found.push({ layer, score });
    }
  }
  // Sorting is stable: equals stay in the order of the model.
  found.sort((a, b) => b.score - a.score);
  return { layers: found.slice(0, limit).map((f) => f.layer), total: found.length };
}

function scoreOf(layer: LayerNode, { wanted }: Term, context: SearchContext): number {
  switch (wanted.kind) {
    case "text": {
      const text = textScore(layer, wanted.text);
      const property = WORDS.has(wanted.text) && has(layer, wanted.text, context);
      return text > 0 || !property ? text : 1;
    }
    case "field": {
      const { field, text } = wanted;
      // Names may hold a colon as well.
      return hasText(layer, field, text) ? FULL : textScore(layer, `${field}:${text}`);
    }
    case "is":
      return has(layer, wanted.property, context) ? FULL : 0;
    case "number": {
      const value = numberOf(layer, wanted.field, context);
      const holds = value !== null && compare(value, wanted.comparison, wanted.value);
      return holds ? FULL : 0;
    }
    default: {
      if (hasShape(layer, wanted.field, wanted.shape)) {
        return FULL;
      }
      return wanted.field === null ? textScore(layer, wanted.text) : 0;
    }
  }
}

/** Where a word is found: from 5 for the name itself to 1 for the path; 0 = nowhere. */
function textScore(layer: LayerNode, word: string): number {
  const name = layer.name.toLowerCase();
  if (name === word) {
    return FULL;
  }
  if (name.startsWith(word)) {
    return 4;
  }
  if (name.includes(word)) {
    return 3;
  }
  if (layer.class_name.toLowerCase().includes(word)) {
    return 2;
  }
  return layer.path.toLowerCase().includes(word) ? 1 : 0;
}

function hasText(layer: LayerNode, field: string, text: string): boolean {
  const within = (...values: readonly string[]): boolean =>
    values.some((value) => value.toLowerCase().includes(text));
  switch (field) {
    case "name":
      return within(layer.name);
    case "class":
      return within(layer.class_name);
    case "path":
      return within(layer.path);
    case "module":
      return within(layer.module);
    case "kind":
      return within(layer.kind);
    case "family":
      return familyOf(layer).startsWith(text);
    case "dtype":
      return within(layer.dtype_policy, ...layer.output_dtypes);
    case "file":
      return within(layer.source_file);
    default: {
      // Any other is a key of the configuration: `activation:relu`.
      const value = configValue(layer, field);
      return value !== undefined && within(summarize(value).text);
    }
  }
}

function has(layer: LayerNode, property: string, context: SearchContext): boolean {
  switch (property) {
    case "frozen":
      return layer.params > 0 && layer.trainable_params === 0;
    case "trained":
      return layer.trainable_params > 0;
    case "params":
      return layer.variables.length > 0;
    case "unknown":
      return (
        layer.unknown_multiply_adds > 0 ||
        layer.unknown_activation_bytes > 0 ||
        layer.output_shapes.length === 0 ||
        context.untraced.has(layer.path)
      );
    case "custom":
      return layer.source_file !== "" || !/^(keras|tf_keras)(\.|$)/.test(layer.module);
    case "shared":
      return layer.calls > 1;
    case "unused":
      return layer.calls === 0;
    default:
      return context.signs.get(layer.path) === property;
  }
}

function numberOf(
  layer: LayerNode,
  field: string,
  context: SearchContext,
): number | null {
  switch (field) {
    case "params":
    case "parameters":
      return layer.params;
    case "own":
      return ownParams(layer);
    case "trainable":
      return layer.trainable_params;
    case "share":
      return context.params > 0 ? layer.params / context.params : null;
    case "macs":
    case "multiply_adds":
      return layer.multiply_adds;
    case "bytes":
    case "activation_bytes":
      return layer.activation_bytes;
    case "calls":
      return layer.calls;
    default: {
      const value = configValue(layer, field);
      return typeof value === "number" ? value : null;
    }
  }
}

function configValue(layer: LayerNode, key: string): unknown {
  return Object.hasOwn(layer.config, key) ? layer.config[key] : undefined;
}

function compare(value: number, comparison: Comparison, wanted: number): boolean {
  switch (comparison) {
    case "<":
      return value < wanted;
    case "<=":
      return value <= wanted;
    case ">":
      return value > wanted;
    case ">=":
      return value >= wanted;
    default:
      return value === wanted;
  }
}

function hasShape(
  layer: LayerNode,
  field: string | null,
  wanted: WantedShape,
): boolean {
  const some = (shapes: readonly Shape[]) => shapes.some((one) => fits(one, wanted));
  const kernels = () => some(layer.variables.map((variable) => variable.shape));
  switch (field) {
    case "in":
      return some(layer.input_shapes);
    case "out":
      return some(layer.output_shapes);
    case "shape":
      return some(layer.input_shapes) || some(layer.output_shapes);
    case "kernel":
      return some(windows(layer)) || kernels();
    default:
      return some(layer.output_shapes) || some(windows(layer)) || kernels();
  }
}

/** Sizes of what slides over the input, as its configuration says. */
function windows(layer: LayerNode): Shape[] {
  return ["kernel_size", "pool_size"]
    .map((key) => configValue(layer, key))
    .filter((value): value is number[] => Array.isArray(value));
}

function fits(shape: Shape, { sizes, whole }: WantedShape): boolean {
  if (whole && shape.length !== sizes.length) {
    return false;
  }
  for (let from = 0; from + sizes.length <= shape.length; from += 1) {
    if (sizes.every((size, i) => size === "any" || size === shape[from + i])) {
      return true;
    }
  }
  return false;
}
