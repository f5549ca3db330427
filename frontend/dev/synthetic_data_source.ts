/**
 * Made-up data with every difficulty in it: NaN and infinities, dead channels,
 * left-out channels, long lists, hostile names, a broken payload, a slow answer.
 */

import {
  type ActivationKey,
  DataError,
  type DataSource,
  type DynamicsQuantity,
  type OutputKey,
  type StepCells,
} from "../src/data/data_source";
import {
  ACTIVATION_INDEX_DEFAULTS,
  ACTIVATION_STATS,
  type ActivationIndex,
  type DynamicsSummary,
  LAYER_ACTIVATION_DEFAULTS,
  LAYER_STATISTICS,
  type LayerActivation,
  type LayerStatistics,
  type LayerTrend,
  type LoggedNumber,
  type ModelGraph,
  PROBE_INDEX_DEFAULTS,
  PROBE_INPUT_DEFAULTS,
  type ProbeIndex,
  type RunInfo,
  type RunList,
  type ScalarTrend,
  type Status,
  type TrainingVerdict,
  type TrainingVerdicts,
  type UnitHealth,
  type UnitTrend,
  type WeightIndex,
} from "../src/wire/generated";
import type { Tensor, Tensors } from "../src/wire/safetensors";
import {
  ATTENTION_LAYERS,
  createAttention,
  createMask,
  createTokens,
  WORDS_LAYER,
} from "./synthetic_attention";
import { createModel } from "./synthetic_model";
import {
  createWeightData,
  createWeightIndex,
  createWeightNorms,
  createWeightTrend,
  WEIGHT_STEPS,
} from "./synthetic_weights";

const STEPS = [0, 10, 100, 250, 1000, 12_000];
const SAMPLES = 12;

const VERDICT: TrainingVerdict = {
  run: "synthetic",
  state: "judged",
  headline: "Nothing unusual",
  text: "Nothing unusual was found in 12,000 steps.",
  findings: [],
  first_nonfinite: null,
  steps: [],
  ratio_median: [],
  ratio_largest: [],
};
const SIDE = 24;

const map = (
  path: string,
  channels: number,
  kept: number,
  side: number,
  change: Partial<LayerActivation> = {},
): LayerActivation => ({
  ...LAYER_ACTIVATION_DEFAULTS,
  path,
  call: 0,
  output: 0,
  class_name: "Conv2D",
  kind: "map",
  shape: [SAMPLES, side, side, channels],
  dtype: "float32",
  channels,
  kept_channels: Array.from({ length: kept }, (_, at) =>
    Math.floor((at * channels) / kept),
  ),
  full_map: [side, side],
  kept_map: [Math.min(side, 28), Math.min(side, 28)],
  members: [],
  units: { blob: 1, offset: 0, length: 1 },
  cut: kept < channels ? `${kept} of ${channels} channels, 28x28 of 112x112` : "",
  ...change,
});

const LAYERS: readonly LayerActivation[] = [
  map("image", 3, 3, 112, { class_name: "InputLayer" }),
  map("block_0/conv_1", 512, 48, 112),
  map("block_0/relu_1", 64, 64, 28, { class_name: "ReLU" }),
  map("block_0/conv_2", 512, 512, 28),
  map("block_0/add", 2048, 2048, 7, { class_name: "Add" }),
  map("nothing_fitted", 64, 0, 112, { cut: "0 of 64 channels" }),
  WORDS_LAYER,
  ...ATTENTION_LAYERS,
  map("lstm", 128, 128, 1, {
    class_name: "LSTM",
    kind: "sequence",
    shape: [SAMPLES, 200, 128],
    full_map: [1, 200],
    kept_map: [1, 200],
  }),
  map("lstm", 128, 128, 1, {
    class_name: "LSTM",
    kind: "vector",
    output: 1,
    shape: [SAMPLES, 128],
    full_map: [1, 1],
    kept_map: [1, 1],
  }),
  map("dense <img src=x onerror=alert(1)>", 1000, 1000, 1, {
    class_name: "Dense",
    kind: "vector",
    shape: [SAMPLES, 1000],
    full_map: [1, 1],
    kept_map: [1, 1],
  }),
  map("__proto__", 10, 10, 1, {
    class_name: "Softmax",
    kind: "vector",
    shape: [SAMPLES, 10],
    full_map: [1, 1],
    kept_map: [1, 1],
  }),
  map("broken", 4, 4, 8),
  map("slow", 4, 4, 8),
  ...Array.from({ length: 1500 }, (_, at) => map(`many/layer_${at}`, 16, 16, 8)),
  map(`long_${"x".repeat(10_000)}`, 4, 4, 8),
];

