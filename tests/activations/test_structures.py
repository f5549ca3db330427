"""Every call of layers wherever they are: shared, nested, inside of others."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.activations.reading import Captured, capture

X = np.random.default_rng(5).normal(size=(3, 4)).astype(np.float32)
SEQUENCES = np.random.default_rng(6).normal(size=(3, 6, 4)).astype(np.float32)


def keys(found: Captured, name: str) -> list[tuple[str, int, int]]:
    return [key for key in found.values if key[0].split("/")[-1] == name]


def test_each_call_of_a_shared_layer() -> None:
    x = keras.Input((4,))
    dense = layers.Dense(4, name="shared")
    found = capture(keras.Model(x, dense(dense(dense(x)))), X)

    wanted = X
    for call in range(3):
        wanted = dense(wanted)
        found.check(("shared", call, 0), wanted)
    assert keys(found, "shared") == [("shared", call, 0) for call in range(3)]


def test_each_call_of_the_layers_of_a_shared_model() -> None:
    x, inner = keras.Input((4,)), keras.Input((4,))
    dense = layers.Dense(4, activation="tanh", name="dense")
    block = keras.Model(inner, layers.Dropout(0.5, name="drop")(dense(inner)))
    found = capture(keras.Model(x, block(block(x))), X)

    (first, second) = keys(found, "dense")
    assert (first[1], second[1]) == (0, 1)
    found.check(first, dense(X))
    found.check(second, dense(dense(X)))
    assert len(keys(found, "drop")) == 2


def test_every_output_of_a_layer_with_several() -> None:
    x = keras.Input((6, 4))
    lstm = layers.LSTM(5, return_sequences=True, return_state=True, name="lstm")
    found = capture(keras.Model(x, lstm(x)), SEQUENCES)

    for output, value in enumerate(lstm(SEQUENCES)):
        found.check(("lstm", 0, output), value)
    entries = [e for e in found.index.layers if e.path == "lstm"]
    assert [e.name for e in entries] == ["0", "1", "2"]
    assert [e.kind for e in entries] == ["sequence", "vector", "vector"]


def test_layers_inside_of_layers() -> None:
    x = keras.Input((6, 4))
    both = layers.Bidirectional(layers.GRU(3, return_sequences=True), name="both")
    timed = layers.TimeDistributed(layers.Dense(2, name="step"), name="timed")
    model = keras.Model(x, timed(both(x)))
    found = capture(model, SEQUENCES)

    found.check(("both", 0, 0), both(SEQUENCES))
    (forward,) = keys(found, both.forward_layer.name)
    found.check(forward, both.forward_layer(SEQUENCES))
    found.check(("timed", 0, 0), model(SEQUENCES))


class Block(layers.Layer):
    """Holds layers in a list and a dict, and shares one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.steps = [layers.Dense(4, name="a"), layers.Dense(4, name="b")]
        self.named = {"norm": layers.LayerNormalization(name="norm")}

    def call(self, x: Any) -> Any:
        for step in self.steps:
            x = self.named["norm"](step(x))
        return x


class Nested(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block(name="block")
        self.tail = keras.Sequential([layers.Dense(2, name="end")], name="tail")

    def call(self, x: Any) -> Any:
        return self.tail(self.block(self.block(x)))


def test_a_subclassed_model_with_layers_of_the_users() -> None:
    model = Nested()
    model(X)
    found = capture(model, X)

    a, b = model.block.steps
    norm = model.block.named["norm"]
    once = norm(a(X))
    twice = norm(b(once))
    again = norm(a(twice))
    for name, call, wanted in (
        ("a", 0, a(X)),
        ("norm", 0, once),
        ("norm", 1, twice),
        ("block", 0, twice),
        ("norm", 2, again),
        ("block", 1, model.block(twice)),
        ("end", 0, model(X)),
    ):
        (key,) = [key for key in keys(found, name) if key[1] == call]
        found.check(key, wanted)
    assert found.skipped == {}


def test_layers_that_compute_again_for_their_gradients() -> None:
    with keras.RematScope(mode="full"):
        model = Nested()
        x = keras.Input((6, 8))
        attention = layers.MultiHeadAttention(2, 4, name="attention")
        other = keras.Model(x, layers.Dense(2, name="d")(attention(x, x)))
    model(X)
    found = capture(model, X)
    (key,) = keys(found, "end")
    found.check(key, model(X))
    assert len(keys(found, "norm")) == 4

    probe = np.tile(SEQUENCES, (1, 1, 2))
    modes = [layer._remat_mode for layer in other.layers]
    found = capture(other, probe)
    plain = layers.MultiHeadAttention(2, 4)
    plain.build(probe.shape, probe.shape)
    plain.set_weights(attention.get_weights())
    output, scores = plain(probe, probe, return_attention_scores=True)
    found.check(("attention", 0, 0), output)
    found.check(("attention", 0, 1), np.moveaxis(ops.convert_to_numpy(scores), 1, -1))
    assert found.skipped == {}
    assert [layer._remat_mode for layer in other.layers] == modes != [None] * len(modes)


def test_quantized_layers() -> None:
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(3, name="b")(layers.Dense(8, name="a")(x)))
    model.quantize("int8")
    found = capture(model, X)

    found.check(("a", 0, 0), model.get_layer("a")(X))
    found.check(("b", 0, 0), model(X))


class Looped(keras.Model):
    """Calls a layer inside of a loop of the backend, and one after it."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = layers.Dense(4, name="inside")
        self.after = layers.Dense(2, name="after")

    def call(self, x: Any) -> Any:
        if not self.inside.built:
            self.inside.build(x.shape)
        y = ops.fori_loop(0, 3, lambda _, y: self.inside(y), x)
        return self.after(y)


@pytest.mark.only_on("tensorflow", "jax")  # PyTorch's loops are Python's.
def test_a_layer_inside_of_a_loop_is_listed() -> None:
    model = Looped()
    model(X)
    found = capture(model, X)

    assert "inside of a loop" in found.skipped[model.inside.path]
    found.check((model.after.path, 0, 0), model(X))
