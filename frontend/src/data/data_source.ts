/** Where the views get their data from, whatever that is. */

import type {
  ActivationIndex,
  DYNAMICS_QUANTITIES,
  DynamicsSummary,
  LayerStatistics,
  LayerTrend,
  ModelGraph,
  ProbeIndex,
  RunList,
  ScalarTrend,
  Status,
  TrainingVerdicts,
  UnitHealth,
  UnitTrend,
  WeightIndex,
} from "../wire/generated";
import type { Tensors } from "../wire/safetensors";

/** What kind of failure it was; views may word their advice by it. */
export type DataErrorKind = "unreachable" | "not_found" | "refused" | "unreadable";

/** A payload that could not be had; its message is a sentence for the user. */
export class DataError extends Error {
  override readonly name = "DataError";

  constructor(
    message: string,
    readonly kind: DataErrorKind,
  ) {
    super(message);
  }
}

/** A range of optimizer steps, both ends included, as at most so many cells. */
export interface StepCells {
  readonly first: number;
  readonly last: number;
  readonly cells: number;
}

/** What can be mapped of the dynamics. */
export type DynamicsQuantity = (typeof DYNAMICS_QUANTITIES)[number];

/** One output of one call of a layer. */
export interface OutputKey {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

/** One output of one call of a layer, for one sample of the probe. */
export interface ActivationKey extends OutputKey {
  readonly sample: number;
}

/**
 * The one way to data.
 *
 * Every method rejects with a `DataError`, or with an `AbortError` once its
 * signal is aborted. An answer that was asked for before is the same object as
 * long as the data are the same, so that nothing is drawn anew without need.
 */
export interface DataSource {
  runs(signal?: AbortSignal): Promise<RunList>;
  modelGraph(run: string, step: number, signal?: AbortSignal): Promise<ModelGraph>;
  status(run: string, signal?: AbortSignal): Promise<Status>;
  probe(run: string, step: number, signal?: AbortSignal): Promise<ProbeIndex>;
  probeData(
    run: string,
    step: number,
    input: number,
    sample: number,
    signal?: AbortSignal,
  ): Promise<Tensors>;
  activations(
    run: string,
    step: number,
    signal?: AbortSignal,
  ): Promise<ActivationIndex>;
  thumbnails(
    run: string,
    step: number,
    sample: number,
    signal?: AbortSignal,
  ): Promise<Tensors>;
  activationData(
    run: string,
    step: number,
    key: ActivationKey,
    signal?: AbortSignal,
  ): Promise<Tensors>;
  /** What was measured of every unit over all samples; see `LayerActivation.units`. */
  activationUnits(
    run: string,
    step: number,
    key: OutputKey,
    signal?: AbortSignal,
  ): Promise<Tensors>;
  /** What the model returned for all samples; `output` as in `ActivationIndex.outputs`. */
  modelOutput(
    run: string,
    step: number,
    output: number,
    signal?: AbortSignal,
  ): Promise<Tensors>;
  /** Statistics of one unit over all steps. */
  unitTrend(
    run: string,
    key: OutputKey,
    unit: number,
    signal?: AbortSignal,
  ): Promise<UnitTrend>;
  /** How many units of each layer are dead, saturated or not finite, over all steps. */
  unitHealth(run: string, signal?: AbortSignal): Promise<UnitHealth>;
  /** What a capture of weights holds. */
  weights(run: string, step: number, signal?: AbortSignal): Promise<WeightIndex>;
  /** Values, histogram and statistics of one variable; see `WeightCapture`. */
  weightData(
    run: string,
    step: number,
    variable: string,
    signal?: AbortSignal,
  ): Promise<Tensors>;
  /**
   * Histograms, statistics and changes of one variable over all captures; see
   * `readWeightTrend` of `model/weights`.
   */
  weightTrend(run: string, variable: string, signal?: AbortSignal): Promise<Tensors>;
  /** Norms of all variables; see `readWeightNorms` of `model/weights`. */
  weightNorms(run: string, signal?: AbortSignal): Promise<Tensors>;
  /**
   * Histograms and statistics of one variable's gradient over all steps that were
   * counted; see `readGradientTrend` of `model/gradients`.
   */
  gradientTrend(run: string, variable: string, signal?: AbortSignal): Promise<Tensors>;
  /** Whose gradients and updates are followed, and over which steps. */
  dynamics(run: string, signal?: AbortSignal): Promise<DynamicsSummary>;
  /** One quantity of all variables; the arrays are those of `DynamicsSummary`. */
  dynamicsMap(
    run: string,
    quantity: DynamicsQuantity,
    range: StepCells,
    signal?: AbortSignal,
  ): Promise<Tensors>;
  /** Loss, learning rate and global norms; the arrays are those of `DynamicsSummary`. */
  stepDynamics(run: string, range: StepCells, signal?: AbortSignal): Promise<Tensors>;
  /** What is the matter with some of all trainings, by name. */
  verdicts(
    skip: number,
    count: number,
    signal?: AbortSignal,
  ): Promise<TrainingVerdicts>;
  /** One scalar over all steps, such as "epoch_loss" of the split "train". */
  scalars(
    run: string,
    split: string,
    tag: string,
    signal?: AbortSignal,
  ): Promise<ScalarTrend>;
  /** Statistics of all layers at the last step up to the given one that has each. */
  layerStatistics(
    run: string,
    step: number,
    signal?: AbortSignal,
  ): Promise<LayerStatistics>;
  /** Statistics of one layer over all steps. */
  layerTrend(run: string, layer: string, signal?: AbortSignal): Promise<LayerTrend>;

  /** Asks for everything anew when it is next wanted. */
  revalidate(): void;
}
