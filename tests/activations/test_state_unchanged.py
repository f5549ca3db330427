"""A capture leaves everything of a model as it was, bit for bit."""

from __future__ import annotations

import random as python_random
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tb_kerasviz.capture.activations import ActivationReader
from tests.activations import catalogue, truth
from tests.activations.catalogue import SAMPLES, random

MODES = pytest.mark.parametrize(
    "training", [False, True], ids=["inference", "training"]
)


def every_variable(model: keras.Model) -> dict[str, keras.Variable]:
    """Weights, statistics, seeds, metrics, optimizer, states of layers."""
    found: dict[str, keras.Variable] = {}
    every = [model, *model._flatten_layers(include_self=False)]
    for number, layer in enumerate(every):
        states = [s for s in (getattr(layer, "states", None) or []) if s is not None]
        seeds = [generator.state for generator in layer._seed_generators]
        for i, variable in enumerate([*layer.variables, *seeds, *states]):
            found[f"{number} {i} {variable.path}"] = variable
    if getattr(model, "optimizer", None) is not None:
        for i, variable in enumerate(model.optimizer.variables):
            found[f"optimizer {i}"] = variable
    for i, variable in enumerate(model.metrics_variables):
        found[f"metric {i}"] = variable
    return found


class Snapshot:
    """Everything that a capture could change."""

    def __init__(self, model: keras.Model) -> None:
        every = [model, *model._flatten_layers(include_self=False)]
        self.values = {
            name: ops.convert_to_numpy(variable.value).tobytes()
            for name, variable in every_variable(model).items()
        }
        self.attributes = [
            {key: id(value) for key, value in vars(layer).items()} for layer in every
        ]
        self.losses = [[id(loss) for loss in layer._losses] for layer in every]
        self.python = python_random.getstate()
        self.numpy = str(np.random.get_state())  # noqa: NPY002

    def check(self, model: keras.Model) -> None:
        now = Snapshot(model)
        for name, value in vars(self).items():
            assert getattr(now, name) == value, name


def check_unchanged(model: keras.Model, probe: Any, training: bool) -> truth.Read:
    before = Snapshot(model)
    reader = truth.create_reader(model, probe, training=training)
    first = truth.Read(reader.capture(0).reduce())
    before.check(model)
    again = truth.Read(reader.capture(1).reduce())
    before.check(model)
    # Nothing was drawn and nothing was moved: a second pass is the same.
    for key in first.entries:
        for one, other in zip(first.samples(key), again.samples(key), strict=True):
            np.testing.assert_array_equal(one.maps, other.maps)
            np.testing.assert_array_equal(one.stats, other.stats)
    assert first.index.training is training
    return first


@MODES
@pytest.mark.parametrize("name", sorted(catalogue.CASES))
def test_models_of_every_kind(name: str, training: bool) -> None:
    model, probe = catalogue.CASES[name]()
    check_unchanged(model, probe, training)


class Counting(layers.Layer):
    """Counts its calls, adds losses and keeps what it saw."""

    def __init__(self) -> None:
        super().__init__(name="counting")
        self.mean = keras.metrics.Mean(name="mean")
        self.seen: Any = None

    def build(self, shape: Any) -> None:
        self.count = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="count"
        )

    def call(self, x: Any) -> Any:
        self.count.assign_add(1.0)
        if keras.backend.backend() != "jax":  # Where a fit loses layers' metrics.
            self.mean.update_state(x)
        self.add_loss(ops.mean(x))
        self.seen = x
        return x + self.count


def busy() -> keras.Model:
    # PyTorch cannot train the recurrent layers of Keras that are stateful.
    stateful = keras.backend.backend() != "torch"
    model = keras.Sequential(
        [
            keras.Input((6, 5), batch_size=SAMPLES),
            layers.LSTM(4, stateful=stateful, return_sequences=True, dropout=0.2),
            layers.GRU(
                4, stateful=stateful, return_sequences=True, recurrent_dropout=0.2
            ),
            layers.GaussianNoise(0.5),
            layers.BatchNormalization(),
            Counting(),
            layers.Dropout(0.5),
            layers.Dense(2, activity_regularizer="l2", kernel_regularizer="l1"),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


@MODES
def test_a_model_with_state_of_every_kind(training: bool) -> None:
    model = busy()
    x, y = random(6, 5), random(6, 2)
    model.fit(x, y, batch_size=SAMPLES, epochs=2, verbose=0)
    found = check_unchanged(model, x, training)

    drop = next(key for key in found.entries if "drop" in key[0])
    zeros = np.mean([sample.stats[:, 4] for sample in found.samples(drop)])
    assert (0.2 < zeros < 0.8) if training else zeros == 0


@MODES
def test_states_of_recurrent_layers(training: bool) -> None:
    model = keras.Sequential(
        [
            keras.Input((6, 5), batch_size=SAMPLES),
            layers.LSTM(4, stateful=True, return_sequences=True),
            layers.GRU(4, stateful=True),
        ]
    )
    model(random(6, 5))
    assert any(np.any(ops.convert_to_numpy(s)) for s in model.layers[0].states)
    check_unchanged(model, random(6, 5), training)


class Capturing(keras.callbacks.Callback):
    """Captures after every epoch."""

    def __init__(self, reader: ActivationReader) -> None:
        super().__init__()
        self.reader = reader

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        assert self.model is not None  # On JAX, asking for it brings it up to date.
        self.reader.capture(epoch).reduce()


def test_a_training_goes_on_as_without_captures() -> None:
    weights = []
    for captures in (False, True):
        keras.backend.clear_session()
        keras.utils.set_random_seed(3)
        model = busy()
        x, y = random(6, 5), random(6, 2)
        reader = truth.create_reader(model, x, training=True)
        callbacks = [Capturing(reader)] if captures else []
        model.fit(x, y, batch_size=SAMPLES, epochs=3, verbose=0, callbacks=callbacks)
        weights.append([ops.convert_to_numpy(w).tobytes() for w in model.weights])
    assert weights[0] == weights[1]


class Unseeded(layers.Layer):
    """Draws from Keras's global seeds."""

    def call(self, x: Any) -> Any:
        return x + keras.random.normal(ops.shape(x))


@pytest.mark.only_on("tensorflow", "torch")  # JAX cannot trace such a layer.
def test_the_global_seeds_are_not_moved() -> None:
    x = keras.Input((4,))
    model = keras.Model(x, Unseeded(name="unseeded")(x))
    draws = []
    for captures in (False, True):
        keras.utils.set_random_seed(5)
        if captures:
            reader = truth.create_reader(model, random(4))
            reader.capture(0).reduce()
            reader.capture(1).reduce()
        draws.append(ops.convert_to_numpy(keras.random.normal((4,))).tolist())
    assert draws[0] == draws[1]


class Late(keras.Model):
    """Has a layer that is built only where it is first used."""

    def __init__(self) -> None:
        super().__init__(name="late")
        self.first = layers.Dense(3)
        self.second = layers.Dense(2)

    def call(self, x: Any, training: bool = False) -> Any:
        x = self.first(x)
        return self.second(x) if training else x


def test_a_layer_that_is_not_built_stays_so() -> None:
    model = Late()
    model(random(4))
    check_unchanged(model, random(4), training=True)

    assert not model.second.built
    model(random(4), training=True)
    assert model.second.kernel.shape == (3, 2)
    ops.convert_to_numpy(model.second.kernel)  # A value, and not part of a trace.
