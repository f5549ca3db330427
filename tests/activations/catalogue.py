"""Small models of every kind, each with a probe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, ops

Array = np.ndarray[Any, Any]
Case = tuple[keras.Model, Any]

SAMPLES = 3


def random(*shape: int) -> Array:
    return np.random.default_rng(2).normal(size=(SAMPLES, *shape)).astype(np.float32)


def ids(length: int, most: int) -> Array:
    drawn = np.random.default_rng(3).integers(1, most, (SAMPLES, length))
    drawn[0, 3:] = 0
    return drawn.astype(np.int32)


def convolutional() -> Case:
    x = keras.Input((12, 10, 3))
    y = layers.Conv2D(5, 3, activation="relu", name="conv")(x)
    y = layers.BatchNormalization(name="norm")(y)
    y = layers.MaxPooling2D(name="pool")(y)
    y = layers.SpatialDropout2D(0.5, name="drop")(y)
    y = layers.GlobalAveragePooling2D(name="mean")(y)
    return keras.Model(x, layers.Dense(4, "softmax", name="out")(y)), random(12, 10, 3)


def separable() -> Case:
    x = keras.Input((9, 9, 4))
    y = layers.DepthwiseConv2D(3, depth_multiplier=2, name="depth")(x)
    y = layers.SeparableConv2D(40, 3, padding="same", name="separable")(y)
    y = layers.Conv2DTranspose(3, 2, strides=2, name="up")(y)
    return keras.Model(x, y), random(9, 9, 4)


def sequences() -> Case:
    x = keras.Input((20, 4))
    y = layers.Conv1D(8, 5, padding="causal", dilation_rate=2, name="conv")(x)
    y = layers.LayerNormalization(name="norm")(y)
    y = layers.GRU(6, return_sequences=True, name="gru")(y)
    y = layers.Bidirectional(layers.LSTM(3, name="lstm"), name="both")(y)
    return keras.Model(x, layers.Dense(2, name="out")(y)), random(20, 4)


def masked() -> Case:
    x = keras.Input((6,), dtype="int32")
    y = layers.Embedding(11, 5, mask_zero=True, name="embed")(x)
    y = layers.SimpleRNN(4, return_sequences=True, name="rnn")(y)
    y = layers.TimeDistributed(layers.Dense(3, name="dense"), name="each")(y)
    return keras.Model(x, layers.GlobalMaxPooling1D(name="max")(y)), ids(6, 11)


def states() -> Case:
    x = keras.Input((7, 5))
    lstm = layers.LSTM(4, return_sequences=True, return_state=True, name="lstm")
    return keras.Model(x, lstm(x)), random(7, 5)


def transformer() -> Case:
    x = keras.Input((8,), dtype="int32")
    y = layers.Embedding(13, 12, name="embed")(x)
    attention = layers.MultiHeadAttention(3, 4, dropout=0.1, name="attention")
    y = layers.Add(name="add")([y, attention(y, y, use_causal_mask=True)])
    y = layers.LayerNormalization(name="norm")(y)
    y = layers.Dense(24, activation="gelu", name="wide")(y)
    return keras.Model(x, layers.Dense(12, name="narrow")(y)), ids(8, 13)


def several_outputs() -> Case:
    a, b = keras.Input((5,), name="a"), keras.Input((6,), name="b")
    shared = layers.Dense(4, name="shared")
    wide = layers.Dense(5, name="wide")(b)
    outputs = {
        "x": shared(a),
        "y": [shared(wide), layers.Multiply(name="m")([a, wide])],
    }
    return keras.Model({"a": a, "b": b}, outputs), {"a": random(5), "b": random(6) + 1}


def nested() -> Case:
    inner = keras.Sequential(
        [keras.Input((6,)), layers.Dense(4, name="first"), layers.ReLU(name="relu")],
        name="inner",
    )
    x = keras.Input((6,))
    return keras.Model(x, layers.Dense(2, name="out")(inner(x))), random(6)


class Subclassed(keras.Model):
    """Builds itself when it is first called, and branches in Python."""

    def __init__(self) -> None:
        super().__init__(name="own")
        self.blocks = [layers.Dense(6, activation="tanh") for _ in range(2)]
        self.norm = layers.BatchNormalization()
        self.drop = layers.Dropout(0.3)

    def call(self, x: Any, training: bool = False) -> Any:
        for block in self.blocks:
            x = block(x) + ops.mean(x, axis=-1, keepdims=True)
        return self.drop(self.norm(x, training=training), training=training)


def subclassed() -> Case:
    model, probe = Subclassed(), random(6)
    model(probe)
    return model, probe


def volumes() -> Case:
    x = keras.Input((11, 6, 5, 2))
    y = layers.Conv3D(3, 3, padding="same", activation="sigmoid", name="conv")(x)
    return keras.Model(x, layers.AveragePooling3D(2, name="pool")(y)), random(
        11, 6, 5, 2
    )


def mixed(policy: str) -> Case:
    keras.config.set_dtype_policy(policy)
    x = keras.Input((8, 8, 3))
    y = layers.Conv2D(4, 3, activation="relu", name="conv")(x)
    y = layers.Flatten(name="flat")(y)
    return keras.Model(x, layers.Dense(5, activation="tanh", name="out")(y)), random(
        8, 8, 3
    )


CASES: dict[str, Callable[[], Case]] = {
    "convolutional": convolutional,
    "separable": separable,
    "sequences": sequences,
    "masked": masked,
    "states": states,
    "transformer": transformer,
    "several outputs": several_outputs,
    "nested": nested,
    "subclassed": subclassed,
    "volumes": volumes,
    "float16": lambda: mixed("mixed_float16"),
    "bfloat16": lambda: mixed("mixed_bfloat16"),
}
