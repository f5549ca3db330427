from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tests.activations.reading import create_reader
from tests.unit.capture.test_activations import random


def snapshot(model: keras.Model) -> list[bytes]:
    every = [model, *model._flatten_layers(include_self=False)]
    found = []
    for layer in every:
        states = getattr(layer, "states", None) or []
        seeds = [generator.state for generator in layer._seed_generators]
        found += [
            keras.ops.convert_to_numpy(v.value).tobytes()
            for v in [*layer.weights, *seeds, *(s for s in states if s is not None)]
        ]
    return found


class Counting(layers.Layer):
    """Counts its calls and adds a loss, also when it is not trained."""

    def build(self, shape: Any) -> None:
        self.count = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="count"
        )

    def call(self, x: Any) -> Any:
        self.count.assign_add(1.0)
        self.add_loss(keras.ops.mean(x))
        return x


def test_nothing_in_the_model_changes() -> None:
    model = keras.Sequential(
        [
            keras.Input((6, 5), batch_size=3),
            layers.LSTM(4, stateful=True, return_sequences=True),
            layers.GRU(4, stateful=True, return_sequences=True),
            layers.Dropout(0.5),
            layers.GaussianNoise(0.5),
            layers.BatchNormalization(),
            Counting(),
            layers.Dense(2, activity_regularizer="l2"),
        ]
    )
    model(random(6, 5), training=True)
    before, losses = snapshot(model), [float(loss) for loss in model.losses]
    assert len(losses) == 2
    keys = [set(vars(layer)) for layer in model.layers]

    reader = create_reader(model, random(6, 5))
    for step in range(2):
        assert reader.capture(step).reduce().layers

    assert snapshot(model) == before
    assert [float(loss) for loss in model.losses] == losses
    assert [set(vars(layer)) for layer in model.layers] == keys
    assert not [layer for layer in model.layers if "call" in vars(layer)]