const RUNS: readonly RunInfo[] = [
  run("synthetic", { activations: STEPS, probe: [0], weights: WEIGHT_STEPS }),
  run("without_probe", {}),
  run("late_capture", { activations: [250], probe: [0] }),
  { ...run("newer", {}), error: "It was written in format 9. Upgrade tb_kerasviz." },
  run("<script>alert(1)</script>", { activations: STEPS, probe: [0] }),
];

function run(name: string, steps: RunInfo["steps"]): RunInfo {
  return {
    name,
    run: `${name}/kerasviz`,
    steps: { model_graph: [0], status: [12_000], ...steps },
    error: "",
  };
}

/** Answers with data that it makes up, always the same. */
export class SyntheticDataSource implements DataSource {
  private readonly list: RunList = { version: 1, runs: RUNS };
  private readonly model = createModel(24);
  private readonly indices = new Map(
    STEPS.map((step): [number, ActivationIndex] => [step, createIndex(step)]),
  );
  private readonly probeIndex = createProbe();

  revalidate(): void {}

  async runs(): Promise<RunList> {
    return this.list;
  }

  async layerStatistics(_run: string, step: number): Promise<LayerStatistics> {
    const layers: string[] = [];
    const stack = [...this.model.layers];
    for (let layer = stack.pop(); layer !== undefined; layer = stack.pop()) {
      layers.push(layer.path);
      stack.push(...layer.children);
    }
    const columns = LAYER_STATISTICS.map((name, column) => ({
      name,
      step,
      values: layers.map((_, at) => made(column, at, step)),
    }));
    return { version: 1, step, layers, columns };
  }

  async layerTrend(_run: string, layer: string): Promise<LayerTrend> {
    const columns = LAYER_STATISTICS.map((name, column) => ({
      name,
      steps: STEPS,
      values: STEPS.map((step) => made(column, layer.length, step)),
      cut: column === 1 ? "largest of every 4 steps" : "",
    }));
    return { version: 1, layer, columns };
  }

  async modelGraph(): Promise<ModelGraph> {
    return this.model;
  }

  async status(): Promise<Status> {
    return STATUS;
  }

  async probe(): Promise<ProbeIndex> {
    return this.probeIndex;
  }

