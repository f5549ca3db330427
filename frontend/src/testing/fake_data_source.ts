/** A data source in memory, for tests. */

import type {
  ActivationKey,
  DataSource,
  DynamicsQuantity,
  OutputKey,
  StepCells,
} from "../data/data_source";
import {
  ACTIVATION_STATS,
  type ActivationIndex,
  type DynamicsSummary,
  type LayerStatistics,
  type LayerTrend,
  type ModelGraph,
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
import type { Tensors } from "../wire/safetensors";

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
  readonly weightNorms?: () => Tensors;
  readonly gradientTrend?: (variable: string) => Tensors;
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

  weightNorms(run: string): Promise<Tensors> {
    return this.answer(`weight norms ${run}`, () => this.find(run)?.weightNorms?.());
  }

  gradientTrend(run: string, variable: string): Promise<Tensors> {
    return this.answer(`gradient trend ${run} ${variable}`, () =>
      this.find(run)?.gradientTrend?.(variable),
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
