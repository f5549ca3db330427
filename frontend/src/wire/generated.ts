// DO NOT EDIT. Generated from tb_kerasviz/wire/schema/.
// Regenerate with: python frontend/generate_wire.py

/** Version of everything this package writes. Readers refuse newer data. */
export const WIRE_VERSION = 2;

export type Kind =
  | "model_graph"
  | "probe"
  | "activations"
  | "weights"
  | "gradients"
  | "dynamics"
  | "step_dynamics"
  | "dynamics_index"
  | "status";

export type Shape = readonly (number | null)[];

/** A float as JSON can hold it; None = nothing was logged. */
export type LoggedNumber = number | "NaN" | "Infinity" | "-Infinity" | null;

/** What every top-level document carries. */
export interface Document {
  /** Version of the format that wrote it. */
  readonly version: number;
}

/** Where one gzip member lies in a capture's blob sequence. */
export interface MemberRef {
  /** Index into the blob sequence; blob 0 is the index document itself. */
  readonly blob: number;
  /** First byte of the member in that blob. */
  readonly offset: number;
  /** Number of bytes of the member. */
  readonly length: number;
}

/** A layer whose output was not logged. */
export interface SkippedLayer {
  readonly path: string;
  readonly reason: string;
}

/** One variable of a layer. */
export interface VariableInfo {
  readonly path: string;
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly trainable: boolean;
  /** Number of elements. */
  readonly params: number;
  /** Like "GlorotUniform(seed=1)"; empty if unknown. */
  readonly initializer: string;
  /** Like "L2(l2=0.01)"; empty if there is none. */
  readonly regularizer: string;
}

/** Fields of `VariableInfo` that older data lack. */
export const VARIABLE_INFO_DEFAULTS = {
  initializer: "",
  regularizer: "",
} satisfies Partial<VariableInfo>;

/** One layer, operation, input or nested model; unique by path. */
export interface LayerNode {
  readonly path: string;
  readonly name: string;
  readonly class_name: string;
  readonly module: string;
  readonly kind: "layer" | "operation" | "input" | "model";
  readonly trainable: boolean;
  readonly dtype_policy: string;
  /** Shapes of the first call's inputs, `[N, ...]`; empty if unknown. */
  readonly input_shapes: readonly Shape[];
  /** Shapes of the first call's outputs, `[N, ...]`; empty if unknown. */
  readonly output_shapes: readonly Shape[];
  readonly output_dtypes: readonly string[];
  /** Elements of all variables, those of children included. */
  readonly params: number;
  readonly trainable_params: number;
  /** The layer's own variables, without those of its children. */
  readonly variables: readonly VariableInfo[];
  /** What `get_config()` returned, as JSON; bounded, see `config_notes`. */
  readonly config: { readonly [key: string]: unknown };
  /** What of the configuration was shortened or could not be held. */
  readonly config_notes: readonly string[];
  /** How often the graph calls it; 0 where the calls are unknown. */
  readonly calls: number;
  readonly children: readonly LayerNode[];
  /** Of the first call's inputs, aligned with `input_shapes`. */
  readonly input_dtypes: readonly string[];
  /** Keys of `config` that differ from what the class takes by default. */
  readonly non_default: readonly string[];
  /** File of a class that is neither Keras's nor an installed package's. */
  readonly source_file: string;
  /** Line where that class begins, from 1; 0 if unknown. */
  readonly source_line: number;
  /**
   * Per sample, over all its calls, those of its children included; the known
   * part.
   */
  readonly multiply_adds: number;
  /** Leaf calls in it whose multiply-adds no formula gives. */
  readonly unknown_multiply_adds: number;
  /** Bytes of the outputs per sample, of the leaf calls in it; the known part. */
  readonly activation_bytes: number;
  /** Leaf calls in it whose outputs have no known size. */
  readonly unknown_activation_bytes: number;
}

/** Fields of `LayerNode` that older data lack. */
export const LAYER_NODE_DEFAULTS = {
  input_dtypes: [],
  non_default: [],
  source_file: "",
  source_line: 0,
  multiply_adds: 0,
  unknown_multiply_adds: 0,
  activation_bytes: 0,
  unknown_activation_bytes: 0,
} satisfies Partial<LayerNode>;

