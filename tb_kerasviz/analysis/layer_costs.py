"""Multiply-adds of one call of a Keras layer, by formula.

One multiply-add is one multiplication whose product is added to something. It
is counted per sample, for a forward pass in inference mode. What is counted is
what published numbers count: products of matrices, convolutions and
recurrences. Beside that, a normalisation counts one for each element that it
scales and shifts. Element-wise arithmetic, activations, biases, pooling, sums
and copies count nothing. Positions that a convolution pads, and those that an
attention masks, are counted like any other.

With P = positions of the output (its axes without batch and channels), K =
elements of the kernel's window, C = input channels, F = filters, G = groups, M
= depth multiplier, T = time steps, U = units, D = features, E = elements of the
output:

====================================  ==========================================
Dense                                 E D
EinsumDense                           the product of the sizes of all its letters
Conv1D, Conv2D, Conv3D                P F K C / G
Conv1D-3DTranspose                    (elements of the input) K F
DepthwiseConv1D, 2D                   P K C M
SeparableConv1D, 2D                   P (K C M + C M F)
SimpleRNN                             T (D U + U U)
GRU, LSTM                             3, 4 times that of SimpleRNN
ConvLSTM1D-3D                         T P K 4 F (C + F)
RNN, StackedRNNCells                  the sum over their cells, T times
Bidirectional                         the sum of both directions
TimeDistributed                       T times that of its layer
MultiHeadAttention,                   projections, and N heads of size H over T
GroupQueryAttention                   queries and S keys: T S N (H + H of values)
Attention                             T S (D of the keys + D of the values)
AdditiveAttention                     T S (D of the values)
Dot                                   E (size of the summed axis)
ReversibleEmbedding, reversed         E D
*Normalization, Rescaling             E
====================================  ==========================================

Each follows from the definition of its layer in Keras's documentation, by
counting the terms of its sums; the tests count them one by one. Operations of
`keras.ops` are in `operation_costs`.

A class of any other module than Keras's has no formula, whatever its name.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Mapping
from typing import Any

from tb_kerasviz.analysis import operation_costs
from tb_kerasviz.analysis.call_shapes import (
    LayerCall,
    Unknown,
    elements,
    per_sample,
    product,
    sum_of_products,
)
from tb_kerasviz.wire.schema import Shape


def multiply_adds(call: LayerCall) -> int | None:
    """Multiply-adds of one call, per sample.

    Returns:
        None if there is no formula for the class, or if it needs the size of
        an axis that is not known.
    """
    if not is_keras(call.module):
        return None
    try:
        if operation_costs.is_operation(call.module):
            return operation_costs.multiply_adds(call)
        if call.class_name in _NOTHING:
            return 0
        formula = _FORMULAS.get(call.class_name)
        return None if formula is None else operator.index(formula(call))
    except (Unknown, LookupError, TypeError, ValueError, ArithmeticError):
        # A configuration may hold anything, and a subclass of Keras's own may
        # be called in a way that its formula does not know.
        return None


def is_keras(module: str) -> bool:
    """Whether a module is one of Keras's."""
    return module == "keras" or module.startswith("keras.")


def _dense(call: LayerCall) -> int:
    return per_sample(call.outputs[0]) * product(call.inputs[0][-1:])


def _einsum_dense(call: LayerCall) -> int:
    shapes = [call.inputs[0], call.variables.get("kernel")]
    return sum_of_products(call.config["equation"], shapes, call.outputs[0])


def _channels(call: LayerCall, shape: Shape) -> int:
    first = call.config.get("data_format") == "channels_first"
    return product([shape[1 if first else -1]])


def _window(call: LayerCall) -> int:
    return product(call.config["kernel_size"])


def _convolution(call: LayerCall) -> int:
    channels = _channels(call, call.inputs[0]) // int(call.config.get("groups", 1))
    return per_sample(call.outputs[0]) * _window(call) * channels


def _transposed_convolution(call: LayerCall) -> int:
    return per_sample(call.inputs[0]) * _window(call) * int(call.config["filters"])


def _depthwise_convolution(call: LayerCall) -> int:
    return per_sample(call.outputs[0]) * _window(call)


