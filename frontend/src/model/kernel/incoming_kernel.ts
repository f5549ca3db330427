/** The weights that one channel of a layer is computed with. */

import type { WeightCapture } from "../../wire/generated";
import { type Tensors, takeTensor } from "../../wire/safetensors";
import type { KernelForm, KernelPlan } from "./kernel_plan";

/** Weights from each input; those of one input are a tile of `height` x `width`. */
export interface IncomingKernel {
  /** Index of each input, in order. */
  readonly inputs: readonly number[];
  /** Inputs that it is computed from, those left out included. */
  readonly inputCount: number;
  readonly height: number;
  readonly width: number;
  /** `[inputs, height, width]`. */
  readonly values: Float32Array;
  /** null where it has none, or was not kept. */
  readonly bias: number | null;
  /** What was left out, as a phrase; empty if nothing was. */
  readonly cut: string;
}

/** The kernel, or why it is not there. */
export type KernelAnswer =
  | { readonly state: "known"; readonly kernel: IncomingKernel }
  | { readonly state: "missing"; readonly reason: string };

/** A variable as it was captured: its kept part, by the indices of the whole. */
export class CapturedVariable {
  readonly shape: readonly number[];
  /** Per axis, the indices that were kept. */
  readonly indices: readonly (readonly number[])[];
  /** The kept part, in C order. */
  readonly values: Float32Array;
  private readonly places: readonly ReadonlyMap<number, number>[];

  constructor(
    readonly capture: WeightCapture,
    tensors: Tensors,
  ) {
    const what = `The weights of ${capture.path.slice(0, 200)}`;
    this.shape = capture.shape;
    this.values = takeTensor(tensors, "values", Float32Array, what).values;
    this.indices = capture.shape.map(
      (size, axis) => capture.kept[axis] ?? Array.from({ length: size }, (_, i) => i),
    );
    this.places = this.indices.map(
      (kept) => new Map(kept.map((index, place) => [index, place])),
    );
  }

  /** Places among the kept indices of an axis; -1 = it was not kept. */
  placesAlong(axis: number, indices: readonly number[]): Int32Array {
    return Int32Array.from(indices, (index) => this.places[axis]?.get(index) ?? -1);
  }

  /** The value at an index of the whole variable; null if it was not kept. */
  at(index: readonly number[]): number | null {
    let place = 0;
    for (let axis = 0; axis < this.shape.length; axis += 1) {
      const along = this.places[axis]?.get(index[axis] ?? -1);
      if (along === undefined) {
        return null;
      }
      place = place * (this.indices[axis]?.length ?? 0) + along;
    }
    return this.values[place] ?? null;
  }
}

/** The captured variables of a plan. */
export interface CapturedKernel {
  readonly kernel: CapturedVariable;
  readonly pointwise: CapturedVariable | null;
  readonly bias: CapturedVariable | null;
}

/** Reads the weights of one channel. */
export function readKernel(
  plan: KernelPlan,
  captured: CapturedKernel,
  channel: number,
): KernelAnswer {
  const { form } = plan;
  const { kernel, pointwise } = captured;
  const ends = form.kind === "dense" ? 2 : kernel.shape.length - 2;
  const axes = form.kind === "dense" ? 0 : ends;
  const window = kernel.indices.slice(0, axes);
  const positions = product(window);
  const inputAxis = axes + (form.kind === "transposed" ? 1 : 0);
  const perGroup = kernel.shape[inputAxis] ?? 0;
  const outputs = countOutputs(form, kernel, pointwise);
  if (channel >= outputs) {
    return missing(`its kernel has ${outputs} outputs`);
  }
  const kept = kernel.indices[inputAxis] ?? [];
  const inputs = inputsOf(form, kernel, kept, perGroup, channel, outputs);
  const weight = (input: number, at: readonly number[]): number | null =>
    weightAt(form, captured, perGroup, channel, outputs, input, at);
  const values = new Float32Array(inputs.length * positions.length);
  for (const [i, input] of inputs.entries()) {
    for (const [j, at] of positions.entries()) {
      const value = weight(input, at);
      if (value === null) {
        return missing(
          `the capture kept ${captured.kernel.capture.cut || "a part of the kernel"}, ` +
            "and not these weights. More is kept with a larger capture_mb",
        );
      }
      values[i * positions.length + j] = value;
    }
  }
  if (values.length === 0) {
    return missing(
      "the capture kept none of its weights. More is kept with a larger capture_mb",
    );
  }
  const sizes = window.map((along) => along.length);
  const width = sizes.slice(0, -2).reduce((a, b) => a * b, sizes.at(-1) ?? 1);
  const height = sizes.at(-2) ?? 1;
  return {
    state: "known",
    kernel: {
      inputs,
      inputCount: form.kind === "depthwise" ? 1 : perGroup,
      height,
      width,
      values: sizes.length > 2 ? sideBySide(values, inputs.length, sizes) : values,
      bias: captured.bias?.at([channel]) ?? null,
      cut: kernel.capture.cut,
    },
  };
}

