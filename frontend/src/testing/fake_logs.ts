/** What a log holds, made up, for tests. */

import {
  ACTIVATION_INDEX_DEFAULTS,
  type ActivationIndex,
  LAYER_ACTIVATION_DEFAULTS,
  type LayerActivation,
  MODEL_GRAPH_DEFAULTS,
  type ModelGraph,
  PROBE_INDEX_DEFAULTS,
  PROBE_INPUT_DEFAULTS,
  type ProbeIndex,
} from "../wire/generated";
import type { Tensor, Tensors } from "../wire/safetensors";
import type { FakeRun } from "./fake_data_source";

/** All values of an array; none if it is not there. */
export function valuesOf(tensors: Tensors, name: string): (number | bigint)[] {
  const values: ArrayLike<number | bigint> = tensors.get(name)?.values ?? [];
  return Array.from(values);
}

/** An array as it arrives. */
export function tensor(
  values: Uint8Array | Float32Array,
  shape: readonly number[] = [values.length],
): Tensor {
  return { dtype: values instanceof Uint8Array ? "U8" : "F32", shape, values };
}

/** An entry of a capture's index, of 2 x 2 maps unless told otherwise. */
export function layerActivation(
  path: string,
  change: Partial<LayerActivation> = {},
): LayerActivation {
  const channels = change.channels ?? 3;
  return {
    ...LAYER_ACTIVATION_DEFAULTS,
    path,
    call: 0,
    output: 0,
    class_name: "Conv2D",
    kind: "map",
    shape: [2, 2, 2, channels],
    dtype: "float32",
    channels,
    kept_channels: Array.from({ length: channels }, (_, channel) => channel),
    full_map: [2, 2],
    kept_map: [2, 2],
    members: [],
    cut: "",
    ...change,
  };
}

/**
 * Arrays of an entry: channel c holds c, c + 1 / 255, ..., and its statistics.
 *
 * @param entry The index's entry.
 * @param nonfinite Codes of the cells that are not finite, by place in `maps`.
 */
export function activationTensors(
  entry: LayerActivation,
  nonfinite: ReadonlyMap<number, number> = new Map(),
): Tensors {
  const kept = entry.kept_channels.length;
  const [height, width] = entry.kept_map;
  const cells = height * width;
  const shape = [kept, height, width];
  const maps = Uint8Array.from({ length: kept * cells }, (_, at) => (at % cells) % 256);
  const stats = new Float32Array(entry.channels * 6);
  for (let channel = 0; channel < entry.channels; channel += 1) {
    const high = channel + Math.min(255, cells - 1) / 255;
    stats.set([channel, high, (channel + high) / 2, 0.1, 0, 0], channel * 6);
  }
  for (const at of nonfinite.keys()) {
    const channel = entry.kept_channels[Math.floor(at / cells)] ?? 0;
    stats[channel * 6 + 5] = (stats[channel * 6 + 5] ?? 0) + 1;
  }
  const tensors = new Map([
    ["maps", tensor(maps, shape)],
    ["scale", tensor(new Float32Array(kept).fill(1 / 255))],
    ["offset", tensor(Float32Array.from(entry.kept_channels))],
    ["stats", tensor(stats, [entry.channels, 6])],
  ]);
  if (nonfinite.size > 0) {
    const codes = new Uint8Array(kept * cells);
    for (const [at, code] of nonfinite) {
      codes[at] = code;
    }
    tensors.set("nonfinite", tensor(codes, shape));
  }
  return tensors;
}

/** An index of a capture. */
export function activationIndex(
  step: number,
  layers: readonly LayerActivation[],
  change: Partial<ActivationIndex> = {},
): ActivationIndex {
  return {
    ...ACTIVATION_INDEX_DEFAULTS,
    version: 1,
    step,
    samples: 2,
    probe_samples: 2,
    layers,
    skipped: [],
    thumbnails: [
      { blob: 1, offset: 0, length: 1 },
      { blob: 1, offset: 1, length: 1 },
    ],
    raw_bytes: 0,
    budget_bytes: 0,
    ...change,
  };
}

/** Miniatures of 2 x 2 cells. */
export function thumbnailTensors(layers: number): Tensors {
  return new Map([
    ["codes", tensor(new Uint8Array(layers * 4).fill(100), [layers, 2, 2])],
    ["low", tensor(new Float32Array(layers))],
    ["high", tensor(new Float32Array(layers).fill(1))],
  ]);
}

/** A model graph of one layer. */
export function modelGraph(name: string): ModelGraph {
  return {
    ...MODEL_GRAPH_DEFAULTS,
    version: 1,
    name,
    class_name: "Functional",
    layers: [],
    nodes: [],
    links: [],
    params: 0,
    trainable_params: 0,
    non_trainable_params: 0,
    optimizer_params: 0,
    optimizer: "Adam",
    backend: "tensorflow",
    keras_version: "3.15.1",
    notices: [],
  };
}

/** A run with the given captures of activations. */
export function fakeRun(name: string, captures: readonly ActivationIndex[]): FakeRun {
  const steps = captures.map((capture) => capture.step);
  const probe: ProbeIndex = {
    ...PROBE_INDEX_DEFAULTS,
    version: 1,
    samples: 2,
    probe_samples: 2,
    labels: ["cat", "dog"],
    inputs: [
      {
        ...PROBE_INPUT_DEFAULTS,
        name: "image",
        shape: [2, 2, 2, 1],
        dtype: "uint8",
        picture: true,
        low: 0,
        high: 255,
        members: [],
        cut: "",
      },
    ],
  };
  return {
    info: {
      name,
      run: `${name}/kerasviz`,
      steps: {
        model_graph: [0],
        activations: steps,
        ...(steps.length > 0 ? { probe: [0] } : {}),
      },
      error: "",
    },
    graphs: new Map([[0, modelGraph(name)]]),
    probe: steps.length > 0 ? probe : null,
    probeData: () =>
      new Map([["picture", tensor(Uint8Array.of(0, 80, 160, 255), [2, 2, 1])]]),
    activations: new Map(captures.map((capture) => [capture.step, capture])),
    thumbnails: (step) => {
      const capture = captures.find((one) => one.step === step);
      return thumbnailTensors(capture?.layers.length ?? 0);
    },
    activationData: (step, key) => {
      const capture = captures.find((one) => one.step === step);
      const entry = capture?.layers.find(
        (one) =>
          one.path === key.layer && one.call === key.call && one.output === key.output,
      );
      if (entry === undefined) {
        throw new Error(`There is no layer ${key.layer}.`);
      }
      return activationTensors(entry);
    },
    status: null,
  };
}
