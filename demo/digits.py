"""Scikit-learn's handwritten digits, and a small model for them."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

Array = np.ndarray[Any, Any]

VALIDATION_SAMPLES = 360


@dataclasses.dataclass(frozen=True)
class Digits:
    """The data set, split.

    Attributes:
        x_train: float32 `[N, 8, 8, 1]` from 0 to 1.
        y_train: int64 `[N]`, the digits.
        x_val: As `x_train`.
        y_val: As `y_train`.
    """

    x_train: Array
    y_train: Array
    x_val: Array
    y_val: Array


def load() -> Digits:
    """Loads the 1,797 digits that ship with scikit-learn."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    x = (data.images[order, ..., np.newaxis] / 16).astype(np.float32)
    y = data.target[order]
    n = VALIDATION_SAMPLES
    return Digits(x[n:], y[n:], x[:n], y[:n])


def one_of_each(digits: Digits) -> tuple[Array, Array]:
    """The first validation sample of every digit: a probe that tells a story.

    Returns:
        float32 `[10, 8, 8, 1]` and int64 `[10]`.
    """
    first = [int(np.flatnonzero(digits.y_val == digit)[0]) for digit in range(10)]
    return digits.x_val[first], digits.y_val[first]


def create_model(bias_initializer: str | float = "zeros") -> keras.Model:
    """A small residual network with a recurrent branch.

    It has a bit of everything: convolutions, a nested model, a skip
    connection, a sequence (the rows of the picture, read from top to bottom)
    and vectors.

    Args:
        bias_initializer: "zeros", or the constant that all biases before a
            ReLU begin with.
    """
    bias: Any = (
        bias_initializer
        if isinstance(bias_initializer, str)
        else keras.initializers.Constant(bias_initializer)
    )
    picture = keras.Input((8, 8, 1), name="picture")

    x = layers.Conv2D(
        16, 3, padding="same", activation="relu", bias_initializer=bias, name="stem"
    )(picture)
    x = _residual_block(16, bias, "block_1")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.Conv2D(
        32, 3, padding="same", activation="relu", bias_initializer=bias, name="widen"
    )(x)
    x = _residual_block(32, bias, "block_2")(x)
    shapes = layers.GlobalAveragePooling2D(name="average")(x)

    rows = layers.Reshape((8, 8), name="rows")(picture)
    rows = layers.GRU(24, return_sequences=True, name="read_rows")(rows)
    strokes = layers.GRU(16, name="summarise_rows")(rows)

    x = layers.Concatenate(name="join")([shapes, strokes])
    x = layers.Dense(48, activation="relu", bias_initializer=bias, name="hidden")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    digit = layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(picture, digit, name="digit_reader")


def _residual_block(filters: int, bias: Any, name: str) -> keras.Model:
    size = 8 if filters == 16 else 4
    inputs = keras.Input((size, size, filters), name=f"{name}_input")
    x = layers.Conv2D(
        filters,
        3,
        padding="same",
        activation="relu",
        bias_initializer=bias,
        name=f"{name}_conv_1",
    )(inputs)
    x = layers.Conv2D(
        filters, 3, padding="same", bias_initializer=bias, name=f"{name}_conv_2"
    )(x)
    x = layers.Add(name=f"{name}_add")([x, inputs])
    outputs = layers.ReLU(name=f"{name}_relu")(x)
    return keras.Model(inputs, outputs, name=name)