function missing(reason: string): KernelAnswer {
  return { state: "missing", reason };
}

function countOutputs(
  form: KernelForm,
  { shape }: CapturedVariable,
  pointwise: CapturedVariable | null,
): number {
  switch (form.kind) {
    case "transposed":
      return shape.at(-2) ?? 0;
    case "depthwise":
      return (shape.at(-2) ?? 0) * (shape.at(-1) ?? 0);
    case "separable":
      return pointwise?.shape.at(-1) ?? 0;
    default:
      return shape.at(-1) ?? 0;
  }
}

/** Indices, in the layer's input, of what a channel is computed from. */
function inputsOf(
  form: KernelForm,
  { shape }: CapturedVariable,
  kept: readonly number[],
  perGroup: number,
  channel: number,
  outputs: number,
): readonly number[] {
  if (form.kind === "depthwise") {
    return [Math.floor(channel / (shape.at(-1) ?? 1))];
  }
  if (form.kind === "convolution" && form.groups > 1) {
    const first = groupOf(form.groups, channel, outputs) * perGroup;
    return kept.map((input) => first + input);
  }
  return kept;
}

function groupOf(groups: number, channel: number, outputs: number): number {
  return Math.floor((channel * groups) / Math.max(1, outputs));
}

function weightAt(
  form: KernelForm,
  { kernel, pointwise }: CapturedKernel,
  perGroup: number,
  channel: number,
  outputs: number,
  input: number,
  at: readonly number[],
): number | null {
  switch (form.kind) {
    case "dense":
      return kernel.at([input, channel]);
    case "transposed":
      return kernel.at([...at, channel, input]);
    case "convolution": {
      const first = groupOf(form.groups, channel, outputs) * perGroup;
      return kernel.at([...at, input - (form.groups > 1 ? first : 0), channel]);
    }
    case "depthwise":
      return kernel.at([...at, input, channel % (kernel.shape.at(-1) ?? 1)]);
    default: {
      // Both steps are linear: together they are one kernel.
      const multiplier = kernel.shape.at(-1) ?? 1;
      const ones = at.map(() => 0);
      let sum = 0;
      for (let each = 0; each < multiplier; each += 1) {
        const first = kernel.at([...at, input, each]);
        const second = pointwise?.at([...ones, input * multiplier + each, channel]);
        if (first === null || second === null || second === undefined) {
          return null;
        }
        sum += first * second;
      }
      return sum;
    }
  }
}

/** Every place in a window of any number of axes. */
function product(axes: readonly (readonly number[])[]): readonly number[][] {
  return axes.reduce<number[][]>(
    (all, along) => all.flatMap((one) => along.map((index) => [...one, index])),
    [[]],
  );
}

/** Of a kernel of volumes, the depths beside each other. */
function sideBySide(
  values: Float32Array,
  inputs: number,
  sizes: readonly number[],
): Float32Array {
  const [depth = 1, height = 1, width = 1] = sizes;
  const tile = depth * height * width;
  return values.map((_, at) => {
    const input = Math.floor(at / tile);
    const row = Math.floor((at % tile) / (depth * width));
    const across = at % (depth * width);
    const place =
      (Math.floor(across / width) * height + row) * width + (across % width);
    return input < inputs ? (values[input * tile + place] ?? 0) : 0;
  });
}

/** Places of the inputs by the size of their weights, the largest first. */
export function strongestInputs(kernel: IncomingKernel): number[] {
  const { inputs, values, height, width } = kernel;
  const size = height * width;
  const strength = inputs.map((_, place) =>
    values
      .subarray(place * size, (place + 1) * size)
      .reduce((sum, value) => sum + (Number.isFinite(value) ? value * value : 0), 0),
  );
  return Array.from(inputs.keys()).sort(
    (a, b) => (strength[b] ?? 0) - (strength[a] ?? 0) || a - b,
  );
}
