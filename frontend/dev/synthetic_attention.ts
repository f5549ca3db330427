/** Made-up attention: heads that do something, heads that do nothing, and padding. */

import { LAYER_ACTIVATION_DEFAULTS, type LayerActivation } from "../src/wire/generated";
import type { Tensor, Tensors } from "../src/wire/safetensors";

const TEXT = "the quick brown fox jumps over the lazy dog and then <b>it</b> sleeps .";

/** Texts of a sample: padded to one length. */
export function createTokens(sample: number): string[] {
  const words = TEXT.split(" ");
  const length = words.length - (sample % 4);
  return words.map((word, at) => (at < length ? word : "[PAD]"));
}

const LENGTH = createTokens(0).length;

function attention(path: string, heads: number): LayerActivation {
  return {
    ...LAYER_ACTIVATION_DEFAULTS,
    path,
    call: 0,
    output: 1,
    name: "attention_scores",
    class_name: "MultiHeadAttention",
    kind: "attention",
    shape: [12, heads, LENGTH, LENGTH],
    dtype: "float32",
    channels: heads,
    kept_channels: Array.from({ length: heads }, (_, head) => head),
    full_map: [LENGTH, LENGTH],
    kept_map: [LENGTH, LENGTH],
    members: [],
    cut: "",
  };
}

/** Six layers of eight heads. */
export const ATTENTION_LAYERS = Array.from({ length: 6 }, (_, at) =>
  attention(`encoder/block_${at}/attention`, 8),
);

/** Output of a layer for each word. */
export const WORDS_LAYER: LayerActivation = {
  ...LAYER_ACTIVATION_DEFAULTS,
  path: "encoder/words",
  call: 0,
  output: 0,
  class_name: "LSTM",
  kind: "sequence",
  shape: [12, LENGTH, 48],
  dtype: "float32",
  channels: 48,
  kept_channels: Array.from({ length: 48 }, (_, unit) => unit),
  full_map: [1, LENGTH],
  kept_map: [1, LENGTH],
  members: [],
  cut: "",
};

/** 0 where a sample is padded. */
export function createMask(sample: number): Tensor {
  const values = Uint8Array.from(createTokens(sample), (word) =>
    word === "[PAD]" ? 0 : 1,
  );
  return { dtype: "U8", shape: [LENGTH], values };
}

/** Weights of all heads for a sample. */
export function createAttention(entry: LayerActivation, sample: number): Tensors {
  const heads = entry.channels;
  const mask = createMask(sample).values as Uint8Array;
  const layer = Number(/\d+/.exec(entry.path)?.[0] ?? 0);
  const cells = LENGTH * LENGTH;
  const maps = new Uint8Array(heads * cells);
  const stats = new Float32Array(heads * 6);
  for (let head = 0; head < heads; head += 1) {
    for (let query = 0; query < LENGTH; query += 1) {
      const weights = Array.from({ length: LENGTH }, (_, key) => {
        const far = [query - 1, query, query + 1, 0][(head + layer) % 7] ?? -99;
        const noise = Math.exp(2 * Math.sin(query * (head + 1) + key * (layer + 2)));
        const sharp = key === far ? 200 / (1 + layer) : 0;
        return mask[key] === 0 ? 0 : noise + sharp;
      });
      const sum = weights.reduce((total, one) => total + one, 0);
      weights.forEach((weight, key) => {
        maps[head * cells + query * LENGTH + key] = Math.round((weight / sum) * 255);
      });
    }
    stats.set([0, 1, 1 / LENGTH, 0.1, 0, 0], head * 6);
  }
  const float = (values: Float32Array, shape = [values.length]): Tensor => ({
    dtype: "F32",
    shape,
    values,
  });
  return new Map<string, Tensor>([
    ["maps", { dtype: "U8", shape: [heads, LENGTH, LENGTH], values: maps }],
    ["scale", float(new Float32Array(heads).fill(1 / 255))],
    ["offset", float(new Float32Array(heads))],
    ["stats", float(stats, [heads, 6])],
    ["mask", createMask(sample)],
  ]);
}