/** One call of a layer: what the graph draws. A shared layer has several. */
export interface CallNode {
  /** Position in `ModelGraph.nodes`. */
  readonly id: number;
  /** Path of the layer that is called. */
  readonly layer: string;
  /** Which of the layer's calls this is, from 0. */
  readonly call: number;
  /** `id` of the call of the nested model or layer that this call is made by. */
  readonly parent: number | null;
  readonly input_shapes: readonly Shape[];
  readonly output_shapes: readonly Shape[];
  readonly input_dtypes: readonly string[];
  readonly output_dtypes: readonly string[];
  /**
   * Which leaf call, and which of its outputs, made each input; aligned with
   * `input_shapes`. None where that could not be traced.
   */
  readonly inputs: readonly (readonly [number, number] | null)[];
  /**
   * Why what happens inside, or where the inputs come from, is not known;
   * empty if it is.
   */
  readonly untraced: string;
  /** Per sample; of a leaf call. None = unknown, or the sum of what is inside. */
  readonly multiply_adds: number | null;
  /** Bytes of the outputs per sample; of a leaf call. None as above. */
  readonly activation_bytes: number | null;
}

/** Fields of `CallNode` that older data lack. */
export const CALL_NODE_DEFAULTS = {
  input_dtypes: [],
  output_dtypes: [],
  inputs: [],
  untraced: "",
  multiply_adds: null,
  activation_bytes: null,
} satisfies Partial<CallNode>;

/** One output of the model. */
export interface GraphOutput {
  /** Where it is in the output's structure, like "head" of a dict or "0". */
  readonly name: string;
  /** `CallNode.id` of the leaf call that makes it. */
  readonly node: number;
  /** Which of that call's outputs. */
  readonly output: number;
}

/** The architecture of a model at one step. */
export interface ModelGraph extends Document {
  readonly name: string;
  readonly class_name: string;
  /** The model's direct layers, in the order of `model.summary()`. */
  readonly layers: readonly LayerNode[];
  /** Every call, parents before children, in order of execution. */
  readonly nodes: readonly CallNode[];
  /** Data flow between leaf calls: pairs of `CallNode.id`. */
  readonly links: readonly (readonly [number, number])[];
  readonly params: number;
  readonly trainable_params: number;
  readonly non_trainable_params: number;
  /**
   * Elements of the optimizer's variables; 0 until it has made them, at the
   * first step of its first training.
   */
  readonly optimizer_params: number;
  /** Class name of the optimizer; empty if there is none. */
  readonly optimizer: string;
  readonly backend: string;
  readonly keras_version: string;
  /** What could not be read of the model, one sentence each. */
  readonly notices: readonly string[];
  /** Bytes of the optimizer's variables, where `optimizer_params` counts any. */
  readonly optimizer_bytes: number;
  /** What the model returns; empty if unknown. */
  readonly outputs: readonly GraphOutput[];
  readonly multiply_adds: number;
  readonly unknown_multiply_adds: number;
  readonly activation_bytes: number;
  readonly unknown_activation_bytes: number;
}

/** Fields of `ModelGraph` that older data lack. */
export const MODEL_GRAPH_DEFAULTS = {
  optimizer_bytes: 0,
  outputs: [],
  multiply_adds: 0,
  unknown_multiply_adds: 0,
  activation_bytes: 0,
  unknown_activation_bytes: 0,
} satisfies Partial<ModelGraph>;

/**
 * Columns of a channel's statistics: over its finite values, except the last,
 * which counts NaN and infinite values. A channel without any finite value has
 * NaN in the first five.
 */
export const ACTIVATION_STATS = [
  "min",
  "max",
  "mean",
  "std",
  "zero_fraction",
  "nonfinite",
] as const;

/**
 * A unit counts as saturated when more than this share of its finite values is
 * within `SATURATION_MARGIN` of a bound of its layer's activation.
 */
export const SATURATED_SHARE = 0.5;

/**
 * Share of the way from one bound to the other, or from zero to the only bound:
 * |tanh| > 0.94, a sigmoid outside of 0.03 to 0.97, a ReLU6 above 5.82.
 */
export const SATURATION_MARGIN = 0.03;

