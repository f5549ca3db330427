"""Transformers of any depth, with the graphs that they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers

from tests.graphs.truth import Call, Case, call

LENGTH = 6
WIDTH = 8
HIDDEN = 16
OUT = f"N,{LENGTH},{WIDTH}"
INSIDE = ("query", "key", "value", "attention_output")


def functional(blocks: int) -> Case:
    """Blocks told apart by the names of their layers only."""

    def build() -> keras.Model:
        x = inputs = keras.Input((LENGTH, WIDTH), name="x")
        for i in range(blocks):
            y = layers.LayerNormalization(name=f"block_{i}_norm_1")(x)
            y = layers.MultiHeadAttention(2, 4, name=f"block_{i}_mha")(y, y)
            x = layers.Add(name=f"block_{i}_add_1")([x, y])
            y = layers.LayerNormalization(name=f"block_{i}_norm_2")(x)
            y = layers.Dense(HIDDEN, "gelu", name=f"block_{i}_up")(y)
            y = layers.Dense(WIDTH, name=f"block_{i}_down")(y)
            x = layers.Add(name=f"block_{i}_add_2")([x, y])
        return keras.Model(inputs, x, name="transformer")

    calls = [call("x", "InputLayer", [], OUT)]
    last = "x"
    for i in range(blocks):
        calls += _block(f"block_{i}_", last)
        last = f"block_{i}_add_2"
    return Case(f"functional_{blocks}_blocks", build, tuple(calls), {"0": last})


class Block(layers.Layer):
    """One block, as users write it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.norm_1 = layers.LayerNormalization(name="norm_1")
        self.mha = layers.MultiHeadAttention(2, 4, name="mha")
        self.add_1 = layers.Add(name="add_1")
        self.norm_2 = layers.LayerNormalization(name="norm_2")
        self.up = layers.Dense(HIDDEN, "gelu", name="up")
        self.down = layers.Dense(WIDTH, name="down")
        self.add_2 = layers.Add(name="add_2")

    def call(self, x: Any) -> Any:
        """Attention and a feed-forward network, each around a normalisation."""
        y = self.norm_1(x)
        x = self.add_1([x, self.mha(y, y)])
        return self.add_2([x, self.down(self.up(self.norm_2(x)))])


class Transformer(keras.Model):
    """A list of blocks."""

    def __init__(self, blocks: int) -> None:
        super().__init__(name="transformer")
        self.blocks = [Block(name=f"block_{i}") for i in range(blocks)]

    def call(self, x: Any) -> Any:
        """One block after the other."""
        for block in self.blocks:
            x = block(x)
        return x


def subclassed(blocks: int) -> Case:
    """The same, of layers and a model with a `call` of their own."""
    calls = [call("x", "InputLayer", [], OUT)]
    last = "x"
    for i in range(blocks):
        inside = list(_block(f"block_{i}/", last))
        params = sum(each.params for each in inside)
        calls.append(call(f"block_{i}", "Block", last, OUT, params, inside=inside))
        last = f"block_{i}/add_2"
    return Case(
        f"subclassed_{blocks}_blocks",
        lambda: Transformer(blocks),
        tuple(calls),
        {"0": last},
        lambda: np.ones((2, LENGTH, WIDTH), np.float32),
    )


def _block(prefix: str, source: str) -> Iterator[Call]:
    def named(name: str) -> str:
        return f"{prefix}{name}"

    norm = (OUT, 2 * WIDTH)
    attention = 4 * (WIDTH * WIDTH + WIDTH)
    yield call(named("norm_1"), "LayerNormalization", source, *norm)
    yield call(
        named("mha"),
        "MultiHeadAttention",
        [named("norm_1"), named("norm_1")],
        OUT,
        attention,
        contains=INSIDE,
    )
    yield call(named("add_1"), "Add", [source, named("mha")], OUT)
    yield call(named("norm_2"), "LayerNormalization", named("add_1"), *norm)
    wide = f"N,{LENGTH},{HIDDEN}"
    up, down = (WIDTH + 1) * HIDDEN, (HIDDEN + 1) * WIDTH
    yield call(named("up"), "Dense", named("norm_2"), wide, up)
    yield call(named("down"), "Dense", named("up"), OUT, down)
    yield call(named("add_2"), "Add", [named("add_1"), named("down")], OUT)
