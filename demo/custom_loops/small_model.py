"""The model of the custom loops, small enough to read their logs at a glance."""

from __future__ import annotations

import keras
from keras import layers

EPOCHS = 2
BATCH = 64
EVERY = 5
"""Steps between two rows of gradients."""


def create_model() -> keras.Model:
    """A small convolutional network for the digits."""
    picture = keras.Input((8, 8, 1), name="picture")
    x = layers.Conv2D(8, 3, activation="relu", name="edges")(picture)
    x = layers.BatchNormalization(name="normalise")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    digit = layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(picture, digit, name="small_digit_reader")