def _separable_convolution(call: LayerCall) -> int:
    filters = int(call.config["filters"])
    positions = per_sample(call.outputs[0]) // filters
    multiplier = int(call.config["depth_multiplier"])
    between = _channels(call, call.inputs[0]) * multiplier
    return positions * between * (_window(call) + filters)


_GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}


def _cell(call: LayerCall) -> int:
    """One step of a cell, whose first input is `[N, D]`."""
    return _cell_step(call.class_name, call.config, product(call.inputs[0][-1:]))[0]


def _cell_step(name: str, config: Mapping[str, Any], features: int) -> tuple[int, int]:
    """Multiply-adds of one step, and the size of what it puts out."""
    if name == "StackedRNNCells":
        total = 0
        for cell in config["cells"]:
            step, features = _saved_cell_step(cell, features)
            total += step
        return total, features
    units = int(config["units"])
    gates = _GATES[name.removesuffix("Cell")]
    return gates * units * (features + units), units


def _saved_cell_step(saved: Mapping[str, Any], features: int) -> tuple[int, int]:
    if not is_keras(str(saved["module"])):
        raise Unknown
    return _cell_step(saved["class_name"], saved["config"], features)


def _recurrence(call: LayerCall) -> int:
    steps, features = (product([n]) for n in call.inputs[0][1:3])
    return steps * _cell_step(call.class_name, call.config, features)[0]


def _recurrence_of_cell(call: LayerCall) -> int:
    steps, features = (product([n]) for n in call.inputs[0][1:3])
    return steps * _saved_cell_step(call.config["cell"], features)[0]


def _both_directions(call: LayerCall) -> int:
    directions = [call.config["layer"]]
    directions.append(call.config.get("backward_layer") or directions[0])
    total = 0
    for saved in directions:
        inner = dataclasses.replace(
            call,
            class_name=saved["class_name"],
            module=str(saved["module"]),
            config=saved["config"],
        )
        cost = multiply_adds(inner)
        if cost is None:
            raise Unknown
        total += cost
    return total


def _each_step(call: LayerCall) -> int:
    saved = call.config["layer"]
    (sequence,), (output,) = call.inputs, call.outputs
    inner = LayerCall(
        class_name=saved["class_name"],
        module=str(saved["module"]),
        config=saved["config"],
        inputs=((sequence[0], *sequence[2:]),),
        outputs=((output[0], *output[2:]),),
    )
    cost = multiply_adds(inner)
    if cost is None:
        raise Unknown
    return cost * product(sequence[1:2])


def _convolutional_recurrence(call: LayerCall) -> int:
    filters = int(call.config["filters"])
    sequence, output = call.inputs[0], call.outputs[0]
    one_step: Shape = (sequence[0], *sequence[2:])
    if call.config["return_sequences"]:
        output = (output[0], *output[2:])
    positions = per_sample(output) // filters
    channels = _channels(call, one_step) + filters
    steps = product(sequence[1:2])
    return steps * positions * _window(call) * 4 * filters * channels


def _convolutional_cell(call: LayerCall) -> int:
    filters = int(call.config["filters"])
    channels = _channels(call, call.inputs[0]) + filters
    return per_sample(call.outputs[0]) * _window(call) * 4 * channels


def _multi_head_attention(call: LayerCall) -> int:
    """For sequences `[N, T, D]`; other ranks are known only when opened."""
    output = call.outputs[0]
    if len(output) != 3:
        raise Unknown
    queries = product(output[1:2])
    keys = _key_length(call, queries)
    kernel = {
        name: call.variables[f"{name}/kernel"]
        for name in ("query", "key", "value", "attention_output")
    }
    _, heads, size = kernel["query"]
    value_size = product(kernel["value"][-1:])
    total = queries * (elements(kernel["query"]) + elements(kernel["attention_output"]))
    total += keys * (elements(kernel["key"]) + elements(kernel["value"]))
    total += queries * keys * product([heads]) * (product([size]) + value_size)
    gate = call.variables.get("gate/kernel")
    return total + (queries * elements(gate) if gate else 0)


