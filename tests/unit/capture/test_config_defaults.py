from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import layers, ops

from tb_kerasviz.capture.config_defaults import non_default
from tb_kerasviz.capture.configuration import Budget, read_config


def changed(layer: Any) -> tuple[str, ...]:
    return non_default(type(layer), read_config(layer, False, Budget())[0])


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (
            lambda: layers.Conv2D(32, 3, activation="relu"),
            ("filters", "kernel_size", "activation"),
        ),
        (
            lambda: layers.Conv2D(
                32,
                (3, 3),
                strides=(1, 1),
                padding="valid",
                kernel_initializer="glorot_uniform",
                name="named",
            ),
            ("filters", "kernel_size"),
        ),
        (lambda: layers.Conv2D(8, 3, strides=2), ("filters", "kernel_size", "strides")),
        (
            lambda: layers.Dense(3, kernel_initializer="he_normal"),
            ("units", "kernel_initializer"),
        ),
        (
            lambda: layers.Dense(
                3, kernel_initializer=keras.initializers.GlorotUniform(seed=1)
            ),
            ("units", "kernel_initializer"),
        ),
        (
            lambda: layers.Dense(3, kernel_regularizer="l2", bias_constraint="non_neg"),
            ("units", "kernel_regularizer", "bias_constraint"),
        ),
        (lambda: layers.Dense(3, trainable=False), ("trainable", "units")),
        (lambda: layers.Dense(3, dtype="float16"), ("dtype", "units")),
        (lambda: layers.Dense(3, dtype="float32", use_bias=True), ("units",)),
        (layers.MaxPooling2D, ()),
        (lambda: layers.MaxPooling2D(3, strides=1), ("pool_size", "strides")),
        (
            lambda: layers.Embedding(9, 4, embeddings_initializer="uniform"),
            ("input_dim", "output_dim"),
        ),
        (layers.BatchNormalization, ()),
        (
            lambda: layers.BatchNormalization(momentum=0.9, scale=False),
            ("momentum", "scale"),
        ),
        (layers.LayerNormalization, ()),
        (lambda: layers.MultiHeadAttention(2, 4), ("num_heads", "key_dim")),
        (
            lambda: layers.MultiHeadAttention(2, 4, value_dim=5),
            ("num_heads", "key_dim", "value_dim"),
        ),
        (
            lambda: layers.LSTM(4, return_sequences=True),
            ("return_sequences", "units"),
        ),
        (lambda: layers.GRU(4, activation="relu"), ("units", "activation")),
        (lambda: layers.Dropout(0.5, seed=3), ("rate", "seed")),
        (layers.Flatten, ()),
        (lambda: layers.InputLayer(shape=(3,)), ("batch_shape",)),
    ],
)
def test_what_is_not_default_is_named(make: Any, wanted: tuple[str, ...]) -> None:
    assert changed(make()) == wanted


def test_what_a_built_layer_resolved_is_still_its_default() -> None:
    attention = layers.MultiHeadAttention(2, 4)
    attention(*[keras.KerasTensor((None, 3, 5))] * 2)
    norm = layers.LayerNormalization()
    norm(keras.KerasTensor((None, 3, 5)))

    assert changed(attention) == ("num_heads", "key_dim")
    assert changed(norm) == ()


class Block(layers.Layer):
    def __init__(
        self,
        width: int,
        ratio: float = 0.5,
        scale: Any = ops.sqrt,
        start: Any = keras.initializers.Zeros(),  # noqa: B008
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.args = {"width": width, "ratio": ratio, "scale": scale.__name__}
        self.start = start

    def get_config(self) -> dict[str, Any]:
        start = keras.initializers.serialize(self.start)
        return {**super().get_config(), **self.args, "start": start, "extra": 1}


class Narrow(Block):
    def __init__(self, ratio: float = 0.25, **kwargs: Any) -> None:
        super().__init__(width=1, ratio=ratio, **kwargs)


def test_a_users_class_is_compared_with_its_own_signatures() -> None:
    # What no signature names has no default that it could be.
    assert changed(Block(3)) == ("width", "extra")
    assert changed(Block(3, 0.1, ops.tanh)) == ("width", "ratio", "scale", "extra")
    assert changed(Block(3, start=keras.initializers.Ones())) == (
        "width",
        "start",
        "extra",
    )
    assert changed(Narrow()) == ("width", "extra")
    assert changed(Narrow(ratio=0.5)) == ("width", "ratio", "extra")


class Awkward:
    """A default that cannot even be compared."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = object.__hash__


def test_a_default_that_fails_is_no_error() -> None:
    class Layer(layers.Layer):
        def __init__(self, what: Any = Awkward(), **kwargs: Any) -> None:  # noqa: B008
            super().__init__(**kwargs)

        def get_config(self) -> dict[str, Any]:
            return {"what": 1}

    assert non_default(Layer, {"what": 1}) == ()


def test_no_random_number_is_drawn() -> None:
    import random

    layer = layers.Dense(3, kernel_initializer="glorot_uniform")
    state = random.getstate()
    changed(layer)
    assert random.getstate() == state
