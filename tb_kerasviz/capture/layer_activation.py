"""Which activation function a layer's output went through, and its bounds."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras

from tb_kerasviz.wire.schema import SATURATION_MARGIN

_BOUNDS = {
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "soft_sign": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "sparse_sigmoid": (0.0, 1.0),
    "relu6": (None, 6.0),
}
"""Bounds near which the gradient vanishes. That of ReLU6 at zero is not here:
units that stay there are counted as dead."""

_CLASSES = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "Softmax": "softmax",
}


@dataclasses.dataclass(frozen=True)
class Activation:
    """An activation function.

    Attributes:
        name: Keras's name of it; empty if there is none, it is linear, or it
            is one of the user's own.
        limits: Values beyond these are saturated; None if it has no bounds.
    """

    name: str = ""
    limits: tuple[float, float] | None = None


def activation_of(layer: Any, output: int) -> Activation:
    """The activation function that an output of a layer went through.

    Args:
        layer: The layer.
        output: Number of the output.
    """
    if output == 2 and isinstance(layer, keras.layers.RNN):
        return Activation()  # The cell state of an LSTM, which has no bounds.
    name = _CLASSES.get(type(layer).__name__, "")
    if name and type(layer) is getattr(keras.layers, type(layer).__name__):
        most = getattr(layer, "max_value", None)
        if name == "relu" and most is not None:
            bounds: tuple[float | None, float] = (None, float(most))
            return Activation("relu6" if most == 6 else "relu", _limits(*bounds))
        return Activation(name)
    function = getattr(layer, "activation", None)
    name = getattr(function, "__name__", "")
    if not name or getattr(keras.activations, name, None) is not function:
        return Activation()
    if name == "linear":
        return Activation()
    return Activation(name, _limits(*_BOUNDS[name]) if name in _BOUNDS else None)


def _limits(low: float | None, high: float) -> tuple[float, float]:
    margin = SATURATION_MARGIN * (high - (low or 0.0))
    return (-math.inf if low is None else low + margin, high - margin)
