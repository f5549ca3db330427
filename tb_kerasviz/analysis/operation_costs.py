"""Multiply-adds of one operation of `keras.ops`, by formula.

The conventions are those of `layer_costs`. With E = elements of the output:

========================  ======================================================
matmul, dot, inner        E (last axis of the first operand)
tensordot                 E (product of the summed axes of the first operand)
einsum, two operands      the product of the sizes of all its letters
conv                      E (kernel's window) (channels of the kernel)
depthwise_conv            E (kernel's window)
separable_conv            of both its kernels
conv_transpose            (elements of the input) (kernel's window) (filters)
dot_product_attention     T S N (H + H), as in `layer_costs`
batch_normalization,      E
layer_normalization,
rms_normalization,
normalize
========================  ======================================================
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from tb_kerasviz.analysis.call_shapes import (
    LayerCall,
    elements,
    per_sample,
    product,
    sum_of_products,
)
from tb_kerasviz.wire.schema import Shape


def is_operation(module: str) -> bool:
    """Whether a class of Keras's is an operation and no layer, by its module."""
    return ".ops." in module


def multiply_adds(call: LayerCall) -> int | None:
    """Multiply-adds of one call of an operation, per sample.

    Returns:
        None if there is no formula.

    Raises:
        Unknown, LookupError: What the formula needs is not known.
    """
    if call.class_name in _NOTHING:
        return 0
    formula = _FORMULAS.get(call.class_name)
    if formula is None:
        return None
    if not call.arguments and call.class_name in _OF_TWO and len(call.inputs) == 2:
        first, second = call.inputs
        arguments = {"x1": (first,), "x2": (second,), "operands": call.inputs}
        call = dataclasses.replace(call, arguments=arguments)
    return formula(call)


def _argument(call: LayerCall, name: str) -> Shape:
    return call.arguments[name][0]


def _matmul(call: LayerCall) -> int:
    return per_sample(call.outputs[0]) * product(_argument(call, "x1")[-1:])


def _tensordot(call: LayerCall) -> int:
    first = _argument(call, "x1")
    axes = call.config["axes"]
    if isinstance(axes, int):
        summed = first[len(first) - axes :]
    else:
        of_first = axes[0] if isinstance(axes[0], Sequence) else [axes[0]]
        summed = tuple(first[axis] for axis in of_first)
    return per_sample(call.outputs[0]) * product(summed)


def _einsum(call: LayerCall) -> int:
    operands = call.arguments["operands"]
    return sum_of_products(call.config["subscripts"], operands, call.outputs[0])


def _conv(call: LayerCall) -> int:
    return per_sample(call.outputs[0]) * product(_argument(call, "kernel")[:-1])


def _depthwise_conv(call: LayerCall) -> int:
    return per_sample(call.outputs[0]) * product(_argument(call, "kernel")[:-2])


def _separable_conv(call: LayerCall) -> int:
    kernels = [_argument(call, f"{n}_kernel") for n in ("depthwise", "pointwise")]
    positions = per_sample(call.outputs[0]) // product(kernels[1][-1:])
    return positions * sum(elements(kernel) for kernel in kernels)


def _conv_transpose(call: LayerCall) -> int:
    kernel = _argument(call, "kernel")
    return per_sample(_argument(call, "inputs")) * product(kernel[:-1])


def _attention(call: LayerCall) -> int:
    query, key, value = (_argument(call, n) for n in ("query", "key", "value"))
    size = product(key[-1:]) + product(value[-1:])
    return per_sample(query[:-1]) * product(key[1:2]) * size


def _each_element(call: LayerCall) -> int:
    return per_sample(call.outputs[0])


_OF_TWO = frozenset({"Matmul", "Dot", "Inner", "Tensordot", "Einsum"})

_FORMULAS: dict[str, Callable[[LayerCall], int]] = {
    "Matmul": _matmul,
    "Dot": _matmul,
    "Inner": _matmul,
    "Tensordot": _tensordot,
    "Einsum": _einsum,
    "Conv": _conv,
    "DepthwiseConv": _depthwise_conv,
    "SeparableConv": _separable_conv,
    "ConvTranspose": _conv_transpose,
    "DotProductAttention": _attention,
    "BatchNorm": _each_element,
    "LayerNorm": _each_element,
    "RMSNorm": _each_element,
    "Normalize": _each_element,
}

_ELEMENT_WISE = """
    Abs Absolute Add Angle Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh
    BitwiseAnd BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift
    BitwiseXor Cbrt Ceil Celu Clip Conj Conjugate Cos Cosh Deg2rad Divide DivideNoNan
    Elu Equal Erf Erfc Erfinv Exp Exp2 Expm1 Fabs Floor FloorDivide Fmax Fmin Fmod
    Gelu Glu Greater GreaterEqual HardShrink HardSigmoid HardSilu HardTanh Heaviside
    Hypot Imag Isclose Isfinite Isinf Isnan Isneginf Isposinf Isreal LeakyRelu
    LeftShift Less LessEqual Log Log10 Log1p Log2 LogSigmoid LogSoftmax Logaddexp
    Logaddexp2 LogicalAnd LogicalNot LogicalOr LogicalXor Maximum Minimum Mod
    Multiply NanToNum Negative NotEqual Outer Power Rad2deg Real Reciprocal Relu
    Relu6 RightShift Round Rsqrt Selu Sigmoid Sign Signbit Silu Sin Sinc Sinh
    SoftShrink Softmax Softplus Softsign SparsePlus SparseSigmoid Sparsemax Sqrt
    Square Squareplus Subtract Tan Tanh TanhShrink Threshold TrueDivide Trunc Where
"""
_REDUCTIONS = """
    AdaptiveAveragePool AdaptiveMaxPool All Amax Amin Any Argmax Argmin Average
    AveragePool CountNonzero Cumprod Cumsum Diff Logsumexp Max MaxPool Mean Median
    Min Moments Nanmax Nanmean Nanmin Nansum Nanstd Nanvar Norm Prod Ptp SegmentMax
    SegmentMin SegmentSum Std Sum Trace Var
"""
_COPIES = """
    Append Arange Argpartition Argsort Array ArraySplit Bincount BroadcastTo Cast
    Concatenate ConvertToTensor Copy DepthToSpace Diag Diagflat Diagonal Digitize
    Dsplit Dstack EmptyLike ExpandDims ExtractPatches Flip Fliplr Flipud Full
    FullLike GetItem Hsplit Hstack InTopK IsIn Linspace Meshgrid Moveaxis MultiHot
    Ndim Nonzero OneHot OnesLike Pad PadImages CropImages Ravel Rearrange Repeat
    Reshape Roll Rot90 SaturateCast Scatter ScatterUpdate SearchSorted Select Size
    Slice SliceUpdate Sort SpaceToDepth Split Squeeze Stack StopGradient Swapaxes
    Take TakeAlongAxis Tile TopK Transpose Tril Triu Unfold Unstack View
    ViewAsComplex ViewAsReal Vsplit Vstack ZerosLike
"""
_NOTHING = frozenset((_ELEMENT_WISE + _REDUCTIONS + _COPIES).split())
