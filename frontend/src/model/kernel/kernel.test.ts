import { describe, expect, it } from "vitest";
import { tensor } from "../../testing/fake_logs";
import { WEIGHT_CAPTURE_DEFAULTS, type WeightCapture } from "../../wire/generated";
import { createLayer } from "../test_graphs";
import { CapturedVariable, type IncomingKernel, readKernel } from "./incoming_kernel";
import { planKernel } from "./kernel_plan";

/** Values that tell their index: 0, 1, 2, ... in C order, of what was kept. */
function captured(
  path: string,
  shape: number[],
  kept: (number[] | null)[] = shape.map(() => null),
): CapturedVariable {
  const capture: WeightCapture = {
    ...WEIGHT_CAPTURE_DEFAULTS,
    path,
    shape,
    dtype: "float32",
    trainable: true,
    kept,
    member: { blob: 1, offset: 0, length: 1 },
    cut: kept.every((axis) => axis === null) ? "" : "a part of the whole",
  };
  const sizes = shape.map((size, axis) => kept[axis]?.length ?? size);
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((a, b) => a * b, 1),
  );
  const count = sizes.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, (_, at) => {
    let rest = at;
    let value = 0;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const size = sizes[axis] ?? 1;
      const place = rest % size;
      value += (kept[axis]?.[place] ?? place) * (strides[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    return value;
  });
  return new CapturedVariable(capture, new Map([["values", tensor(values, sizes)]]));
}

function layer(
  class_name: string,
  shapes: Record<string, number[]>,
  config: Record<string, unknown> = {},
) {
  const variables = Object.entries(shapes).map(([name, shape]) => ({
    path: `a/${name}`,
    name,
    shape,
    dtype: "float32",
    trainable: true,
    params: 1,
    initializer: "",
    regularizer: "",
  }));
  return createLayer({ path: "a", class_name, config, variables });
}

function read(
  class_name: string,
  shapes: Record<string, number[]>,
  channel: number,
  config: Record<string, unknown> = {},
  kept: Record<string, (number[] | null)[]> = {},
): IncomingKernel | string {
  const plan = planKernel(layer(class_name, shapes, config));
  if (plan === null) {
    return "no plan";
  }
  const variable = (info: { name: string; shape: readonly number[] } | null) =>
    info === null ? null : captured(info.name, [...info.shape], kept[info.name]);
  const answer = readKernel(
    plan,
    {
      kernel: variable(plan.kernel) as CapturedVariable,
      pointwise: variable(plan.pointwise),
      bias: variable(plan.bias),
    },
    channel,
  );
  return answer.state === "known" ? answer.kernel : answer.reason;
}

describe("the kernel of one channel", () => {
  it("of a convolution has a tile per input", () => {
    // [2, 3, 2 inputs, 4 outputs]: ((row * 3 + column) * 2 + input) * 4 + channel.
    expect(read("Conv2D", { kernel: [2, 3, 2, 4], bias: [4] }, 3)).toMatchObject({
      inputs: [0, 1],
      inputCount: 2,
      height: 2,
      width: 3,
      values: Float32Array.of(3, 11, 19, 27, 35, 43, 7, 15, 23, 31, 39, 47),
      bias: 3,
      cut: "",
    });
  });

  it("of one axis is a row", () => {
    expect(read("Conv1D", { kernel: [3, 1, 2] }, 1)).toMatchObject({
      height: 1,
      width: 3,
      values: Float32Array.of(1, 3, 5),
      bias: null,
    });
  });

  it("of a volume has its depths side by side", () => {
    // [2 depths, 2, 1, 1 input, 1 output].
    expect(read("Conv3D", { kernel: [2, 2, 1, 1, 1] }, 0)).toMatchObject({
      height: 2,
      width: 2,
      values: Float32Array.of(0, 2, 1, 3),
    });
  });

  it("in groups reads the inputs of its group alone", () => {
    // 4 inputs in 2 groups: 2 each; outputs 0 to 2 are of the first group.
    const found = read("Conv2D", { kernel: [1, 1, 2, 6] }, 3, { groups: 2 });
    expect(found).toMatchObject({ inputs: [2, 3], values: Float32Array.of(3, 9) });
  });

  it("of a transposed convolution has its outputs before its inputs", () => {
    const found = read("Conv2DTranspose", { kernel: [1, 1, 3, 2] }, 1);
    expect(found).toMatchObject({ inputs: [0, 1], values: Float32Array.of(2, 3) });
  });

  it("of a depthwise convolution is that of one input", () => {
    // 3 inputs make 2 channels each: channel 5 is the second one of input 2.
    const found = read("DepthwiseConv2D", { kernel: [1, 1, 3, 2] }, 5);
    expect(found).toMatchObject({ inputs: [2], values: Float32Array.of(5) });
  });

  it("of a separable convolution is that of both steps", () => {
    // depthwise [1, 2, 2 inputs, 1], pointwise [1, 1, 2, 3].
    const shapes = { depthwise_kernel: [1, 2, 2, 1], pointwise_kernel: [1, 1, 2, 3] };
    const found = read("SeparableConv2D", shapes, 2);
    expect(found).toMatchObject({
      inputs: [0, 1],
      // (0, 2) * 2 of input 0 and (1, 3) * 5 of input 1.
      values: Float32Array.of(0, 4, 5, 15),
    });
  });

  it("of a dense layer is a column", () => {
    const found = read("Dense", { kernel: [3, 2], bias: [2] }, 1);
    expect(found).toMatchObject({
      inputs: [0, 1, 2],
      height: 1,
      width: 1,
      values: Float32Array.of(1, 3, 5),
    });
  });

  it("of an EinsumDense is one where the equation is that of a dense layer", () => {
    const shapes = { kernel: [3, 2] };
    expect(read("EinsumDense", shapes, 0, { equation: "abc,cd->abd" })).toMatchObject({
      values: Float32Array.of(0, 2, 4),
    });
    expect(read("EinsumDense", shapes, 0, { equation: "ab,bc->ca" })).toBe("no plan");
    expect(read("EinsumDense", shapes, 0, { equation: null })).toBe("no plan");
  });

  it("keeps the indices of what was kept", () => {
    const kept = { kernel: [[0, 2, 4], [1]] };
    const found = read("Dense", { kernel: [6, 2] }, 1, {}, kept);
    expect(found).toMatchObject({
      inputs: [0, 2, 4],
      inputCount: 6,
      values: Float32Array.of(1, 5, 9),
      cut: "a part of the whole",
    });
  });

  it("says that this channel's was not kept", () => {
    const kept = { kernel: [[0, 2, 4], [1]] };
    expect(read("Dense", { kernel: [6, 2] }, 0, {}, kept)).toContain(
      "and not these weights",
    );
    expect(read("Dense", { kernel: [6, 2] }, 1, {}, { kernel: [[], null] })).toContain(
      "kept none of its weights",
    );
  });

  it("is not asked for where a layer has none", () => {
    expect(planKernel(layer("ReLU", {}))).toBeNull();
    expect(planKernel(layer("Dense", {}))).toBeNull();
    expect(planKernel(layer("GRU", { kernel: [3, 6] }))).toBeNull();
  });
});