  async probeData(_run: string, _step: number, _input: number, sample: number) {
    const picture = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => {
      const pixel = Math.floor(at / 3);
      const wave = Math.sin((pixel % 32) / (2 + sample)) * Math.cos(pixel / 32 / 4);
      return 128 + 120 * wave * Math.cos((at % 3) + sample);
    });
    return new Map([["picture", tensor(picture, [32, 32, 3])]]);
  }

  async activations(_run: string, step: number): Promise<ActivationIndex> {
    const index = this.indices.get(step);
    if (index === undefined) {
      throw new DataError(`There is no capture at step ${step}.`, "not_found");
    }
    return index;
  }

  async thumbnails(_run: string, step: number, sample: number): Promise<Tensors> {
    const cells = SIDE * SIDE;
    const codes = Uint8Array.from({ length: LAYERS.length * cells }, (_, at) => {
      const layer = Math.floor(at / cells);
      return 127 * (1 + wave(layer + step, sample, at % SIDE, (at % cells) / SIDE));
    });
    return new Map([
      ["codes", tensor(codes, [LAYERS.length, SIDE, SIDE])],
      ["low", tensor(Float32Array.from(LAYERS, (_, at) => (at % 2 ? -1 : 0)))],
      ["high", tensor(new Float32Array(LAYERS.length).fill(2))],
    ]);
  }

  async activationData(
    _run: string,
    step: number,
    key: ActivationKey,
    signal?: AbortSignal,
  ): Promise<Tensors> {
    if (key.layer === "broken") {
      const sentence = "The activation is damaged: its checksum does not match.";
      throw new DataError(sentence, "unreadable");
    }
    if (key.layer === "slow") {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      signal?.throwIfAborted();
    }
    return createTensors(findEntry(key), step, key.sample);
  }

  async activationUnits(_run: string, step: number, key: OutputKey): Promise<Tensors> {
    const entry = findEntry(key);
    const { channels } = entry;
    const stats = createTensors(entry, step, 0).get("stats");
    if (stats === undefined) {
      throw new DataError("There are no units.", "not_found");
    }
    const bins = 32;
    const histogram = Uint32Array.from({ length: channels * bins }, (_, at) =>
      Math.round(100 * (1 + wave(Math.floor(at / bins), step, at % bins, 1))),
    );
    return new Map([
      ["stats", stats],
      ["histogram", { dtype: "U32", shape: [channels, bins], values: histogram }],
    ]);
  }

  async modelOutput(_run: string, step: number): Promise<Tensors> {
    const values = Float32Array.from({ length: SAMPLES * 10 }, (_, at) =>
      Math.abs(wave(at % 10, Math.floor(at / 10), step, 1)),
    );
    return new Map([["values", tensor(values, [SAMPLES, 10])]]);
  }

  async unitTrend(_run: string, key: OutputKey, unit: number): Promise<UnitTrend> {
    return {
      version: 2,
      steps: STEPS,
      columns: ACTIVATION_STATS,
      values: ACTIVATION_STATS.map((_, column) =>
        STEPS.map((step) => made(column, unit + key.layer.length, step)),
      ),
      cut: "",
    };
  }

  async unitHealth(): Promise<UnitHealth> {
    const layers = LAYERS.map((entry, at) => ({
      path: entry.path,
      call: entry.call,
      output: entry.output,
      name: entry.name,
      class_name: entry.class_name,
      activation: at % 2 === 0 ? "relu" : "tanh",
      units: entry.channels,
      dead: STEPS.map((_, step) => ((at * 7 + step * 3) % 11) * 0.1 * entry.channels),
      constant: STEPS.map(() => 0),
      nonfinite: STEPS.map((_, step) => (at % 9 === 4 && step > 3 ? 1 : 0)),
      saturated: STEPS.map(() => (at % 2 === 0 ? null : Math.floor(at % 5))),
    }));
    return {
      version: 2,
      steps: STEPS,
      layers: layers.map((one) => ({ ...one, dead: one.dead.map(Math.floor) })),
      cut: "",
    };
  }

  async weights(_run: string, step: number): Promise<WeightIndex> {
    return createWeightIndex(step);
  }

  async weightData(_run: string, step: number, variable: string): Promise<Tensors> {
    return createWeightData(step, variable);
  }

  async gradientTrend(): Promise<Tensors> {
    throw new DataError("There are no gradients here.", "not_found");
  }

  async weightNorms(): Promise<Tensors> {
    return createWeightNorms();
  }

  async weightTrend(_run: string, variable: string): Promise<Tensors> {
    return createWeightTrend(variable);
  }

  async dynamics(): Promise<DynamicsSummary> {
    return {
      version: 2,
      variables: VARIABLES,
      first_step: 1,
      last_step: 12_000,
      windows: 2000,
      has_steps: true,
      verdict: VERDICT,
      cut: "",
    };
  }

  async verdicts(): Promise<TrainingVerdicts> {
    return { version: 2, verdicts: [VERDICT], total: 1 };
  }

  async dynamicsMap(
    _run: string,
    quantity: DynamicsQuantity,
    range: StepCells,
  ): Promise<Tensors> {
    const { first, steps } = cut(range);
    const scale = quantity === "grad_zero_fraction" ? 0.1 : 1;
    const shape: [number, number] = [VARIABLES.length, steps.length];
    const fill = (factor: number) =>
      tensor(
        Float32Array.from({ length: shape[0] * shape[1] }, (_, at) => {
          const row = Math.floor(at / steps.length);
          const value =
            10 ** (2 * wave(row, 1, at % steps.length, row / 9) - row / 300);
          return row % 97 === 5 ? Number.NaN : factor * scale * value;
        }),
        shape,
      );
    const broken = Float32Array.from({ length: shape[0] * shape[1] }, (_, at) =>
      at % 1709 === 11 ? 3 : 0,
    );
    return new Map([
      ["first_steps", { dtype: "F64", shape: [first.length], values: first }],
      ["steps", { dtype: "F64", shape: [steps.length], values: steps }],
      ["mean", fill(1)],
      ["smallest", fill(0.5)],
      ["largest", fill(3)],
      ["nonfinite", tensor(broken, shape)],
    ]);
  }

  async stepDynamics(_run: string, range: StepCells): Promise<Tensors> {
    const { first, steps } = cut(range);
    const column = (make: (step: number) => number) =>
      tensor(Float32Array.from(steps, (step) => make(step)));
    return new Map([
      ["first_steps", { dtype: "F64", shape: [first.length], values: first }],
      ["steps", { dtype: "F64", shape: [steps.length], values: steps }],
      ["learning_rate", column((step) => 1e-3 * 0.5 ** (step / 4000))],
      ["loss_mean", column((step) => 2.3 / (1 + step / 900))],
      ["loss_max", column((step) => 3 / (1 + step / 900))],
      ["loss_nonfinite", column(() => 0)],
      ["loss_nonfinite_first_step", column(() => -1)],
      ["global_norm_mean", column((step) => 4 / (1 + step / 2000))],
      ["global_norm_max", column((step) => 9 / (1 + step / 2000))],
      ["clipped_norm_mean", column(() => 1)],
      ["clipped_norm_max", column(() => 1)],
      ["loss_scale", column(() => Number.NaN)],
      ["skipped", column((step) => (step % 37 === 0 ? 1 : 0))],
      ["window", column(() => 6)],
    ]);
  }

  async scalars(_run: string, split: string, tag: string): Promise<ScalarTrend> {
    const validation = split === "validation";
    const steps = Array.from({ length: 240 }, (_, at) => (at + 1) * 50);
    const values = steps.map((step, at): LoggedNumber => {
      const noise = 0.08 * wave(at, 1, at % 7, 2);
      const loss = 2.3 / (1 + step / 300) ** 0.7 + noise + (validation ? 0.15 : 0);
      return at === 90 && !validation ? "NaN" : loss;
    });
    return { version: 2, tag, split, steps, values };
  }
}