def _key_length(call: LayerCall, queries: int) -> int:
    # Called by keyword, the tensors come in the alphabetical order of their
    # names; but keys and values are of one length, and that of the queries is
    # the output's.
    lengths = [product(shape[1:2]) for shape in call.inputs if len(shape) == 3]
    other = set(lengths) - {queries}
    if len(other) > 1:
        raise Unknown
    return other.pop() if other else queries


def _attention(call: LayerCall) -> int:
    query, value, *more = call.inputs
    key = more[0] if more and len(more[0]) == len(value) else value
    scores = per_sample(query[:-1]) * product(value[-2:-1])
    features = product(key[-1:]) if call.class_name == "Attention" else 0
    if call.config.get("score_mode", "dot") != "dot":
        features = 0
    return scores * (features + product(value[-1:]))


def _dot(call: LayerCall) -> int:
    first, second = call.inputs
    axes = call.config["axes"]
    axis = axes if isinstance(axes, int) else axes[0]
    total = per_sample(call.outputs[0]) * product([first[axis]])
    if call.config.get("normalize"):
        total += per_sample(first) + per_sample(second)
    return total


def _reversible_embedding(call: LayerCall) -> int:
    looked_up = len(call.outputs[0]) == len(call.inputs[0]) + 1
    return 0 if looked_up else _dense(call)


def _up_sampling(call: LayerCall) -> int:
    if call.config.get("interpolation", "nearest") != "nearest":
        raise Unknown
    return 0


def _each_element(call: LayerCall) -> int:
    return per_sample(call.outputs[0])


_FORMULAS: dict[str, Callable[[LayerCall], int]] = {
    "Dense": _dense,
    "EinsumDense": _einsum_dense,
    **{f"Conv{n}D": _convolution for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": _transposed_convolution for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": _depthwise_convolution for n in (1, 2)},
    **{f"SeparableConv{n}D": _separable_convolution for n in (1, 2)},
    **{f"{name}Cell": _cell for name in _GATES},
    "StackedRNNCells": _cell,
    **dict.fromkeys(_GATES, _recurrence),
    "RNN": _recurrence_of_cell,
    "Bidirectional": _both_directions,
    "TimeDistributed": _each_step,
    **{f"ConvLSTM{n}D": _convolutional_recurrence for n in (1, 2, 3)},
    "ConvLSTMCell": _convolutional_cell,
    "MultiHeadAttention": _multi_head_attention,
    "GroupQueryAttention": _multi_head_attention,
    "GroupedQueryAttention": _multi_head_attention,
    "Attention": _attention,
    "AdditiveAttention": _attention,
    "Dot": _dot,
    "ReversibleEmbedding": _reversible_embedding,
    "UpSampling2D": _up_sampling,
    "BatchNormalization": _each_element,
    "GroupNormalization": _each_element,
    "LayerNormalization": _each_element,
    "RMSNormalization": _each_element,
    "UnitNormalization": _each_element,
    "Normalization": _each_element,
    "Rescaling": _each_element,
}

_COPIES = """
    InputLayer Identity Embedding Masking Flatten Reshape Permute RepeatVector
    Concatenate Cropping1D Cropping2D Cropping3D ZeroPadding1D ZeroPadding2D
    ZeroPadding3D UpSampling1D UpSampling3D CategoryEncoding Discretization Hashing
    HashedCrossing IntegerLookup StringLookup TextVectorization
"""
_ELEMENT_WISE = """
    Activation ELU LeakyReLU PReLU ReLU Softmax Add Subtract Multiply Average
    Maximum Minimum ActivityRegularization
"""
_ONLY_IN_TRAINING = """
    Dropout AlphaDropout GaussianDropout GaussianNoise SpatialDropout1D
    SpatialDropout2D SpatialDropout3D AugMix CutMix MixUp RandAugment
    RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast
    RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur
    RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization
    RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation
    RandomZoom
"""
_REDUCTIONS = """
    AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D
    MaxPooling3D GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
"""
_NOTHING = frozenset(
    (_COPIES + _ELEMENT_WISE + _ONLY_IN_TRAINING + _REDUCTIONS).split()
)