/** One input of the probe. */
export interface ProbeInput {
  readonly name: string;
  /** `[N, ...]` as given. */
  readonly shape: readonly number[];
  readonly dtype: string;
  /**
   * Whether each sample is a picture `[H, W, C]`, C in 1, 3, 4. Then the
   * member holds uint8 `picture` `[H, W, C]`, else float32 `values` [...].
   */
  readonly picture: boolean;
  /** Value that picture level 0 stands for. */
  readonly low: number;
  /** Value that picture level 255 stands for. */
  readonly high: number;
  /** One per kept sample. */
  readonly members: readonly MemberRef[];
  /** What was left out, as a phrase; empty if nothing was. */
  readonly cut: string;
  /**
   * Of text or token ids: for each kept sample, a text for each position of
   * its sequence; empty for all other inputs.
   */
  readonly tokens: readonly (readonly string[])[];
}

/** Fields of `ProbeInput` that older data lack. */
export const PROBE_INPUT_DEFAULTS = {
  tokens: [],
} satisfies Partial<ProbeInput>;

/** The probe's inputs, logged once. */
export interface ProbeIndex extends Document {
  /** Samples kept. */
  readonly samples: number;
  /** Samples given. */
  readonly probe_samples: number;
  readonly inputs: readonly ProbeInput[];
  /** One per kept sample, or none. */
  readonly labels: readonly string[];
  /** Tells probes apart: equal for equal inputs. Empty in older logs. */
  readonly digest: string;
}

/** Fields of `ProbeIndex` that older data lack. */
export const PROBE_INDEX_DEFAULTS = {
  digest: "",
} satisfies Partial<ProbeIndex>;

/**
 * How many units (channels) of an output are in which state.
 *
 * Each is judged over all positions of all measured samples.
 */
export interface UnitCounts {
  /** Exactly zero everywhere. */
  readonly dead: number;
  /** One finite value everywhere; the dead ones are among them. */
  readonly constant: number;
  /** NaN or infinite somewhere. */
  readonly nonfinite: number;
  /** See `SATURATED_SHARE`; None where the activation has no bounds. */
  readonly saturated: number | null;
}

/**
 * One output of the model for the probe, in one capture.
 *
 * The member holds float32 `values` `[N, ...]` for the measured samples.
 */
export interface ModelOutput {
  /** Its name in the model's output structure; empty if there is only one. */
  readonly name: string;
  /** Shape of the output, `[N, ...]`. */
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly member: MemberRef;
  /** What was left out, as a phrase; empty if nothing was. */
  readonly cut: string;
}

/**
 * One output of one call of a layer, in one capture.
 *
 * Each member (one per sample) is a safetensors document with
 *
 * * `maps` uint8 `[K, h, w]`: the kept channels; value = offset + scale*code;
 * * `scale`, `offset` float32 `[K]`;
 * * `nonfinite` uint8 `[K, h, w]`, only where there is something to mark:
 *   0 finite, 1 NaN, 2 +Inf, 3 -Inf (the code at such a place is 0);
 * * `stats` float32 `[C, S]` with the columns `ACTIVATION_STATS`, for every
 *   channel, over the sample's unreduced values;
 * * `mask` uint8 `[w]`, only where Keras's mask came with the output: 1 where
 *   a kept time step has a step that is not masked; of attention, a key that
 *   any query may look at. Statistics count all.
 *
 * The member `units` is of all measured samples together, also those whose maps
 * were not kept:
 *
 * * `stats` float32 `[C, S]`, as above;
 * * `histogram` uint32 `[C, B]`: the channel's finite values, counted in B bins
 *   of equal width from its `min` to its `max`, the last one closed. All are in
 *   the first bin where both are the same;
 * * `saturated` float32 `[C]`: share of the finite values that are within
 *   `SATURATION_MARGIN` of a bound; only where the activation has bounds. NaN
 *   where no value is finite.
 */
export interface LayerActivation {
  readonly path: string;
  readonly call: number;
  readonly output: number;
  readonly class_name: string;
  /**
   * `map`: `[N, H, W, C]` and other spatial outputs; `sequence`:
   * `[N, T, C]`, kept as h = 1, w = T; `vector`: `[N, C]`, h = w = 1;
   * `attention`: scores `[N, C, Q, K]` of C heads, h = Q queries, w = K keys.
   */
  readonly kind: "map" | "sequence" | "vector" | "attention";
  /** Shape of the output, `[N, ...]`. */
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly channels: number;
  /** Indices of the K channels whose maps were kept. */
  readonly kept_channels: readonly number[];
  /** Height and width of a map before reduction. */
  readonly full_map: readonly [number, number];
  /** Height and width of a kept map. */
  readonly kept_map: readonly [number, number];
  /** One per kept sample. */
  readonly members: readonly MemberRef[];
  /**
   * What was reduced, as a phrase like "48 of 512 channels, 28x28 of
   * 112x112"; empty if nothing was.
   */
  readonly cut: string;
  /** `ACTIVATION_STATS` over all samples and channels; None = no finite value. */
  readonly summary: readonly (number | null)[];
  /**
   * Name of the output in the structure that the layer returns, such as a key
   * of a dict; "attention_scores" for those. Empty if there is only one.
   */
  readonly name: string;
  /**
   * Of a volume `[N, D, H, W, C]`: the depths that were kept, whose maps stand
   * side by side, so that w = kept depths * width of one. Else empty.
   */
  readonly slices: readonly number[];
  /**
   * Name of the layer's activation function, such as "relu"; empty if it has
   * none or one of the user's own.
   */
  readonly activation: string;
  readonly units: MemberRef | null;
  readonly unit_counts: UnitCounts | null;
}

