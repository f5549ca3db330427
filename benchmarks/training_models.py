"""The models that trainings are measured on, with their data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits, load_sample_images

Array = np.ndarray[Any, Any]

BATCH = 16
SIDE = 64
TOKENS = 64
VOCABULARY = 500


@dataclasses.dataclass(frozen=True)
class Task:
    """One kind of model.

    Attributes:
        name: What to call it.
        build: Makes the model, of a given class.
        data: Makes inputs and labels of so many batches.
        steps: Steps of an epoch, about a second on two cores.
    """

    name: str
    build: Callable[[type[keras.Model]], keras.Model]
    data: Callable[[int], tuple[Array, Array]]
    steps: int


def build_dense(kind: type[keras.Model]) -> keras.Model:
    """Two hidden layers: what a step costs is mostly Keras's own."""
    inputs = x = keras.Input((64,))
    for units in (128, 64):
        x = layers.Dense(units, activation="relu")(x)
    return kind(inputs, layers.Dense(10, activation="softmax")(x))


def build_wide(kind: type[keras.Model]) -> keras.Model:
    """Two million weights for little work of each step: the worst for us."""
    inputs = x = keras.Input((64,))
    for units in (1024, 1024, 1024):
        x = layers.Dense(units, activation="relu")(x)
    return kind(inputs, layers.Dense(10, activation="softmax")(x))


def build_mobilenet(kind: type[keras.Model]) -> keras.Model:
    """MobileNetV2 with random weights: 158 trainable variables."""
    base = keras.applications.MobileNetV2(
        input_shape=(SIDE, SIDE, 3), weights=None, classes=10
    )
    return kind(base.inputs, base.outputs)


def build_transformer(kind: type[keras.Model]) -> keras.Model:
    """Four blocks of attention, 128 wide, over 64 tokens."""
    inputs = keras.Input((TOKENS,), dtype="int32")
    x = layers.Embedding(VOCABULARY, 128)(inputs)
    for _ in range(4):
        normed = layers.LayerNormalization()(x)
        x = x + layers.MultiHeadAttention(4, 32)(normed, normed, use_causal_mask=True)
        hidden = layers.Dense(512, activation="gelu")(layers.LayerNormalization()(x))
        x = x + layers.Dense(128)(hidden)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return kind(inputs, layers.Dense(10, activation="softmax")(x))


def digits(batches: int) -> tuple[Array, Array]:
    """scikit-learn's handwritten digits, flat: float32 `[N, 64]`."""
    data = load_digits()
    chosen = np.arange(batches * BATCH) % len(data.target)
    return (data.data[chosen] / 16).astype(np.float32), data.target[chosen]


def crops(batches: int) -> tuple[Array, Array]:
    """Random crops of the two photos that ship with scikit-learn.

    Returns:
        float32 `[N, SIDE, SIDE, 3]` from 0 to 1, and labels that mean nothing.
    """
    photos = load_sample_images().images
    random = np.random.default_rng(0)
    cut = []
    for i in range(batches * BATCH):
        photo = photos[i % len(photos)]
        top = random.integers(photo.shape[0] - SIDE)
        left = random.integers(photo.shape[1] - SIDE)
        cut.append(photo[top : top + SIDE, left : left + SIDE])
    return np.stack(cut).astype(np.float32) / 255, np.arange(len(cut)) % 10


def tokens(batches: int) -> tuple[Array, Array]:
    """Random tokens, int32 `[N, TOKENS]`, and labels that follow from the first."""
    random = np.random.default_rng(0)
    x = random.integers(0, VOCABULARY, (batches * BATCH, TOKENS)).astype(np.int32)
    return x, x[:, 0] % 10


TASKS = (
    Task("dense", build_dense, digits, 320),
    Task("wide dense", build_wide, digits, 64),
    Task("MobileNetV2", build_mobilenet, crops, 16),
    Task("transformer", build_transformer, tokens, 24),
)
