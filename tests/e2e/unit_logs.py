"""Logs of small models whose units and heads do what is known beforehand."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers

import tb_kerasviz

STEPS = (0, 10, 30)
WORDS = ("[PAD]", "the", "cat", "sat", "on", "mat", "<b>dog</b>", "ran")
LENGTH = 8
HEADS = 3
DEAD = 12
"""Units of the layer "dead" that are zero from step 10 on, of 16."""
SATURATED = 3
"""Units of the layer "squash" that are near 1 at every step, of 8."""


class Places(layers.Layer):
    """Tells each position of `[N, T, C]` apart from all others, T = C."""

    def __init__(self) -> None:
        super().__init__(name="places")
        self.supports_masking = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Adds a one to the channel that has the position's number."""
        return x + keras.ops.eye(LENGTH)


def write_attention(log_dir: Path) -> None:
    """A transformer of one block, whose head 1 looks at the previous token.

    Head 0 looks at the same token, head 2 at all that are not masked alike.
    """
    ids = keras.Input((LENGTH,), dtype="int32", name="words")
    x = layers.Embedding(
        len(WORDS), LENGTH, mask_zero=True, embeddings_initializer="zeros", name="embed"
    )(ids)
    x = Places()(x)
    x = layers.MultiHeadAttention(HEADS, LENGTH, name="attention")(x, x)
    x = layers.LSTM(5, return_sequences=True, name="read")(x)
    model = keras.Model(ids, layers.Dense(2, name="answer")(x))
    attention = model.get_layer("attention")
    # A query of position i asks for the key of position i, or of i - 1. The first
    # one has none before it, and asks for nothing.
    query = np.zeros((LENGTH, HEADS, LENGTH))
    key = np.zeros((LENGTH, HEADS, LENGTH))
    query[:, 0] = 40.0 * np.eye(LENGTH)
    query[:, 1] = 40.0 * np.eye(LENGTH, k=-1)
    key[:, 0] = key[:, 1] = np.eye(LENGTH)
    attention.query_dense.kernel.assign(query)
    attention.key_dense.kernel.assign(key)
    probe = np.array([[1, 2, 3, 4, 1, 5, 0, 0], [1, 6, 7, 1, 2, 3, 4, 5]], np.int32)
    with tb_kerasviz.Writer(log_dir) as writer:
        writer.write_model(0, model)
        for step in STEPS:
            writer.write_activations(step, model, probe, vocabulary=WORDS)
            writer.write_scalars(step, {"epoch_loss": 1 / (1 + step)})


def write_units(log_dir: Path) -> None:
    """A model in which some units die, and some are saturated from the start."""
    features = keras.Input((4,), name="features")
    x = layers.Dense(16, activation="relu", name="dead")(features)
    x = layers.Dense(8, activation="sigmoid", name="squash")(x)
    model = keras.Model(features, layers.Dense(2, name="answer")(x))
    rng = np.random.default_rng(0)
    dead, squash = model.get_layer("dead"), model.get_layer("squash")
    dead.bias.assign(np.ones(16))
    dead.kernel.assign(0.1 * rng.normal(size=(4, 16)))
    squash.kernel.assign(0.1 * rng.normal(size=(16, 8)))
    squash.bias.assign(np.repeat([20.0, 0.0], [SATURATED, 8 - SATURATED]))
    probe = rng.normal(size=(6, 4)).astype("float32")
    with tb_kerasviz.Writer(log_dir) as writer:
        writer.write_model(0, model)
        for step in STEPS:
            if step == STEPS[1]:
                dead.bias.assign(np.repeat([-10.0, 1.0], [DEAD, 16 - DEAD]))
            writer.write_activations(step, model, probe)