const VARIABLES = Array.from({ length: 300 }, (_, at) => `many/layer_${at}`).flatMap(
  (path) => [`${path}/kernel`, `${path}/bias`],
);

/** First and last steps of the cells of a range. */
function cut({ first, last, cells }: StepCells) {
  const count = Math.min(cells, last - first + 1);
  const edge = (at: number) => first + Math.floor((at * (last - first + 1)) / count);
  const numbers = Array.from({ length: count }, (_, at) => at);
  return {
    first: Float64Array.from(numbers, edge),
    steps: Float64Array.from(numbers, (at) => edge(at + 1) - 1),
  };
}

function findEntry(key: OutputKey): LayerActivation {
  const entry = LAYERS.find(
    (one) => one.path === key.layer && one.output === key.output,
  );
  if (entry === undefined) {
    throw new DataError(`There is no layer ${key.layer}.`, "not_found");
  }
  return entry;
}

const STATUS: Status = {
  version: 1,
  step: 12_000,
  accepted: 120,
  written: 117,
  dropped: { activations: 2, __proto__: 0 },
  refused: { model_graph: 1 },
  blocked_secs: 0.37,
  overhead_secs: 8.4,
  training_secs: 640,
  writer_cpu_secs: 21.7,
  captures_skipped: 3,
  skipped_steps: [10_200, 10_800, 11_400],
  notices: [
    {
      step: 0,
      topic: "activations",
      message:
        "3 layers were left out of the captures: capture_mb=8.0 is too little for " +
        "their maps. Raise it, or choose layers with layers=...",
    },
  ],
  closed: true,
  package_version: "0.1.0",
};

function createProbe(): ProbeIndex {
  return {
    ...PROBE_INDEX_DEFAULTS,
    version: 1,
    samples: SAMPLES,
    probe_samples: 32,
    labels: ["cat", "dog", "<b>bold</b>", "a rather long label that has no room"],
    inputs: [
      {
        ...PROBE_INPUT_DEFAULTS,
        name: "image",
        shape: [32, 32, 32, 3],
        dtype: "uint8",
        picture: true,
        low: 0,
        high: 255,
        members: [],
        cut: "",
      },
      {
        ...PROBE_INPUT_DEFAULTS,
        name: "words",
        shape: [32, createTokens(0).length],
        dtype: "int32",
        picture: false,
        low: 0,
        high: 0,
        members: [],
        cut: "",
        tokens: Array.from({ length: SAMPLES }, (_, sample) => createTokens(sample)),
      },
    ],
  };
}

