/** What kind of layer a class is, for its colour. */

import type { LayerNode } from "../wire/generated";

export const FAMILIES = [
  "input",
  "convolution",
  "dense",
  "recurrent",
  "attention",
  "normalization",
  "activation",
  "pooling",
  "regularization",
  "merging",
  "model",
  "other",
] as const;

/** A kind of layer. */
export type LayerFamily = (typeof FAMILIES)[number];

/** How a family is called in the legend. */
export const FAMILY_LABELS: Readonly<Record<LayerFamily, string>> = {
  input: "Input",
  convolution: "Convolution",
  dense: "Dense, embedding",
  recurrent: "Recurrent",
  attention: "Attention",
  normalization: "Normalization",
  activation: "Activation",
  pooling: "Pooling, reshaping",
  regularization: "Regularization",
  merging: "Merging",
  model: "Nested model",
  other: "Other",
};

// The first that fits counts.
const PATTERNS: readonly (readonly [RegExp, LayerFamily])[] = [
  [/^InputLayer$/, "input"],
  [/attention/i, "attention"],
  [/norm/i, "normalization"],
  [/lstm|gru|rnn|recurrent|bidirectional|timedistributed/i, "recurrent"],
  [/conv/i, "convolution"],
  [/dropout|noise|regularization/i, "regularization"],
  [/dense|embedding|linear/i, "dense"],
  [
    /^(add|subtract|multiply|average|maximum|minimum|concatenate|dot|einsum)$/i,
    "merging",
  ],
  [/relu|softmax|sigmoid|activation|^elu$|^gelu$|tanh|silu|swish/i, "activation"],
  [
    /pool|flatten|reshape|permute|padding|cropping|upsampling|repeatvector|transpose|resizing/i,
    "pooling",
  ],
];

/** The family of a layer, by its class. */
export function familyOf(layer: Pick<LayerNode, "kind" | "class_name">): LayerFamily {
  if (layer.kind === "input") {
    return "input";
  }
  if (layer.kind === "model") {
    return "model";
  }
  const name = layer.class_name.slice(0, 200);
  return PATTERNS.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}
