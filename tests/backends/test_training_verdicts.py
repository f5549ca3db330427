"""Real trainings, healthy or broken in a known way, and what is said of them."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops
from sklearn.datasets import load_digits

import tb_kerasviz
from tb_kerasviz.wire.schema import TrainingVerdict

EPOCHS = 3
BATCH = 32


class Detached(layers.Layer):
    """Lets nothing back."""

    def call(self, x: Any) -> Any:
        """The input, without its gradient."""
        return ops.stop_gradient(x)


def dense(
    activation: str = "relu", depth: int = 3, initializer: str = "glorot_uniform"
) -> keras.Model:
    x = inputs = keras.Input((8, 8, 1))
    x = layers.Flatten()(x)
    for at in range(depth):
        x = layers.Dense(
            32, activation=activation, kernel_initializer=initializer, name=f"d{at}"
        )(x)
    return keras.Model(inputs, layers.Dense(10, name="digit")(x))


def detached() -> keras.Model:
    x = inputs = keras.Input((8, 8, 1))
    x = layers.Dense(32, activation="relu", name="lost")(layers.Flatten()(x))
    x = layers.Dense(32, activation="relu", name="found")(Detached()(x))
    return keras.Model(inputs, layers.Dense(10, name="digit")(x))


def convolutional() -> keras.Model:
    x = inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(8, 3, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(16, 3, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(10)(layers.Flatten()(x)))


def attention() -> keras.Model:
    """Its rows are tokens; its last kernel begins at zero, as authors like to do."""
    inputs = keras.Input((8, 8, 1))
    x = layers.Dense(16)(layers.Reshape((8, 8))(inputs))
    normal = layers.LayerNormalization()(x)
    x = layers.Add()([x, layers.MultiHeadAttention(2, 8)(normal, normal)])
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return keras.Model(inputs, layers.Dense(10, kernel_initializer="zeros")(x))


def train(
    log_dir: pathlib.Path,
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    change: Callable[[np.ndarray[Any, Any]], None] = lambda x: None,
) -> TrainingVerdict:
    digits = load_digits()
    x = (digits.images[:640, ..., None] / 16).astype(np.float32)
    change(x)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss)
    viz = tb_kerasviz.KerasViz(log_dir, weights=None)
    model.fit(
        x,
        digits.target[:640],
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,
        shuffle=False,
        callbacks=[viz],
    )
    return tb_kerasviz.load(log_dir)["."].verdict()


HEALTHY: Mapping[str, Callable[[], tuple[keras.Model, keras.optimizers.Optimizer]]] = {
    "dense, Adam": lambda: (dense(), keras.optimizers.Adam(1e-3)),
    "dense, tanh, SGD": lambda: (dense("tanh"), keras.optimizers.SGD(0.1)),
    "convolutions, momentum": lambda: (
        convolutional(),
        keras.optimizers.SGD(0.05, momentum=0.9),
    ),
    "attention, AdamW, clipped": lambda: (
        attention(),
        keras.optimizers.AdamW(3e-3, clipnorm=1.0),
    ),
    "attention, warm-up": lambda: (
        attention(),
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(
                0.0, 60, warmup_target=3e-3, warmup_steps=20
            )
        ),
    ),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_no_alarm_is_raised_over_a_healthy_training(
    name: str, tmp_path: pathlib.Path
) -> None:
    found = train(tmp_path, *HEALTHY[name]())
    assert (found.state, found.findings) == ("judged", ())
    assert found.headline == "Nothing unusual"


def test_a_learning_rate_that_is_too_high(tmp_path: pathlib.Path) -> None:
    found = train(tmp_path, convolutional(), keras.optimizers.Adam(0.3)).findings
    assert found[0].kind == "steps_too_large"
    assert found[0].step == 1
    assert found[0].variable.endswith("/kernel")


def test_a_learning_rate_that_is_too_low(tmp_path: pathlib.Path) -> None:
    (found,) = train(tmp_path, dense(), keras.optimizers.Adam(1e-7)).findings
    assert (found.kind, found.broken) == ("steps_too_small", False)


def test_weights_that_all_begin_at_zero(tmp_path: pathlib.Path) -> None:
    found = train(tmp_path, dense(initializer="zeros"), keras.optimizers.Adam(1e-3))
    assert [one.kind for one in found.findings] == ["no_gradient"]
    assert "3 of 4 layers, d0 to d2, since step 1" in found.headline


def test_a_branch_that_is_detached(tmp_path: pathlib.Path) -> None:
    (found,) = train(tmp_path, detached(), keras.optimizers.Adam(1e-3)).findings
    assert (found.kind, found.layer, found.step) == ("no_gradient", "lost", 1)


def test_gradients_that_vanish_in_a_deep_network(tmp_path: pathlib.Path) -> None:
    (found,) = train(tmp_path, dense("sigmoid", 12), keras.optimizers.SGD(0.1)).findings
    assert (found.kind, found.layer) == ("vanishing", "d0")


def test_an_input_that_is_not_finite(tmp_path: pathlib.Path) -> None:
    def break_one(x: np.ndarray[Any, Any]) -> None:
        x[BATCH * 6 + 3] = np.nan

    found = train(tmp_path, dense("tanh"), keras.optimizers.Adam(1e-3), break_one)
    assert [one.kind for one in found.findings] == ["nonfinite"]
    assert found.findings[0].step == 7
    assert found.first_nonfinite is not None
    assert (found.first_nonfinite.kind, found.first_nonfinite.step) == ("loss", 7)


def test_a_sample_that_is_far_off(tmp_path: pathlib.Path) -> None:
    def spoil_one(x: np.ndarray[Any, Any]) -> None:
        x[BATCH * 15 + 3] = 3e5

    found = train(tmp_path, dense(), keras.optimizers.SGD(1e-9), spoil_one).findings
    assert found[0].kind == "loss_rose"
    assert found[0].step == 16
