"""Crops of scikit-learn's two photographs, and a convolutional model for them."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_sample_images

Array = np.ndarray[Any, Any]

SIDE = 48
TURNS = ("upright", "quarter turn", "upside down", "three quarters")
"""What the model tells: how far a crop was turned, counter-clockwise."""

_CROPS = 800
_SCALE = 4
"""Every so many pixels of a photograph are taken, so that a crop shows things."""


@dataclasses.dataclass(frozen=True)
class Photos:
    """Crops that were turned by quarters.

    Attributes:
        x: float32 `[N, SIDE, SIDE, 3]` from 0 to 1.
        y: int64 `[N]`, indices of `TURNS`.
        probe: Eight crops as in `x`, every turn twice.
        probe_turns: int64 `[8]`.
    """

    x: Array
    y: Array
    probe: Array
    probe_turns: Array


def load() -> Photos:
    """Cuts the two photographs that ship with scikit-learn, always the same way."""
    pictures = [
        (image[::_SCALE, ::_SCALE] / 255).astype(np.float32)
        for image in load_sample_images().images
    ]
    random = np.random.default_rng(0)
    x, y = _crop(pictures, _CROPS, random)
    probe, turns = _crop(pictures, 2 * len(TURNS), random)
    return Photos(x, y, probe, turns)


def create_model() -> keras.Model:
    """Convolutions of growing stride of their receptive field."""
    photo = keras.Input((SIDE, SIDE, 3), name="photo")
    x = layers.Conv2D(16, 5, padding="same", activation="relu", name="edges")(photo)
    x = layers.MaxPooling2D(name="pool_1")(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False, name="textures")(x)
    x = layers.BatchNormalization(name="textures_norm")(x)
    x = layers.ReLU(name="textures_relu")(x)
    x = layers.MaxPooling2D(name="pool_2")(x)
    x = layers.Conv2D(64, 3, padding="same", activation="relu", name="parts")(x)
    x = layers.MaxPooling2D(name="pool_3")(x)
    x = layers.Conv2D(64, 3, padding="same", activation="relu", name="wholes")(x)
    x = layers.GlobalMaxPooling2D(name="pool_all")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    turn = layers.Dense(len(TURNS), activation="softmax", name="turn")(x)
    return keras.Model(photo, turn, name="turn_teller")


def _crop(
    pictures: list[Array], count: int, random: np.random.Generator
) -> tuple[Array, Array]:
    turns = np.arange(count) % len(TURNS)
    crops = []
    for at, turn in enumerate(turns):
        picture = pictures[at // len(TURNS) % len(pictures)]
        top, left = (random.integers(0, size - SIDE) for size in picture.shape[:2])
        crops.append(np.rot90(picture[top : top + SIDE, left : left + SIDE], int(turn)))
    return np.stack(crops), turns.astype(np.int64)
