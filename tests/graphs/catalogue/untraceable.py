"""Models of which some part cannot be run symbolically."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from tests.graphs.truth import call, case


def native_tanh(x: Any) -> Any:
    """A function of the backend itself, which takes no symbolic tensors."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.math.tanh(x)
    if backend == "jax":
        import jax.numpy as jnp

        return jnp.tanh(x)
    import torch

    return torch.tanh(x)


class NativeModel(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="native_model")
        self.hidden = layers.Dense(5, name="hidden")
        self.out = layers.Dense(2, name="out")

    def call(self, x: Any) -> Any:
        return self.out(native_tanh(self.hidden(x)))


@case(
    call("x", "InputLayer", [], "N,4"),
    call("hidden", "Dense", "x", "N,5", params=25),
    call("out", "Dense", "?hidden", "N,2", params=12),
    outputs="out",
    inputs=lambda: np.ones((2, 4), np.float32),
    untraced=True,
)
def model_with_a_native_function() -> keras.Model:
    return NativeModel()


class NativeBlock(layers.Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.before = layers.Dense(3, name="before")
        self.after = layers.Dense(3, name="after")

    def call(self, x: Any) -> Any:
        return self.after(native_tanh(self.before(x)))


@case(
    call("x", "InputLayer", [], "N,4"),
    call("first", "Dense", "x", "N,4", params=20),
    call(
        "block",
        "NativeBlock",
        "first",
        "N,3",
        params=27,
        inside=[
            call("block/before", "Dense", "first", "N,3", params=15),
            call("block/after", "Dense", "?block/before", "N,3", params=12),
        ],
    ),
    call("out", "Dense", "block/after", "N,2", params=8),
    outputs="out",
    untraced=True,
)
def native_layer_in_a_functional_model() -> keras.Model:
    x = keras.Input((4,), name="x")
    y = NativeBlock(name="block")(layers.Dense(4, name="first")(x))
    return keras.Model(x, layers.Dense(2, name="out")(y))


class AroundNative(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="around_native")
        self.first = layers.Dense(4, name="first")
        self.block = NativeBlock(name="block")
        self.out = layers.Dense(2, name="out")

    def call(self, x: Any) -> Any:
        return self.out(ops.relu(self.block(self.first(x))))


@case(
    call("x", "InputLayer", [], "N,4"),
    call("first", "Dense", "x", "N,4", params=20),
    call(
        "block",
        "NativeBlock",
        "first",
        "N,3",
        params=27,
        inside=[
            call("block/before", "Dense", "first", "N,3", params=15),
            call("block/after", "Dense", "?block/before", "N,3", params=12),
        ],
    ),
    call("relu", "Relu", "block/after", "N,3"),
    call("out", "Dense", "relu", "N,2", params=8),
    outputs="out",
    inputs=lambda: np.ones((2, 4), np.float32),
    untraced=True,
)
def native_layer_in_a_subclassed_model() -> keras.Model:
    return AroundNative()


class ByValue(keras.Model):
    """Looks at the numbers to decide what to call."""

    def __init__(self) -> None:
        super().__init__(name="by_value")
        self.first = layers.Dense(4, name="first")
        self.rarely = layers.Dense(4, name="rarely")
        self.out = layers.Dense(2, name="out")

    def call(self, x: Any) -> Any:
        x = self.first(x)
        if float(ops.convert_to_numpy(ops.max(x))) > 1e9:
            x = self.rarely(x)
        return self.out(x)


@case(
    call("x", "InputLayer", [], "N,4"),
    call("first", "Dense", "x", "N,4", params=20),
    call("out", "Dense", "first", "N,2", params=10),
    outputs="out",
    inputs=lambda: np.ones((2, 4), np.float32),
    untraced=True,
)
def control_flow_by_value() -> keras.Model:
    return ByValue()


CASES = (
    model_with_a_native_function,
    native_layer_in_a_functional_model,
    native_layer_in_a_subclassed_model,
    control_flow_by_value,
)
