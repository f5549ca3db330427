/** Which variables of a layer hold the weights that a channel is computed with. */

import type { LayerNode, VariableInfo } from "../../wire/generated";

/** What a kernel's axes are. */
export type KernelForm =
  /** `[...window, inputs, outputs]`, inputs and outputs in groups. */
  | { readonly kind: "convolution"; readonly groups: number }
  /** `[...window, outputs, inputs]`. */
  | { readonly kind: "transposed" }
  /** `[...window, inputs, multiplier]`: each input makes outputs of its own. */
  | { readonly kind: "depthwise" }
  /** A depthwise kernel, then `[1..., inputs * multiplier, outputs]`. */
  | { readonly kind: "separable" }
  /** `[inputs, outputs]`. */
  | { readonly kind: "dense" };

/** The variables, by what they are for. */
export interface KernelPlan {
  readonly form: KernelForm;
  readonly kernel: VariableInfo;
  /** Of a separable convolution alone. */
  readonly pointwise: VariableInfo | null;
  readonly bias: VariableInfo | null;
}

/** Plans what to read; null for layers that have no kernel of this sort. */
export function planKernel(layer: LayerNode): KernelPlan | null {
  const form = formOf(layer);
  if (form === null) {
    return null;
  }
  const named = (name: string) =>
    layer.variables.find((variable) => variable.name === name) ?? null;
  const pointwise = named("pointwise_kernel");
  const kernel = named(form.kind === "separable" ? "depthwise_kernel" : "kernel");
  const flat = form.kind === "dense" && kernel?.shape.length !== 2;
  if (kernel === null || flat || (form.kind === "separable" && pointwise === null)) {
    return null;
  }
  return { form, kernel, pointwise, bias: named("bias") };
}

function formOf({ class_name, config }: LayerNode): KernelForm | null {
  switch (class_name) {
    case "Conv1D":
    case "Conv2D":
    case "Conv3D":
      return {
        kind: "convolution",
        groups: typeof config.groups === "number" ? Math.max(1, config.groups) : 1,
      };
    case "Conv1DTranspose":
    case "Conv2DTranspose":
    case "Conv3DTranspose":
      return { kind: "transposed" };
    case "DepthwiseConv1D":
    case "DepthwiseConv2D":
      return { kind: "depthwise" };
    case "SeparableConv1D":
    case "SeparableConv2D":
      return { kind: "separable" };
    case "Dense":
      return { kind: "dense" };
    case "EinsumDense":
      return isPlainEquation(config.equation) ? { kind: "dense" } : null;
    default:
      return null;
  }
}

/** Whether an equation is that of a dense layer on the last axis: `...b,bc->...c`. */
function isPlainEquation(equation: unknown): boolean {
  const parts =
    typeof equation === "string" ? /^(.*),(.)(.)->(.*)$/.exec(equation) : null;
  const [, from = "", input = "", output = "", to = ""] = parts ?? [];
  return parts !== null && from.endsWith(input) && to.endsWith(output);
}
