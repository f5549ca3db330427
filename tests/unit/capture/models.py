"""Small models of every kind that users build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers


def sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(name="flat"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(3, activation="softmax", name="out"),
        ],
        name="seq",
    )


def operations() -> keras.Model:
    x = keras.Input((4,), name="x")
    y = layers.Dense(4, name="hidden")(x * 2 + 1)
    y = keras.ops.concatenate([y, x], axis=-1)
    return keras.Model(x, keras.ops.relu(y) - x[:, :1], name="ops")


def multi() -> keras.Model:
    a = keras.Input((4,), name="a")
    b = keras.Input((3,), name="b")
    joined = layers.Concatenate(name="join")([a, b])
    return keras.Model(
        {"a": a, "b": b},
        {"x": layers.Dense(2, name="x")(joined), "y": layers.Dense(1, name="y")(b)},
        name="multi",
    )


def attention() -> keras.Model:
    q = keras.Input((5, 8), name="q")
    v = keras.Input((6, 8), name="v")
    mha = layers.MultiHeadAttention(2, 4, name="mha")
    y = mha(query=q, value=v, key=v)
    return keras.Model([q, v], layers.Add(name="add")([y, q]), name="attention")


def shared() -> keras.Model:
    a = keras.Input((4,), name="a")
    b = keras.Input((4,), name="b")
    dense = layers.Dense(3, name="shared")
    out = layers.Subtract(name="sub")([dense(a), dense(b)])
    return keras.Model([a, b], out, name="shared_model")


def inner(name: str) -> keras.Model:
    x = keras.Input((4,), name="in")
    return keras.Model(x, layers.Dense(4, name="dense")(x) + x, name=name)


def nested() -> keras.Model:
    x = keras.Input((4,), name="x")
    y = inner("left")(x)
    z = inner("right")(layers.ReLU(name="relu")(x))
    tail = keras.Sequential([layers.Dense(2, name="dense")], name="tail")
    return keras.Model(x, tail(layers.Add(name="add")([y, z])), name="nested")


def nested_twice() -> keras.Model:
    a = keras.Input((4,), name="a")
    b = keras.Input((4,), name="b")
    block = inner("block")
    out = layers.Add(name="add")([block(a), block(b)])
    return keras.Model([a, b], out, name="nested_twice")


def deep() -> keras.Model:
    x = keras.Input((4,), name="x")
    middle_in = keras.Input((4,), name="middle_in")
    middle = keras.Model(
        middle_in, inner("end")(inner("core")(middle_in)), name="middle"
    )
    return keras.Model(x, middle(layers.Dense(4, name="dense")(x)), name="deep")


def wrappers() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((6, 5)),
            layers.Bidirectional(layers.LSTM(3, return_sequences=True), name="bi"),
            layers.TimeDistributed(layers.Dense(2, name="step"), name="timed"),
        ],
        name="wrappers",
    )


def recurrent() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((6,), dtype="int32"),
            layers.Embedding(20, 4, mask_zero=True, name="embed"),
            layers.LSTM(5, return_sequences=True, name="lstm"),
            layers.GRU(3, name="gru"),
            layers.Dense(2, name="out"),
        ],
        name="recurrent",
    )


def disconnected() -> keras.Model:
    a = keras.Input((4,), name="a")
    unused = keras.Input((2,), name="unused")
    return keras.Model([a, unused], layers.Dense(2, name="d")(a), name="disconnected")


def passes_through() -> keras.Model:
    a = keras.Input((4,), name="a")
    b = keras.Input((4,), name="b")
    swap_a, swap_b = keras.Input((4,), name="sa"), keras.Input((4,), name="sb")
    swap = keras.Model([swap_a, swap_b], [swap_b, swap_a], name="swap")
    first, second = swap([a, b])
    y = layers.Dense(2, name="one")(first)
    z = layers.Dense(2, name="two")(second)
    return keras.Model([a, b], [y, z], name="passes_through")


GRAPHS: dict[str, Callable[[], keras.Model]] = {
    make.__name__: make
    for make in (
        sequential,
        operations,
        multi,
        attention,
        shared,
        nested,
        nested_twice,
        deep,
        wrappers,
        recurrent,
        disconnected,
        passes_through,
    )
}
"""Functional and built sequential models."""


class Subclassed(keras.Model):
    """Layers in attributes, lists and a nested model."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = layers.Dense(4, name="first")
        self.blocks = [layers.Dense(4, name="dense"), layers.Dense(4, name="dense")]
        self.tail = inner("tail")
        self.gain = self.add_weight(shape=(), name="gain", initializer="ones")

    def call(self, x: Any) -> Any:
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.tail(x) * self.gain
