/** A page and a data source in memory, for tests. */

import { type Signal, signal } from "@preact/signals";
import type {
  ActivationKey,
  DataSource,
  DynamicsQuantity,
  OutputKey,
  StepCells,
} from "../data/data_source";
import type { Page } from "../state/page";
import {
  ACTIVATION_INDEX_DEFAULTS,
  ACTIVATION_STATS,
  type ActivationIndex,
  type DynamicsSummary,
  LAYER_ACTIVATION_DEFAULTS,
  type LayerActivation,
  type LayerStatistics,
  type LayerTrend,
  MODEL_GRAPH_DEFAULTS,
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
} from "../wire/generated";
import type { Tensor, Tensors } from "../wire/safetensors";

/** A page whose address is a map. */
export interface FakePage extends Page {
  readonly dark: Signal<boolean>;
  /** What was written last. */
  entries: Map<string, string>;
  /** How often it was written so that the way back leads to the place before. */
  pushes: number;
  /** How often it was asked to load the app anew. */
  reloads: number;
  /** As if the user had gone to another address. */
  go(entries: Record<string, string>): void;
}

/** A page at an address. */
export function createFakePage(start: Record<string, string> = {}): FakePage {
  const listeners = new Set<() => void>();
  const page: FakePage = {
    dark: signal(false),
    visible: signal(true),
    entries: new Map(Object.entries(start)),
    pushes: 0,
    reloads: 0,
    reload: () => {
      page.reloads += 1;
    },
    go: (entries) => {
      page.entries = new Map(Object.entries(entries));
      for (const listener of listeners) {
        listener();
      }
    },
    address: {
      read: () => page.entries,
      write: (entries, push) => {
        page.entries = new Map(entries);
        page.pushes += push ? 1 : 0;
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
  return page;
}

/** What one run holds. */
export interface FakeRun {
  readonly info: RunInfo;
  readonly graphs: ReadonlyMap<number, ModelGraph>;
  readonly probe: ProbeIndex | null;
  readonly probeData: (input: number, sample: number) => Tensors;
  readonly activations: ReadonlyMap<number, ActivationIndex>;
  readonly thumbnails: (step: number, sample: number) => Tensors;
  readonly activationData: (step: number, key: ActivationKey) => Tensors;
  readonly status: Status | null;
  readonly layerStatistics?: (step: number) => LayerStatistics;
  readonly layerTrend?: (layer: string) => LayerTrend;
  readonly activationUnits?: (step: number, key: OutputKey) => Tensors;
  readonly modelOutput?: (step: number, output: number) => Tensors;
  readonly unitTrend?: (key: OutputKey, unit: number) => UnitTrend;
  readonly unitHealth?: UnitHealth;
  readonly weights?: ReadonlyMap<number, WeightIndex>;
  readonly weightData?: (step: number, variable: string) => Tensors;
  readonly weightTrend?: (variable: string) => Tensors;
  readonly dynamics?: DynamicsSummary;
  readonly dynamicsMap?: (quantity: DynamicsQuantity, range: StepCells) => Tensors;
  readonly stepDynamics?: (range: StepCells) => Tensors;
  readonly scalars?: (split: string, tag: string) => ScalarTrend | null;
}

/** A data source that answers from memory, and says what it was asked. */
export class FakeDataSource implements DataSource {
  /** What was asked, in order. */
  readonly asked: string[] = [];
  /** Messages to fail with, by what is asked. */
  readonly failures = new Map<string, string>();
  revalidations = 0;

  constructor(public list: FakeRun[]) {}

  private async answer<T>(what: string, find: () => T | null | undefined): Promise<T> {
    this.asked.push(what);
    const failure = [...this.failures].find(([part]) => what.includes(part))?.[1];
    const value = failure === undefined ? find() : null;
    if (value === null || value === undefined) {
      throw new Error(failure ?? `There is no ${what}.`);
    }
    return value;
  }

  private find(run: string): FakeRun | undefined {
    return this.list.find((one) => one.info.name === run);
  }

  revalidate(): void {
    this.revalidations += 1;
  }

  runs(): Promise<RunList> {
    return this.answer("runs", () => ({
      version: 1,
      runs: this.list.map((run) => run.info),
    }));
  }

  modelGraph(run: string, step: number): Promise<ModelGraph> {
    return this.answer(`graph ${run} ${step}`, () => this.find(run)?.graphs.get(step));
  }

  status(run: string): Promise<Status> {
    return this.answer(`status ${run}`, () => this.find(run)?.status);
  }

  probe(run: string, step: number): Promise<ProbeIndex> {
    return this.answer(`probe ${run} ${step}`, () => this.find(run)?.probe);
  }

  probeData(run: string, step: number, input: number, sample: number) {
    return this.answer(`probe data ${run} ${step} ${input} ${sample}`, () =>
      this.find(run)?.probeData(input, sample),
    );
  }

  activations(run: string, step: number): Promise<ActivationIndex> {
    return this.answer(`activations ${run} ${step}`, () =>
      this.find(run)?.activations.get(step),
    );
  }

  thumbnails(run: string, step: number, sample: number): Promise<Tensors> {
    return this.answer(`thumbnails ${run} ${step} ${sample}`, () =>
      this.find(run)?.thumbnails(step, sample),
    );
  }

  activationData(run: string, step: number, key: ActivationKey): Promise<Tensors> {
    const { layer, call, output, sample } = key;
    return this.answer(`data ${run} ${step} ${layer} ${call} ${output} ${sample}`, () =>
      this.find(run)?.activationData(step, key),
    );
  }

  activationUnits(run: string, step: number, key: OutputKey): Promise<Tensors> {
    const { layer, call, output } = key;
    return this.answer(`units ${run} ${step} ${layer} ${call} ${output}`, () =>
      this.find(run)?.activationUnits?.(step, key),
    );
  }

  modelOutput(run: string, step: number, output: number): Promise<Tensors> {
    return this.answer(`model output ${run} ${step} ${output}`, () =>
      this.find(run)?.modelOutput?.(step, output),
    );
  }

  unitTrend(run: string, key: OutputKey, unit: number): Promise<UnitTrend> {
    const { layer, call, output } = key;
    return this.answer(`unit trend ${run} ${layer} ${call} ${output} ${unit}`, () => {
      const found = this.find(run);
      return found && (found.unitTrend?.(key, unit) ?? NO_UNIT_TREND);
    });
  }

  unitHealth(run: string): Promise<UnitHealth> {
    return this.answer(`health ${run}`, () => {
      const found = this.find(run);
      return found && (found.unitHealth ?? NO_HEALTH);
    });
  }

  weights(run: string, step: number): Promise<WeightIndex> {
    return this.answer(`weights ${run} ${step}`, () =>
      this.find(run)?.weights?.get(step),
    );
  }

  weightData(run: string, step: number, variable: string): Promise<Tensors> {
    return this.answer(`weight data ${run} ${step} ${variable}`, () =>
      this.find(run)?.weightData?.(step, variable),
    );
  }

  weightTrend(run: string, variable: string): Promise<Tensors> {
    return this.answer(`weight trend ${run} ${variable}`, () =>
      this.find(run)?.weightTrend?.(variable),
    );
  }

  dynamics(run: string): Promise<DynamicsSummary> {
    return this.answer(`dynamics ${run}`, () => {
      const found = this.find(run);
      return found && (found.dynamics ?? NO_DYNAMICS);
    });
  }

  dynamicsMap(
    run: string,
    quantity: DynamicsQuantity,
    range: StepCells,
  ): Promise<Tensors> {
    const { first, last, cells } = range;
    return this.answer(`map ${run} ${quantity} ${first} ${last} ${cells}`, () =>
      this.find(run)?.dynamicsMap?.(quantity, range),
    );
  }

  stepDynamics(run: string, range: StepCells): Promise<Tensors> {
    const { first, last, cells } = range;
    return this.answer(`steps ${run} ${first} ${last} ${cells}`, () =>
      this.find(run)?.stepDynamics?.(range),
    );
  }

  verdicts(skip: number, count: number): Promise<TrainingVerdicts> {
    return this.answer(`verdicts ${skip} ${count}`, () => ({
      version: 2,
      total: this.list.length,
      verdicts: this.list
        .slice(skip, skip + count)
        .map(({ info, dynamics }) => dynamics?.verdict ?? verdictOf(info.name)),
    }));
  }

  scalars(run: string, split: string, tag: string): Promise<ScalarTrend> {
    return this.answer(`scalars ${run} ${split} ${tag}`, () => {
      const found = this.find(run);
      const none = { version: 2, tag, split, steps: [], values: [] };
      return found && (found.scalars?.(split, tag) ?? none);
    });
  }

  layerStatistics(run: string, step: number): Promise<LayerStatistics> {
    return this.answer(`statistics ${run} ${step}`, () => {
      const found = this.find(run);
      return found && (found.layerStatistics?.(step) ?? { ...NO_STATISTICS, step });
    });
  }

  layerTrend(run: string, layer: string): Promise<LayerTrend> {
    return this.answer(`trend ${run} ${layer}`, () => {
      const found = this.find(run);
      return found && (found.layerTrend?.(layer) ?? { version: 1, layer, columns: [] });
    });
  }
}

/** Nothing logged of any unit. */
const NO_UNIT_TREND: UnitTrend = {
  version: 1,
  steps: [],
  columns: ACTIVATION_STATS,
  values: ACTIVATION_STATS.map(() => []),
  cut: "",
};
const NO_HEALTH: UnitHealth = { version: 1, steps: [], layers: [], cut: "" };

/** Nothing followed. */
/** A verdict on a training in which nothing is unusual. */
export function verdictOf(
  run: string,
  change: Partial<TrainingVerdict> = {},
): TrainingVerdict {
  return {
    run,
    state: "judged",
    headline: "Nothing unusual",
    text: "Nothing unusual was found.",
    findings: [],
    first_nonfinite: null,
    steps: [],
    ratio_median: [],
    ratio_largest: [],
    ...change,
  };
}

const NO_DYNAMICS: DynamicsSummary = {
  verdict: verdictOf("run", { state: "none", headline: "No gradients were logged" }),
  version: 2,
  variables: [],
  first_step: null,
  last_step: null,
  windows: 0,
  has_steps: false,
  cut: "",
};

/** Nothing logged of any layer. */
const NO_STATISTICS: LayerStatistics = { version: 1, step: 0, layers: [], columns: [] };

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

/** Waits until a condition holds; fails if it never does. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if (condition()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("It did not come about.");
}
