/** Where the views get their data from, whatever that is. */

import type {
  ActivationIndex,
  LayerStatistics,
  LayerTrend,
  ModelGraph,
  ProbeIndex,
  RunList,
  Status,
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

/** One output of one call of a layer, for one sample of the probe. */
export interface ActivationKey {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
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