/** Fields of `LayerActivation` that older data lack. */
export const LAYER_ACTIVATION_DEFAULTS = {
  summary: [],
  name: "",
  slices: [],
  activation: "",
  units: null,
  unit_counts: null,
} satisfies Partial<LayerActivation>;

/**
 * One capture of activations.
 *
 * Member `thumbnails[s]` holds, for sample s, uint8 `codes` `[L, t, t]`
 * (0..254 from low to high, 255 = non-finite) and float32 `low`, `high` `[L]`
 * for the L entries of `layers`.
 */
export interface ActivationIndex extends Document {
  readonly step: number;
  readonly samples: number;
  readonly probe_samples: number;
  /** In order of execution. */
  readonly layers: readonly LayerActivation[];
  readonly skipped: readonly SkippedLayer[];
  readonly thumbnails: readonly MemberRef[];
  /** Bytes of the maps before compression. */
  readonly raw_bytes: number;
  readonly budget_bytes: number;
  /**
   * Samples that `units` and `outputs` are of: all that were run. 0 in older
   * logs, which have neither.
   */
  readonly measured_samples: number;
  /** What the model returned. */
  readonly outputs: readonly ModelOutput[];
  /** Whether the probe ran in training mode. */
  readonly training: boolean;
}

/** Fields of `ActivationIndex` that older data lack. */
export const ACTIVATION_INDEX_DEFAULTS = {
  measured_samples: 0,
  outputs: [],
  training: false,
} satisfies Partial<ActivationIndex>;

/**
 * Columns of a variable's statistics, with the same rule. `norm` is the
 * Euclidean norm of the finite values.
 */
export const WEIGHT_STATS = [
  "min",
  "max",
  "mean",
  "std",
  "norm",
  "zero_fraction",
  "nonfinite",
] as const;

/**
 * Columns of the dynamics of one variable in one window of optimizer steps.
 *
 * `grad_norm_*` and `update_norm_*`: mean and maximum, over the window, of the
 * Euclidean norm of the gradient and of the change of the weights.
 * `weight_norm`: Euclidean norm of the weights after the window's last step.
 * `nonfinite`: NaN or infinite gradient elements, summed over the window.
 * `nonfinite_first_step`: first step of the window that had one, -1 if none.
 * `window`: number of optimizer steps in the window.
 * `grad_zero_fraction`: share of the gradient's elements that are zero, the mean
 * over the window.
 * `weight_nonfinite`: NaN or infinite weights after a step, the most over the
 * window.
 * `weight_nonfinite_first_step`: first step of the window that left one, -1 if
 * none.
 * `crc16`: low 16 bits of the CRC-32 of the row's other columns (little-endian
 * float32), so that a flipped bit is never shown as data.
 *
 * NaN stands for what was not measured. Means are over the steps that had a
 * gradient. `DynamicsIndex.columns` says which columns a log has: version 1 of
 * the format had no `grad_zero_fraction` and `weight_nonfinite*`.
 */
export const DYNAMICS_COLUMNS = [
  "grad_norm_mean",
  "grad_norm_max",
  "update_norm_mean",
  "update_norm_max",
  "weight_norm",
  "nonfinite",
  "nonfinite_first_step",
  "window",
  "grad_zero_fraction",
  "weight_nonfinite",
  "weight_nonfinite_first_step",
  "crc16",
] as const;