function createIndex(step: number): ActivationIndex {
  const member = { blob: 1, offset: 0, length: 1 };
  return {
    ...ACTIVATION_INDEX_DEFAULTS,
    version: 1,
    step,
    samples: SAMPLES,
    probe_samples: 32,
    layers: LAYERS,
    skipped: [
      { path: "ragged", reason: "its output is no dense tensor (RaggedTensor)" },
      { path: "unused", reason: "the forward pass does not call it" },
    ],
    thumbnails: new Array(SAMPLES).fill(member),
    measured_samples: SAMPLES,
    outputs: [
      {
        name: "",
        shape: [SAMPLES, 10],
        dtype: "float32",
        member,
        cut: "",
      },
    ],
    raw_bytes: 0,
    budget_bytes: 0,
  };
}

function tensor(values: Uint8Array | Float32Array, shape = [values.length]): Tensor {
  return { dtype: values instanceof Uint8Array ? "U8" : "F32", shape, values };
}

function wave(seed: number, sample: number, x: number, y: number): number {
  const a = 0.15 + ((seed * 7 + 3) % 11) / 20;
  const b = 0.1 + ((seed * 5 + 1) % 13) / 20;
  return Math.sin(a * x + sample + seed) * Math.cos(b * y + sample * 0.5 + 2 * seed);
}

/** One sample of an output: waves, of which some channels are broken. */
function createTensors(entry: LayerActivation, step: number, sample: number): Tensors {
  if (entry.kind === "attention") {
    return createAttention(entry, sample);
  }
  const [height, width] = entry.kept_map;
  const cells = height * width;
  const kept = entry.kept_channels.length;
  const maps = new Uint8Array(kept * cells);
  const nonfinite = new Uint8Array(kept * cells);
  const scale = new Float32Array(kept);
  const offset = new Float32Array(kept);
  const stats = new Float32Array(entry.channels * 6);
  const relu = entry.class_name === "ReLU" || entry.class_name === "Softmax";
  for (let channel = 0; channel < entry.channels; channel += 1) {
    const strength = 1 + (channel % 5);
    const dead = channel % 11 === 5;
    stats.set(
      dead ? [0, 0, 0, 0, 1, 0] : [relu ? 0 : -strength, strength, 0.1, 0.4, 0.2, 0],
      channel * 6,
    );
    if (cells === 1) {
      const value = dead ? 0 : strength * wave(channel, sample + step, channel, 1);
      const shown = relu ? Math.abs(value) : value;
      stats.set([shown, shown, shown, 0, shown === 0 ? 1 : 0, 0], channel * 6);
    }
  }
  entry.kept_channels.forEach((channel, position) => {
    const low = stats[channel * 6] ?? 0;
    const high = stats[channel * 6 + 1] ?? 0;
    offset[position] = low;
    scale[position] = (high - low) / 255;
    for (let cell = 0; cell < cells && high > low; cell += 1) {
      const value = wave(
        channel + step,
        sample,
        cell % width,
        Math.floor(cell / width),
      );
      maps[position * cells + cell] = 127.5 * (1 + value);
    }
    if (channel % 9 === 4 && cells > 1) {
      for (let cell = 0; cell < cells; cell += 7) {
        nonfinite[position * cells + cell] = 1 + ((cell / 7) % 3);
      }
      stats[channel * 6 + 5] = Math.ceil(cells / 7);
    }
  });
  return new Map([
    ["maps", tensor(maps, [kept, height, width])],
    ["nonfinite", tensor(nonfinite, [kept, height, width])],
    ["scale", tensor(scale)],
    ["offset", tensor(offset)],
    ["stats", tensor(stats, [entry.channels, 6])],
    ...(entry === WORDS_LAYER ? ([["mask", createMask(sample)]] as const) : []),
  ]);
}

/** A number of a statistic, with gaps and what is no number among them. */
function made(column: number, at: number, step: number): LoggedNumber {
  const seed = (column * 31 + at * 7 + step) % 41;
  if (seed === 5) {
    return null;
  }
  if (seed === 9) {
    return column % 2 === 0 ? "NaN" : "Infinity";
  }
  return (column === 6 ? seed - 20 : seed + 1) * 10 ** ((at % 7) - 4);
}
