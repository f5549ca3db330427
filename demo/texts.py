"""The descriptions of scikit-learn's data sets, and a small transformer for them."""

from __future__ import annotations

import dataclasses
import re
from importlib import resources
from typing import Any

import keras
import numpy as np
from keras import layers, ops

Array = np.ndarray[Any, Any]

LENGTH = 32
"""Characters that the model reads at once."""

WIDTH = 64
HEADS = 4
BLOCKS = 2

_WINDOWS = 2_000
_PROBE = ("the data set", "features are", "the number of", "classification")


@dataclasses.dataclass(frozen=True)
class Texts:
    """Windows of text, as characters' indices.

    Attributes:
        vocabulary: The characters.
        x: int32 `[N, LENGTH]`.
        y: int32 `[N, LENGTH]`, the character behind each one of `x`.
        probe: int32 `[4, LENGTH]`, windows that begin with known words.
    """

    vocabulary: tuple[str, ...]
    x: Array
    y: Array
    probe: Array


def load() -> Texts:
    """Cuts the descriptions into windows, always the same ones."""
    text = _read_descriptions()
    vocabulary = tuple(sorted(set(text)))
    index = {character: at for at, character in enumerate(vocabulary)}
    characters = np.array([index[character] for character in text], np.int32)
    starts = np.random.default_rng(0).integers(0, len(text) - LENGTH - 1, _WINDOWS)
    windows = np.stack([characters[at : at + LENGTH + 1] for at in starts])
    found = [text.index(words) for words in _PROBE]
    probe = np.stack([characters[at : at + LENGTH] for at in found])
    return Texts(vocabulary, windows[:, :-1], windows[:, 1:], probe)


def create_model(vocabulary: int) -> keras.Model:
    """A causal transformer that guesses the next character.

    Its positions begin large, so that heads soon tell one place from the next:
    within a few epochs one of them looks at the previous character.

    Args:
        vocabulary: Number of characters.
    """
    characters = keras.Input((LENGTH,), dtype="int32", name="characters")
    x = layers.Embedding(vocabulary, WIDTH, name="embedding")(characters)
    x = PositionEmbedding(name="positions")(x)
    for block in range(BLOCKS):
        name = f"block_{block}"
        normal = layers.LayerNormalization(name=f"{name}_attention_norm")(x)
        attended = layers.MultiHeadAttention(
            HEADS, WIDTH // HEADS, name=f"{name}_attention"
        )(normal, normal, use_causal_mask=True)
        x = layers.Add(name=f"{name}_attention_add")([x, attended])
        normal = layers.LayerNormalization(name=f"{name}_dense_norm")(x)
        wide = layers.Dense(2 * WIDTH, activation="relu", name=f"{name}_widen")(normal)
        narrow = layers.Dense(WIDTH, name=f"{name}_narrow")(wide)
        x = layers.Add(name=f"{name}_dense_add")([x, narrow])
    x = layers.LayerNormalization(name="norm")(x)
    following = layers.Dense(vocabulary, activation="softmax", name="next_character")(x)
    return keras.Model(characters, following, name="character_reader")


class PositionEmbedding(layers.Layer):
    """Adds a learned vector to each position of `[N, T, C]`."""

    def build(self, input_shape: tuple[int, int, int]) -> None:
        """Makes the vectors, `[T, C]`."""
        self.vectors = self.add_weight(
            name="vectors",
            shape=input_shape[1:],
            initializer=keras.initializers.RandomNormal(stddev=0.5),
        )

    def call(self, x: Any) -> Any:
        """Adds them."""
        return x + ops.expand_dims(self.vectors, 0)


def _read_descriptions() -> str:
    folder = resources.files("sklearn.datasets.descr")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    texts = [file.read_text("utf-8") for file in files if file.name.endswith(".rst")]
    words = re.sub(r"[^a-z ]", " ", " ".join(texts).lower())
    return re.sub(r" +", " ", words)