/**
 * Columns of the dynamics of all variables together in one window.
 *
 * `learning_rate`: what the optimizer used in the window's last step.
 * `global_norm_*`: mean and maximum, over the window, of the Euclidean norm of
 * the gradients of all variables, as the optimizer was given them.
 * `clipped_norm_*`: the same of the gradients after the optimizer clipped them;
 * equal to `global_norm_*` where it does not.
 * `loss_*`: mean and maximum of the loss of each step's last batch; the mean is
 * of the finite ones. `loss_nonfinite`: steps whose loss was NaN or infinite;
 * `loss_nonfinite_first_step`: the first of them, -1 if none.
 * `loss_scale`: the factor of the loss in the window's last step.
 * `skipped`: batches that a `LossScaleOptimizer` left out, since their gradients
 * were not finite, before the steps of this window.
 * `window` and `crc16`: as in `DYNAMICS_COLUMNS`.
 *
 * NaN stands for what is not known: a train step of one's own that never calls
 * `optimizer.scale_loss`, no loss scaling.
 */
export const STEP_COLUMNS = [
  "learning_rate",
  "global_norm_mean",
  "global_norm_max",
  "clipped_norm_mean",
  "clipped_norm_max",
  "loss_mean",
  "loss_max",
  "loss_nonfinite",
  "loss_nonfinite_first_step",
  "loss_scale",
  "skipped",
  "window",
  "crc16",
] as const;

/** What an axis of a variable stands for. */
export interface VariableAxis {
  /** What is counted along it, such as "input channel". */
  readonly name: string;
  /**
   * Names of the equal parts that the axis consists of, such as the gates of
   * an LSTM; along each of them counting begins anew.
   */
  readonly parts: readonly string[];
}

/** Fields of `VariableAxis` that older data lack. */
export const VARIABLE_AXIS_DEFAULTS = {
  parts: [],
} satisfies Partial<VariableAxis>;

/**
 * One variable in one capture.
 *
 * The member is a safetensors document with float32 `values` (the kept
 * part), int64 `counts` `[B]`, float64 `edges` `[B + 1]` and float32 `stats`
 * `[S]` with the entries `WEIGHT_STATS`.
 *
 * `counts` is the histogram of all finite values: bin i is
 * `[edges[i], edges[i + 1])`. Edges are multiples of their distance, which is
 * a power of two, so that each bin of a finer histogram lies in one bin of a
 * coarser one, and counts of any steps can be added up to bins that they have
 * in common. A variable of one value has one bin. (Older data have 64 bins
 * over the range, the last one closed, and any edges.)
 */
export interface WeightCapture {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly trainable: boolean;
  /** Per axis, the indices that were kept; None = all of that axis. */
  readonly kept: readonly (readonly number[] | null)[];
  readonly member: MemberRef;
  readonly cut: string;
  /** Euclidean norm of the finite values; None if there is none. */
  readonly norm: number | null;
  /**
   * How many of the first axes are the window of a convolution: its values
   * are tiles, one for each pair of channels. Tiles are kept whole. 0 for what
   * is no such kernel, and in older data.
   */
  readonly spatial_axes: number;
  /**
   * Euclidean norm of the change since `WeightIndex.previous_step`, over
   * elements that are finite in both captures; None if it is not known.
   */
  readonly change: number | null;
  /** The same since `WeightIndex.start_step`. */
  readonly change_from_start: number | null;
  /** How many values are NaN or infinite; None in older data. */
  readonly nonfinite: number | null;
  /**
   * What each axis stands for; empty where that is not known, and in older
   * data.
   */
  readonly axes: readonly VariableAxis[];
}

/** Fields of `WeightCapture` that older data lack. */
export const WEIGHT_CAPTURE_DEFAULTS = {
  norm: null,
  spatial_axes: 0,
  change: null,
  change_from_start: null,
  nonfinite: null,
  axes: [],
} satisfies Partial<WeightCapture>;

/** One capture of weights. */
export interface WeightIndex extends Document {
  readonly step: number;
  readonly variables: readonly WeightCapture[];
  readonly skipped: readonly SkippedLayer[];
  readonly raw_bytes: number;
  readonly budget_bytes: number;
  /**
   * Step of the capture before; None for the first one of a `fit`, whose
   * variables have no changes, and in older data.
   */
  readonly previous_step: number | null;
  /**
   * Step of the first capture of the `fit`, which for a new training is that
   * of the initial weights; None for the first one itself.
   */
  readonly start_step: number | null;
  /** Whose changes were not measured, as a phrase; empty if all were. */
  readonly changes_cut: string;
}

