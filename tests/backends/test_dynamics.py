"""The logged norms are those of the true steps of the true training."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import tb_kerasviz
from tb_kerasviz import KerasViz
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS
from tests.backends import trainings
from tests.backends.trainings import Array, digits

pytestmark = pytest.mark.only_on("tensorflow")


def column(dynamics: Any, name: str) -> Array:
    """One column of the dynamics: `[T, V]`."""
    values: Array = dynamics.values[:, :, DYNAMICS_COLUMNS.index(name)]
    return values


def reference(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    batches: list[tuple[Array, Array]],
    accumulate: int = 1,
) -> tuple[Array, Array, Array]:
    """Norms of gradients, updates and weights by a plain loop, `[T, V]` each."""
    import tensorflow as tf

    rows: list[Any] = []
    sums: list[Any] = []
    for number, (x, y) in enumerate(batches, 1):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                keras.losses.sparse_categorical_crossentropy(y, model(x, training=True))
            )
        variables = model.trainable_variables
        given = tape.gradient(loss, variables)
        grads = [tf.convert_to_tensor(g) for g in given]
        sums = [a + b for a, b in zip(sums, grads, strict=True)] if sums else grads
        before = [v.numpy() for v in variables]
        optimizer.apply(given, variables)
        if number % accumulate:
            continue
        after = [v.numpy() for v in variables]
        rows.append(
            (
                [np.linalg.norm(g / accumulate) for g in sums],
                [
                    np.linalg.norm((a - b).ravel())
                    for a, b in zip(after, before, strict=True)
                ],
                [np.linalg.norm(a.ravel()) for a in after],
            )
        )
        sums = []
    values = np.array(rows)
    return values[:, 0], values[:, 1], values[:, 2]


def batches_of(x: Array, y: Array) -> list[tuple[Array, Array]]:
    size = trainings.BATCH
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]


def adam(**arguments: Any) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(0.01, **arguments)


def word_model() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((64,), dtype="int32"),
            layers.Embedding(17, 3),
            layers.GlobalAveragePooling1D(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def picture_model() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


CASES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "graph": (picture_model, adam, {}),
    "eager": (picture_model, adam, {"run_eagerly": True}),
    "steps_per_execution": (picture_model, adam, {"steps_per_execution": 4}),
    # The gradient of a product, read from its factors.
    "plain": (picture_model, lambda: keras.optimizers.SGD(0.1), {}),
    "decay": (
        picture_model,
        lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1, clipnorm=0.1),
        {},
    ),
    "accumulation": (
        picture_model,
        lambda: adam(gradient_accumulation_steps=3),
        {},
    ),
    # Gradients are IndexedSlices, and tokens occur several times in a batch.
    "embedding": (word_model, adam, {}),
    "xla": (picture_model, adam, {"jit_compile": True}),
}

SLOW = {"eager", "decay"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow if n in SLOW else []) for n in CASES],
)
def test_every_step_as_a_gradient_tape_says(name: str, tmp_path: pathlib.Path) -> None:
    build, create_optimizer, arguments = CASES[name]
    x, y = digits()
    if build is word_model:
        x = (x.reshape(len(x), 64) * 16).astype(np.int32)
    model = build()
    start = model.get_weights()
    optimizer = create_optimizer()
    trainings.compiled(model, optimizer=optimizer, **arguments)
    model.fit(
        x,
        y,
        batch_size=trainings.BATCH,
        epochs=2,
        shuffle=False,
        verbose=0,
        callbacks=[KerasViz(tmp_path, weights=None)],
    )
    model.set_weights(start)
    again = create_optimizer()
    grads, updates, norms = reference(
        model, again, 2 * batches_of(x, y), again.gradient_accumulation_steps or 1
    )

    dynamics = tb_kerasviz.load(tmp_path)["."].dynamics()
    assert dynamics.steps.tolist() == list(range(1, len(grads) + 1))
    assert dynamics.variables == tuple(v.path for v in model.trainable_variables)
    # With XLA, rounding differs, and grows from step to step.
    rtol, atol = (1e-2, 1e-3) if name == "xla" else (1e-4, 1e-6)
    for kind in ("mean", "max"):
        grad, update = (
            column(dynamics, f"{k}_norm_{kind}") for k in ("grad", "update")
        )
        np.testing.assert_allclose(grad, grads, rtol, atol)
        np.testing.assert_allclose(update, updates, rtol, atol)
    np.testing.assert_allclose(column(dynamics, "weight_norm"), norms, rtol, atol)
    assert (column(dynamics, "nonfinite") == 0).all()
    assert (column(dynamics, "window") == 1).all()


@keras.saving.register_keras_serializable("tests")
class Unused(layers.Layer):
    """Holds a variable that the loss does not depend on."""

    def build(self, input_shape: Any) -> None:
        self.unused = self.add_weight(shape=(2,), name="unused")

    def call(self, inputs: Any) -> Any:
        return inputs


def test_a_variable_without_a_gradient(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    inputs = keras.Input((8, 8, 1))
    outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(inputs))
    model = trainings.compiled(keras.Model(inputs, Unused()(outputs)))
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        model.fit(x, y, verbose=0, callbacks=[KerasViz(tmp_path)])
    run = tb_kerasviz.load(tmp_path)["."]
    dynamics = run.dynamics()
    unused = next(i for i, p in enumerate(dynamics.variables) if "unused" in p)
    assert np.isnan(column(dynamics, "grad_norm_mean")[:, unused]).all()
    assert (column(dynamics, "update_norm_max")[:, unused] == 0).all()
    assert (column(dynamics, "nonfinite")[:, unused] == 0).all()
    others = np.delete(column(dynamics, "grad_norm_mean"), unused, axis=1)
    assert np.isfinite(others).all()
    assert run.status().notices == ()


@pytest.mark.parametrize("window", [1, 4])
def test_a_gradient_that_is_not_finite(window: int, tmp_path: pathlib.Path) -> None:
    x, y = digits()
    model = trainings.dense()
    x = x.copy()
    x[5 * trainings.BATCH] = np.nan
    log = KerasViz(tmp_path, dynamics=window)
    model.fit(x, y, batch_size=16, shuffle=False, verbose=0, callbacks=[log])
    dynamics = tb_kerasviz.load(tmp_path)["."].dynamics()
    count = column(dynamics, "nonfinite")
    first = column(dynamics, "nonfinite_first_step")
    bad = dynamics.steps >= 6
    assert (count[bad] > 0).all()
    assert (count[~bad] == 0).all()
    assert (first[~bad] == -1).all()
    assert (first[bad][0] == 6).all()
    assert np.isfinite(column(dynamics, "grad_norm_max")[~bad]).all()
    assert dynamics.damaged == 0
    # A kernel's gradient has as many elements as the kernel.
    index = next(i for i, p in enumerate(dynamics.variables) if p.endswith("kernel"))
    steps_of_first_row = 1 if window == 1 else 3
    assert count[bad][0, index] == 64 * 5 * steps_of_first_row


def test_windows_lose_no_spike(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    # A spike in step 6, in the middle of a window.
    weight = np.ones(len(x))
    weight[5 * trainings.BATCH : 6 * trainings.BATCH] = 1000
    rows = {}
    for window in (1, 4):
        keras.utils.set_random_seed(1)
        model = trainings.dense(optimizer=keras.optimizers.SGD(1e-6))
        log = KerasViz(tmp_path / str(window), dynamics=window, weights=None)
        model.fit(
            x, y, 16, sample_weight=weight, shuffle=False, verbose=0, callbacks=[log]
        )
        rows[window] = tb_kerasviz.load(tmp_path)[str(window)].dynamics()
    assert rows[1].steps.tolist() == list(range(1, 11))
    assert rows[4].steps.tolist() == [4, 8, 10]
    assert column(rows[4], "window")[:, 0].tolist() == [4, 4, 2]
    for name in ("grad_norm", "update_norm"):
        single, maximum, mean = (
            column(rows[w], f"{name}_{kind}")
            for w, kind in ((1, "max"), (4, "max"), (4, "mean"))
        )
        for row, part in enumerate((slice(0, 4), slice(4, 8), slice(8, 10))):
            np.testing.assert_allclose(
                maximum[row], single[part].max(axis=0), rtol=1e-5
            )
            np.testing.assert_allclose(mean[row], single[part].mean(axis=0), rtol=1e-5)
    spike = column(rows[1], "grad_norm_max")[:, 0]
    assert spike.argmax() == 5
    assert column(rows[4], "grad_norm_max")[:, 0].argmax() == 1
    np.testing.assert_array_equal(
        column(rows[4], "weight_norm"), column(rows[1], "weight_norm")[[3, 7, 9]]
    )


@pytest.mark.parametrize("steps_per_execution", [1, 7])
def test_no_step_is_lost_in_a_long_epoch(
    steps_per_execution: int, tmp_path: pathlib.Path
) -> None:
    # Far more steps in an epoch than the ring on the device holds.
    x, y = digits()
    model = trainings.dense(steps_per_execution=steps_per_execution)
    log = KerasViz(tmp_path, weights=None)
    model.fit(np.tile(x, (3, 1, 1, 1)), np.tile(y, 3), batch_size=1, verbose=0,
              callbacks=[log])  # fmt: skip
    steps = 3 * len(x)
    dynamics = tb_kerasviz.load(tmp_path)["."].dynamics()
    assert dynamics.steps.tolist() == list(range(1, steps + 1))
    assert (column(dynamics, "window") == 1).all()


def test_skipped_steps_of_a_loss_scale_are_no_steps(tmp_path: pathlib.Path) -> None:
    keras.config.set_dtype_policy("mixed_float16")
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1), initial_scale=2.0**20
    )
    x, y = digits()
    model = trainings.dense(optimizer=optimizer)
    model.fit(x, y, batch_size=16, verbose=0, callbacks=[KerasViz(tmp_path)])
    applied = int(optimizer.iterations.numpy())
    assert 0 < applied < trainings.BATCHES
    run = tb_kerasviz.load(tmp_path)["."]
    dynamics = run.dynamics()
    assert dynamics.steps.tolist() == list(range(1, applied + 1))
    # Unscaled: the update of plain SGD is the gradient times its rate.
    np.testing.assert_allclose(
        column(dynamics, "update_norm_mean"),
        0.1 * column(dynamics, "grad_norm_mean"),
        rtol=1e-2,
    )
    assert run.steps("weights") == [0, applied]
    assert run.status().notices == ()
