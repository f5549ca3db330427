"""What is said of the axes of a variable, by the layers of Keras themselves."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.weights import snapshot_weights
from tb_kerasviz.wire.schema import VariableAxis

PICTURE = (8, 8, 6)
ROWS = (8, 6)


def axes_of(
    layer: Any, *shapes: tuple[int, ...]
) -> dict[str, tuple[VariableAxis, ...]]:
    """Axes of the variables of a layer, by their paths below it."""
    inputs = [keras.Input(shape) for shape in shapes]
    model = keras.Model(inputs, layer(*inputs))
    capture = snapshot_weights(model, 0, 2**24, create_layer_filter(None)).reduce()
    assert capture.skipped == []
    start = f"{layer.path}/"
    return {
        one.path.removeprefix(start): one.axes
        for one in capture.variables
        if one.path.startswith(start)
    }


@pytest.mark.parametrize(
    ("layer", "shape", "name", "wanted"),
    [
        (layers.Dense(3), (4,), "kernel", "input, unit"),
        (layers.Dense(3), (4,), "bias", "unit"),
        (
            layers.Conv1D(5, 3),
            ROWS,
            "kernel",
            "position, input channel, output channel",
        ),
        (
            layers.Conv2D(5, 3),
            PICTURE,
            "kernel",
            "row, column, input channel, output channel",
        ),
        (layers.Conv2D(5, 3), PICTURE, "bias", "output channel"),
        (
            layers.Conv2D(6, 3, groups=3),
            PICTURE,
            "kernel",
            "row, column, input channel of the group, output channel",
        ),
        (
            layers.Conv3D(5, 2),
            (4, 4, 4, 2),
            "kernel",
            "depth, row, column, input channel, output channel",
        ),
        (
            layers.Conv2DTranspose(5, 3),
            PICTURE,
            "kernel",
            "row, column, output channel, input channel",
        ),
        (
            layers.DepthwiseConv2D(3, depth_multiplier=2),
            PICTURE,
            "kernel",
            "row, column, input channel, multiplier",
        ),
        (
            layers.SeparableConv2D(5, 3),
            PICTURE,
            "depthwise_kernel",
            "row, column, input channel, multiplier",
        ),
        (
            layers.SeparableConv2D(5, 3),
            PICTURE,
            "pointwise_kernel",
            "row, column, input channel, output channel",
        ),
        (layers.Embedding(9, 4), (7,), "embeddings", "token, unit"),
        (layers.BatchNormalization(), PICTURE, "moving_variance", "channel"),
        (layers.LayerNormalization(), ROWS, "gamma", "channel"),
        (layers.LayerNormalization(axis=(1, 2)), ROWS, "gamma", ""),
        (
            layers.EinsumDense("abc,cde->abde", (8, 2, 5)),
            ROWS,
            "kernel",
            "input, output d, output e",
        ),
        (
            layers.EinsumDense("abc,bcd->abd", (8, 5)),
            ROWS,
            "kernel",
            "b, input, output",
        ),
        (layers.PReLU(), ROWS, "alpha", ""),
        (
            layers.SimpleRNN(4),
            ROWS,
            "simple_rnn_cell/recurrent_kernel",
            "unit before, unit",
        ),
    ],
)
def test_axes_are_named(
    layer: Any, shape: tuple[int, ...], name: str, wanted: str
) -> None:
    found = axes_of(layer, shape)
    assert ", ".join(axis.name for axis in found[name]) == wanted


def test_heads_of_attention_are_named() -> None:
    layer = layers.MultiHeadAttention(2, 3, name="attention")
    found = axes_of(layer, ROWS, ROWS)

    def names(path: str) -> list[str]:
        return [axis.name for axis in found[path]]

    for part in ("query", "key", "value"):
        assert names(f"{part}/kernel") == ["input", "head", "unit"]
        assert names(f"{part}/bias") == ["head", "unit"]
    assert names("attention_output/kernel") == ["head", "unit", "output"]
    assert names("attention_output/bias") == ["output"]


def test_gates_of_an_lstm_are_those_that_it_computes_with() -> None:
    """Units of a gate are shut by its bias: what they do tells which gate it is."""
    layer = layers.LSTM(3, name="lstm")
    (axis,) = axes_of(layer, ROWS)["lstm_cell/bias"]
    assert axis.name == "unit"
    assert axis.parts == ("input gate", "forget gate", "candidate", "output gate")

    x = np.ones((1, 5, 6), np.float32)
    bias = layer.cell.bias
    for part, gate in enumerate(axis.parts):
        shut = np.zeros(12, np.float32)
        shut[3 * part : 3 * part + 3] = -1000
        bias.assign(shut)
        out = keras.ops.convert_to_numpy(layer(x))
        if gate in ("input gate", "output gate"):
            np.testing.assert_array_equal(out, 0)
        else:
            assert np.abs(out).min() > 0


def test_gates_of_a_gru_are_those_that_it_computes_with() -> None:
    layer = layers.GRU(3, name="gru")
    found = axes_of(layer, ROWS)
    source, units = found["gru_cell/bias"]
    assert source.parts == ("of the input", "of the state")
    assert units.parts == ("update gate", "reset gate", "candidate")
    assert [axis.name for axis in found["gru_cell/kernel"]] == ["input", "unit"]

    x = np.ones((1, 5, 6), np.float32)
    opened = np.zeros((2, 9), np.float32)
    opened[0, :3] = 1000  # An open update gate keeps the state, which is zero.
    layer.cell.bias.assign(opened)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(x)), 0)


def test_a_layer_of_somebody_else_has_none() -> None:
    class Own(layers.Layer):
        def build(self, _: Any) -> None:
            self.kernel = self.add_weight(shape=(2, 3), name="kernel")

        def call(self, x: Any) -> Any:
            return x

    assert axes_of(Own(name="own"), (2,))["kernel"] == ()


def test_a_layer_that_cannot_be_read_has_none_and_is_captured() -> None:
    class Broken(layers.EinsumDense):
        closed = False

        @property
        def equation(self) -> str:
            if self.closed:
                raise RuntimeError("not now")
            return "ab,bc->ac"

        @equation.setter
        def equation(self, value: str) -> None:
            pass

    inputs = keras.Input((4,))
    model = keras.Model(inputs, Broken("ab,bc->ac", 5, name="broken")(inputs))
    Broken.closed = True
    capture = snapshot_weights(model, 0, 2**20, create_layer_filter(None)).reduce()
    (kernel,) = capture.variables
    assert (kernel.path, kernel.shape, kernel.axes) == ("broken/kernel", (4, 5), ())