/** Fields of `WeightIndex` that older data lack. */
export const WEIGHT_INDEX_DEFAULTS = {
  previous_step: null,
  start_step: null,
  changes_cut: "",
} satisfies Partial<WeightIndex>;

/**
 * The gradient of one variable in one optimizer step.
 *
 * The member is a safetensors document with int64 `counts` `[B]`, float64
 * `edges` `[B + 1]` and float32 `stats` `[S]` with the entries `WEIGHT_STATS`.
 *
 * `counts` is the histogram of all finite values, over signed octaves, the same
 * ones for every variable and step: `(-2**(k + 1), -2**k]`, the zeros alone, and
 * `[2**k, 2**(k + 1))`, k ascending, from the smallest octave to the largest one
 * that is needed. The bin of the zeros has the edges of the smallest octave.
 */
export interface GradientCapture {
  readonly path: string;
  readonly shape: readonly number[];
  readonly member: MemberRef;
}

/**
 * Gradients of one optimizer step, as the optimizer was given them.
 *
 * Without a loss scale, the mean of those that were accumulated, summed over the
 * replicas, and before clipping.
 */
export interface GradientIndex extends Document {
  readonly step: number;
  readonly variables: readonly GradientCapture[];
  /** Variables that are not in it, by their paths. */
  readonly skipped: readonly SkippedLayer[];
}

/** Names the rows and columns of the dynamics from this step on. */
export interface DynamicsIndex extends Document {
  /** Paths of the V variables. */
  readonly variables: readonly string[];
  /** Names of the columns of a variable's row; the last is `crc16`. */
  readonly columns: readonly string[];
  /**
   * Names of the columns of `tags.STEP_DYNAMICS`; the last is `crc16`. Empty
   * where that is not logged.
   */
  readonly step_columns: readonly string[];
}

/** Fields of `DynamicsIndex` that older data lack. */
export const DYNAMICS_INDEX_DEFAULTS = {
  step_columns: [],
} satisfies Partial<DynamicsIndex>;

/** Something the user should know; each is reported once. */
export interface Notice {
  readonly step: number;
  /** What it is about: "activations", "weights", "dynamics", ... */
  readonly topic: string;
  readonly message: string;
}

/** Counters and notices of one writer. The last one of a run counts. */
export interface Status extends Document {
  readonly step: number;
  /** Records taken into the queue = written + dropped + still queued. */
  readonly accepted: number;
  readonly written: number;
  /** Records dropped, by tag. */
  readonly dropped: { readonly [key: string]: number };
  /** Records never accepted because their step was not new, by tag. */
  readonly refused: { readonly [key: string]: number };
  /** Time that training waited for the queue. */
  readonly blocked_secs: number;
  readonly notices: readonly Notice[];
  /** Whether this is the end marker of its writer. */
  readonly closed: boolean;
  readonly package_version: string;
  /**
   * Time that the training thread spent in tb_kerasviz. Of a `fit`: in all
   * of Keras's hooks, with captures, with reading what the train step measured,
   * and with the compilation of the first capture. The norms that the compiled
   * train step computes are not in it. Of a custom training loop: in all calls
   * of its `Writer`, without the wait until what they are given is computed. In
   * neither is the wait for the last records at the end.
   */
  readonly overhead_secs: number;
  /**
   * Wall time of the `fit` so far, or of a custom training loop since its
   * `Writer` was first called, logging included; 0 if it is not known, in older
   * data.
   */
  readonly training_secs: number;
  /**
   * Processor time of the thread that writes, which works beside the
   * training.
   */
  readonly writer_cpu_secs: number;
  /** How often captures that were due were left out for `max_overhead`. */
  readonly captures_skipped: number;
  /** Steps of these, at most the first 1000. */
  readonly skipped_steps: readonly number[];
}

/** Fields of `Status` that older data lack. */
export const STATUS_DEFAULTS = {
  overhead_secs: 0,
  training_secs: 0,
  writer_cpu_secs: 0,
  captures_skipped: 0,
  skipped_steps: [],
} satisfies Partial<Status>;

/** What can be found in dynamics; `analysis/training_rules.py` says by which rule. */
export const FINDING_KINDS = [
  "nonfinite",
  "loss_rose",
  "steps_too_large",
  "no_gradient",
  "vanishing",
  "steps_too_small",
  "gradient_spike",
] as const;

