"""Formulas beside a count of every single product.

A layer whose kernel, input and missing bias are all ones puts out, at each
position, how many products it summed there: Keras itself counts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.analysis.call_shapes import LayerCall
from tb_kerasviz.analysis.layer_costs import multiply_adds
from tb_kerasviz.capture.configuration import Budget, read_config

Shape = tuple[int | None, ...]


def call_of(layer: layers.Layer, *shapes: tuple[int | None, ...]) -> LayerCall:
    """A call of a layer with tensors of some shapes, batch first."""
    tensors = [keras.KerasTensor(shape) for shape in shapes]
    takes_list = isinstance(
        layer, (layers.Attention, layers.AdditiveAttention, layers.Dot)
    )
    made = layer(tensors) if takes_list else layer(*tensors)
    outputs = made if isinstance(made, (list, tuple)) else [made]
    variables: dict[str, Shape] = {v.name: tuple(v.shape) for v in layer.weights}
    for child in layer._flatten_layers(include_self=False, recursive=False):
        variables |= {f"{child.name}/{v.name}": tuple(v.shape) for v in child.weights}
    return LayerCall(
        class_name=type(layer).__name__,
        module=type(layer).__module__,
        config=read_config(layer, False, Budget())[0],
        inputs=shapes,
        outputs=tuple(tuple(t.shape) for t in outputs),
        variables=variables,
    )


ONES: dict[str, Any] = {"use_bias": False, "kernel_initializer": "ones"}
SUMS: dict[str, tuple[Callable[[], layers.Layer], tuple[int, ...]]] = {
    "dense": (lambda: layers.Dense(5, **ONES), (7,)),
    "dense of a sequence": (lambda: layers.Dense(5, **ONES), (3, 7)),
    "conv1d": (lambda: layers.Conv1D(5, 3, strides=2, **ONES), (9, 4)),
    "conv1d, causal": (
        lambda: layers.Conv1D(5, 1, padding="causal", **ONES),
        (9, 4),
    ),
    "conv2d": (lambda: layers.Conv2D(5, (3, 2), strides=(1, 2), **ONES), (8, 9, 4)),
    "conv2d, groups": (lambda: layers.Conv2D(6, 3, groups=2, **ONES), (8, 9, 4)),
    "conv2d, dilated": (
        lambda: layers.Conv2D(6, 3, dilation_rate=2, **ONES),
        (8, 9, 4),
    ),
    "conv3d": (lambda: layers.Conv3D(2, (1, 2, 3), **ONES), (4, 5, 6, 3)),
    "depthwise_conv1d": (
        lambda: layers.DepthwiseConv1D(
            3, depth_multiplier=2, use_bias=False, depthwise_initializer="ones"
        ),
        (8, 4),
    ),
    "depthwise_conv2d": (
        lambda: layers.DepthwiseConv2D(
            (3, 2), strides=2, use_bias=False, depthwise_initializer="ones"
        ),
        (8, 9, 4),
    ),
    "conv1d_transpose": (lambda: layers.Conv1DTranspose(5, 3, **ONES), (4, 2)),
    "conv2d_transpose": (
        lambda: layers.Conv2DTranspose(5, 3, strides=2, **ONES),
        (4, 5, 2),
    ),
    "conv3d_transpose": (lambda: layers.Conv3DTranspose(2, 2, **ONES), (2, 3, 4, 2)),
    "einsum_dense": (
        lambda: layers.EinsumDense(
            "abc,cde->abde", output_shape=(None, 3, 5), kernel_initializer="ones"
        ),
        (4, 6),
    ),
    "einsum_dense, ellipsis": (
        lambda: layers.EinsumDense(
            "...x,xy->...y", output_shape=7, kernel_initializer="ones"
        ),
        (4, 3, 6),
    ),
}


@pytest.mark.parametrize("name", SUMS)
def test_a_formula_counts_every_product_that_keras_sums(name: str) -> None:
    make, shape = SUMS[name]
    layer = make()
    call = call_of(layer, (None, *shape))

    summed = layer(np.ones((1, *shape), np.float32))
    count = round(float(keras.ops.sum(summed)))
    assert count > 0
    assert multiply_adds(call) == count


def test_a_kernel_says_more_than_a_symbolic_shape() -> None:
    layer = layers.EinsumDense("abc,cd->abd", output_shape=(None, 5))
    call = call_of(layer, (None, 4, 6))

    wrong = LayerCall(**{**vars(call), "inputs": ((None, 4, 3),)})
    assert multiply_adds(wrong) == multiply_adds(call) == 4 * 6 * 5
    quantised = LayerCall(**{**vars(call), "variables": {}})
    assert multiply_adds(quantised) == multiply_adds(call)


def test_padded_positions_count_like_any_other() -> None:
    call = call_of(layers.Conv2D(3, 3, padding="same", strides=2), (None, 5, 6, 2))

    count = 0
    for _row, _column in itertools.product(range(0, 5, 2), range(0, 6, 2)):
        for _window_row, _window_column in itertools.product(range(3), range(3)):
            for _channel, _filter in itertools.product(range(2), range(3)):
                count += 1
    assert multiply_adds(call) == count


def test_channels_may_come_first() -> None:
    # Keras runs no such convolution on a CPU with every backend.
    last = call_of(layers.Conv2D(6, 3, groups=2), (None, 8, 9, 4))
    first = LayerCall(
        class_name="Conv2D",
        module=last.module,
        config={**last.config, "data_format": "channels_first"},
        inputs=((None, 4, 8, 9),),
        outputs=((None, 6, 6, 7),),
    )
    assert multiply_adds(first) == multiply_adds(last)


@pytest.mark.parametrize("n", [1, 2])
def test_a_separable_convolution_is_its_two_convolutions(n: int) -> None:
    separable = getattr(layers, f"SeparableConv{n}D")
    depthwise = getattr(layers, f"DepthwiseConv{n}D")
    pointwise = getattr(layers, f"Conv{n}D")
    shape = (None, *(9, 8)[:n], 4)
    options: dict[str, Any] = {"strides": 2, "depth_multiplier": 3}
    first = call_of(depthwise(3, **options), shape)
    second = call_of(pointwise(5, 1), first.outputs[0])

    whole = call_of(separable(5, 3, **options), shape)
    assert whole.outputs == second.outputs
    parts = [multiply_adds(first), multiply_adds(second)]
    assert multiply_adds(whole) == sum(part or 0 for part in parts)


CELLS = ["SimpleRNN", "GRU", "LSTM"]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("return_sequences", [True, False])
def test_a_recurrence_uses_each_weight_of_its_kernels_once_a_step(
    name: str, return_sequences: bool
) -> None:
    layer = getattr(layers, name)(5, return_sequences=return_sequences)
    call = call_of(layer, (None, 7, 3))

    kernels = sum(math.prod(v.shape) for v in layer.weights if "kernel" in v.name)
    assert multiply_adds(call) == 7 * kernels


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_one_step_of_its_recurrence(name: str) -> None:
    whole = call_of(getattr(layers, name)(5), (None, 7, 3))
    cell = getattr(layers, f"{name}Cell")(5)
    step = LayerCall(
        class_name=f"{name}Cell",
        module=type(cell).__module__,
        config=cell.get_config(),
        inputs=((None, 3), (None, 5)),
        outputs=((None, 5),),
    )
    assert 7 * (multiply_adds(step) or 0) == multiply_adds(whole)

    around = call_of(layers.RNN(getattr(layers, f"{name}Cell")(5)), (None, 7, 3))
    assert multiply_adds(around) == multiply_adds(whole)


def test_stacked_cells_add_up() -> None:
    stacked = layers.RNN([layers.GRUCell(5), layers.LSTMCell(4)])
    first = call_of(layers.GRU(5, return_sequences=True), (None, 7, 3))
    second = call_of(layers.LSTM(4), first.outputs[0])

    parts = [multiply_adds(first), multiply_adds(second)]
    call = call_of(stacked, (None, 7, 3))
    assert multiply_adds(call) == sum(part or 0 for part in parts)


def test_a_bidirectional_layer_is_both_of_its_directions() -> None:
    one = call_of(layers.LSTM(5), (None, 7, 3))
    both = call_of(layers.Bidirectional(layers.LSTM(5)), (None, 7, 3))
    assert multiply_adds(both) == 2 * (multiply_adds(one) or 0)

    back = layers.GRU(4, go_backwards=True)
    mixed = call_of(
        layers.Bidirectional(layers.LSTM(5), backward_layer=back), (None, 7, 3)
    )
    other = call_of(layers.GRU(4), (None, 7, 3))
    assert multiply_adds(mixed) == (multiply_adds(one) or 0) + (
        multiply_adds(other) or 0
    )


def test_time_distributed_is_its_layer_at_every_step() -> None:
    once = call_of(layers.Conv2D(5, 3), (None, 8, 9, 2))
    each = call_of(layers.TimeDistributed(layers.Conv2D(5, 3)), (None, 7, 8, 9, 2))
    assert multiply_adds(each) == 7 * (multiply_adds(once) or 0)


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("return_sequences", [True, False])
def test_a_convolutional_recurrence_slides_its_kernels_over_each_step(
    n: int, return_sequences: bool
) -> None:
    layer = getattr(layers, f"ConvLSTM{n}D")(
        5, 3, strides=2, return_sequences=return_sequences
    )
    call = call_of(layer, (None, 7, *(9, 8)[:n], 2))

    positions = math.prod((4, 3)[:n])
    kernels = sum(math.prod(v.shape) for v in layer.weights if "kernel" in v.name)
    assert multiply_adds(call) == 7 * positions * kernels


def count_attention(queries: int, keys: int, heads: int, size: int, out: int) -> int:
    count = 0
    for _query, _key, _head in itertools.product(
        range(queries), range(keys), range(heads)
    ):
        count += sum(1 for _ in range(size))  # the score
        count += sum(1 for _ in range(out))  # its share of the value
    return count


@pytest.mark.parametrize("gate", [False, True])
@pytest.mark.parametrize("keys", [4, 9])
def test_multi_head_attention_is_projections_and_products(
    keys: int, gate: bool
) -> None:
    layer = layers.MultiHeadAttention(3, 4, value_dim=5, use_gate=gate)
    call = call_of(layer, (None, 4, 6), (None, keys, 7))

    size = {v.path.split("/")[-2]: math.prod(v.shape) for v in layer.weights[::2]}
    assert set(size) >= {"query", "key", "value", "attention_output"}
    projections = 4 * (size["query"] + size["attention_output"] + size.get("gate", 0))
    projections += keys * (size["key"] + size["value"])
    assert multiply_adds(call) == projections + count_attention(4, keys, 3, 4, 5)
    # Keras sorts tensors that are given by keyword: key, query, value.
    swapped = {"inputs": (call.inputs[1], call.inputs[0], call.inputs[1])}
    again = LayerCall(**{**vars(call), **swapped})
    assert multiply_adds(again) == multiply_adds(call)


def test_grouped_queries_share_their_keys() -> None:
    layer = layers.GroupQueryAttention(4, 6, 2)
    call = call_of(layer, (None, 5, 8), (None, 9, 8))

    projections = 5 * (8 * 6 * 4) * 2 + 9 * (8 * 2 * 4) * 2
    assert multiply_adds(call) == projections + count_attention(5, 9, 6, 4, 4)


def test_attention_over_many_axes_is_unknown_as_a_whole() -> None:
    layer = layers.MultiHeadAttention(2, 3, attention_axes=(2, 3))
    assert multiply_adds(call_of(layer, (None, 5, 4, 4, 6), (None, 5, 4, 4, 6))) is None


def test_attention_without_heads() -> None:
    shapes = [(None, 4, 6), (None, 9, 5), (None, 9, 6)]
    dot = call_of(layers.Attention(), *shapes)
    assert multiply_adds(dot) == count_attention(4, 9, 1, 6, 5)
    for layer in (layers.AdditiveAttention(), layers.Attention(score_mode="concat")):
        assert multiply_adds(call_of(layer, *shapes)) == count_attention(4, 9, 1, 0, 5)


def test_dot_sums_over_one_axis() -> None:
    layer = layers.Dot(axes=(1, 2))
    call = call_of(layer, (None, 3, 5), (None, 10, 3))
    summed = layer([np.ones(s, np.float32) for s in ((1, 3, 5), (1, 10, 3))])
    assert multiply_adds(call) == float(keras.ops.sum(summed)) == 150

    unit = call_of(layers.Dot(axes=1, normalize=True), (None, 8), (None, 8))
    assert multiply_adds(unit) == 8 + 2 * 8


def test_an_embedding_looks_up_and_its_reverse_multiplies() -> None:
    assert multiply_adds(call_of(layers.Embedding(100, 8), (None, 5))) == 0
    layer = layers.ReversibleEmbedding(100, 8)
    assert multiply_adds(call_of(layer, (None, 5))) == 0
    reverse = LayerCall(
        class_name="ReversibleEmbedding",
        module=type(layer).__module__,
        config=layer.get_config(),
        inputs=((None, 5, 8),),
        outputs=((None, 5, 100),),
    )
    assert multiply_adds(reverse) == 5 * 8 * 100


@pytest.mark.parametrize(
    "layer",
    [
        layers.BatchNormalization(),
        layers.LayerNormalization(),
        layers.GroupNormalization(2),
        layers.RMSNormalization(),
        layers.UnitNormalization(),
        layers.Rescaling(2.0),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_normalisation_counts_one_for_each_element(layer: layers.Layer) -> None:
    assert multiply_adds(call_of(layer, (None, 5, 6, 4))) == 5 * 6 * 4


@pytest.mark.parametrize(
    "layer",
    [
        layers.Activation("gelu"),
        layers.AveragePooling2D(2),
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.GlobalMaxPooling2D(),
        layers.PReLU(),
        layers.RandomFlip(),
        layers.Reshape((-1,)),
        layers.Softmax(),
        layers.UpSampling2D(),
        layers.ZeroPadding2D(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_what_multiplies_no_matrix_counts_nothing(layer: layers.Layer) -> None:
    assert multiply_adds(call_of(layer, (None, 6, 6, 4))) == 0


def test_a_size_that_is_not_known_makes_the_cost_unknown() -> None:
    assert multiply_adds(call_of(layers.Conv2D(3, 3), (None, None, None, 3))) is None
    assert multiply_adds(call_of(layers.LSTM(3), (None, None, 3))) is None
    assert multiply_adds(call_of(layers.ReLU(), (None, None, None, 3))) == 0


def test_no_formula_is_no_zero() -> None:
    for layer in (
        layers.Lambda(lambda x: x),
        layers.UpSampling2D(interpolation="area"),
    ):
        call = LayerCall(
            class_name=type(layer).__name__,
            module=type(layer).__module__,
            config=layer.get_config(),
            inputs=((None, 4, 4, 3),),
            outputs=((None, 8, 8, 3),),
        )
        assert multiply_adds(call) is None


def test_a_users_class_of_the_same_name_has_no_formula() -> None:
    call = call_of(layers.Dense(3), (None, 5))
    for module in ("my_layers", "keras_tools.layers", "__main__"):
        theirs = LayerCall(**{**vars(call), "module": module})
        assert multiply_adds(theirs) is None
    assert multiply_adds(call) == 15


def test_a_configuration_that_is_not_keras_s_own_is_unknown() -> None:
    call = call_of(layers.Conv2D(3, 3), (None, 8, 8, 3))
    for config in ({}, {"kernel_size": "3"}, {"kernel_size": None, "groups": 0}):
        assert multiply_adds(LayerCall(**{**vars(call), "config": config})) is None