/** One thing that is the matter with a training. */
export interface TrainingFinding {
  /** One of `FINDING_KINDS`. */
  readonly kind: string;
  /** Whether the training can hardly be meant so; else it is only unusual. */
  readonly broken: boolean;
  /** In a few words. */
  readonly headline: string;
  /** In a sentence or two, with names and numbers. */
  readonly text: string;
  /** When this is said, and where the thresholds come from. */
  readonly rule: string;
  /** Path of the variable to look at; empty = none in particular. */
  readonly variable: string;
  /** Path of the variable's layer in the model graph; empty without one. */
  readonly layer: string;
  /** Step to look at. */
  readonly step: number;
}

/** What was NaN or infinite first. */
export interface NonfiniteOrigin {
  readonly step: number;
  /** "loss", "gradient" or "weight"; of one step the earliest of them. */
  readonly kind: string;
  /** Paths of the first variables of which it was; empty for the loss. */
  readonly variables: readonly string[];
  /** How many more there are. */
  readonly more: number;
}

/** What can be said of a training from its dynamics. */
export interface TrainingVerdict {
  /** Name of the training. */
  readonly run: string;
  /**
   * "judged"; "short": there are too few steps; "none": no dynamics were logged;
   * "error": they cannot be read.
   */
  readonly state: string;
  /** What was found, in a few words. */
  readonly headline: string;
  /** A sentence for where nothing was found or can be; else empty. */
  readonly text: string;
  /** In the order in which they came about. */
  readonly findings: readonly TrainingFinding[];
  readonly first_nonfinite: NonfiniteOrigin | null;
  /** Last step of each of the points below. */
  readonly steps: readonly number[];
  /** Median over kernels of the update ratio; None where nothing is known. */
  readonly ratio_median: readonly LoggedNumber[];
  /** The largest update ratio of a kernel in a step. */
  readonly ratio_largest: readonly LoggedNumber[];
}

/** Answer of the route `/dynamics/verdicts` (parameters `skip` and `count`). */
export interface TrainingVerdicts extends Document {
  /**
   * Of the trainings from `skip` on, by name: at most `count`, and fewer where that
   * would take long; at least one, if there is one.
   */
  readonly verdicts: readonly TrainingVerdict[];
  /** How many trainings there are. */
  readonly total: number;
}

/**
 * Statistics of a layer at a step: of its variables and of its outputs.
 *
 * Its variables are its own and those of all layers below it, so that a nested
 * model or a wrapper has values too. Norms are those of all of them taken as one
 * vector: the root of the sum of squares (for the mean and the maximum of a window
 * an upper estimate, since the variables' maxima need not fall on one step).
 *
 * Norms count the variables that the dynamics follow, which are the trainable
 * ones. A layer without any, such as a frozen one, or a log without dynamics, has
 * only `weight_norm`: that of its trainable variables, or of all if none is, in
 * the last capture of weights. `update_ratio` is that of the variable with the
 * largest one: `update_norm_mean` divided by its norm, of biases and betas, which
 * begin at zero, only if there is nothing else. `nonfinite_*` count elements: of
 * the gradients in the window, of the outputs in the capture. Activation statistics
 * are over all channels and probe samples of the first output of the layer's first
 * call.
 */
export const LAYER_STATISTICS = [
  "grad_norm_mean",
  "grad_norm_max",
  "update_norm_mean",
  "update_ratio",
  "weight_norm",
  "nonfinite_gradients",
  "activation_mean",
  "activation_std",
  "activation_zero_fraction",
  "nonfinite_activations",
] as const;

/** One training, as the plugin lists it. */
export interface RunInfo {
  /** Its `log_dir` below TensorBoard's; "." for TensorBoard's own. */
  readonly name: string;
  /** Name of TensorBoard's run that holds its data. */
  readonly run: string;
  /**
   * Steps of each kind of data, ascending. Of `dynamics`, which may have
   * thousands, only a lower bound of the first and the last.
   */
  readonly steps: { readonly [key: string]: readonly number[] };
  /** Why its data cannot be read; empty if it can. */
  readonly error: string;
}

/** Answer of the route `/runs`. */
export interface RunList extends Document {
  readonly runs: readonly RunInfo[];
}

/** One statistic of all layers at one step. */
export interface StatisticColumn {
  /** One of `LAYER_STATISTICS`. */
  readonly name: string;
  /**
   * The last step at or below the asked one that has it; None if none has.
   * Where `weight_norm` has two sources it is that of the dynamics.
   */
  readonly step: number | null;
  /** One per layer of the answer. */
  readonly values: readonly LoggedNumber[];
}

/** Answer of the route `/layer_statistics`. */
export interface LayerStatistics extends Document {
  /** The step that was asked for. */
  readonly step: number;
  /** Paths of the layers that have any statistic. */
  readonly layers: readonly string[];
  readonly columns: readonly StatisticColumn[];
}

/** One statistic of one layer over steps. */
export interface TrendColumn {
  readonly name: string;
  readonly steps: readonly number[];
  readonly values: readonly LoggedNumber[];
  /** How several steps became one point, as a phrase; empty if none did. */
  readonly cut: string;
}

/** Answer of the route `/layer_trend`. */
export interface LayerTrend extends Document {
  readonly layer: string;
  readonly columns: readonly TrendColumn[];
}

/** Answer of the route `/activations/unit_trend`: one unit over steps. */
export interface UnitTrend extends Document {
  /** Those whose capture has the unit. */
  readonly steps: readonly number[];
  /** `ACTIVATION_STATS`, then `saturated` where the activation has bounds. */
  readonly columns: readonly string[];
  /** One per column: a value for each step, over all measured samples. */
  readonly values: readonly (readonly LoggedNumber[])[];
  /** What was left out, as a phrase; empty if nothing was. */
  readonly cut: string;
}

/** One output of one call of a layer, over steps. */
export interface UnitHealthLayer {
  readonly path: string;
  readonly call: number;
  readonly output: number;
  readonly name: string;
  readonly class_name: string;
  readonly activation: string;
  /** Channels of the output. */
  readonly units: number;
  /**
   * One per step, as the other counts; None where the capture lacks it. See
   * `UnitCounts`.
   */
  readonly dead: readonly (number | null)[];
  readonly constant: readonly (number | null)[];
  readonly nonfinite: readonly (number | null)[];
  /** None at all steps where the activation has no bounds. */
  readonly saturated: readonly (number | null)[];
}

/** Answer of the route `/activations/health`: the units of all layers. */
export interface UnitHealth extends Document {
  /** Steps of the captures that count units. */
  readonly steps: readonly number[];
  /** In the order of execution of the last capture that has each. */
  readonly layers: readonly UnitHealthLayer[];
  /** What was left out, as a phrase; empty if nothing was. */
  readonly cut: string;
}

/** Answer of the route `/scalars`: one scalar over steps; none if not logged. */
export interface ScalarTrend extends Document {
  readonly tag: string;
  readonly split: string;
  readonly steps: readonly number[];
  readonly values: readonly LoggedNumber[];
}

/**
 * What the route `/dynamics/map` can map. `update_ratio` is the update's norm
 * divided by the norm of the weights after it.
 */
export const DYNAMICS_QUANTITIES = [
  "grad_norm",
  "update_norm",
  "update_ratio",
  "weight_norm",
  "grad_zero_fraction",
] as const;

/**
 * Answer of the route `/dynamics`: what is followed, over which steps.
 *
 * The route `/dynamics/map` (parameters `quantity`, `first`, `last`, `cells`)
 * answers one quantity as arrays: float64 `first_steps` and `steps` `[T]`, the
 * first and the last optimizer step of each cell, and float32 `[V, T]` over the
 * variables below: `mean`, `smallest` and `largest` of what is finite in the
 * steps of a cell (NaN where nothing is known), and `nonfinite`, how many
 * elements of gradients and weights were NaN or infinite. Quantities are
 * `DYNAMICS_QUANTITIES`.
 *
 * The route `/dynamics/steps` answers `first_steps`, `steps` and float32 `[T]` by
 * the names of `STEP_COLUMNS`: means, maxima, sums or first steps over the cell,
 * the last value of the learning rate and of the loss scale.
 */
export interface DynamicsSummary extends Document {
  /** Paths of the V variables. */
  readonly variables: readonly string[];
  /** Last step of the first window; None if there is none. */
  readonly first_step: number | null;
  /** Last step of the last window; None if there is none. */
  readonly last_step: number | null;
  /** Windows of steps that were logged. */
  readonly windows: number;
  /** Whether `/dynamics/steps` has an answer; older logs have none. */
  readonly has_steps: boolean;
  /** What is the matter with the training. */
  readonly verdict: TrainingVerdict;
  /** What was not read, as a phrase; empty if nothing was. */
  readonly cut: string;
}
