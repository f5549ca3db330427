"""The logged norms are those of the true steps of the true training."""

from __future__ import annotations

import contextlib
import pathlib
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import tb_kerasviz
from tb_kerasviz import KerasViz
from tb_kerasviz.analysis.nonfinite_origin import FirstNonfinite
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS
from tests.backends import reference, trainings
from tests.backends.own_steps import Adversarial, Unused
from tests.backends.reading import column, total
from tests.backends.trainings import digits


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


def nested_model() -> keras.Model:
    """A shared layer, in a model inside of the model."""
    shared = layers.Dense(8, activation="relu")
    inner = keras.Sequential([keras.Input((8,)), shared, shared])
    image = keras.Input((8, 8, 1))
    flat = layers.Dense(8)(layers.Flatten()(image))
    outputs = layers.Dense(10, activation="softmax")(inner(flat) + shared(flat))
    return keras.Model(image, outputs)


def sgd(**arguments: Any) -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(0.1, **arguments)


def scheduled() -> keras.optimizers.Optimizer:
    rate = keras.optimizers.schedules.CosineDecay(0.1, 20, warmup_steps=3)
    return keras.optimizers.SGD(rate, momentum=0.9)


CASES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "graph": (picture_model, adam, {}),
    "eager": (picture_model, adam, {"run_eagerly": True}),
    "steps_per_execution": (picture_model, adam, {"steps_per_execution": 4}),
    # The gradient of a product, read from its factors.
    "plain": (picture_model, sgd, {}),
    "schedule": (picture_model, scheduled, {}),
    "clipnorm": (picture_model, lambda: sgd(clipnorm=0.3), {}),
    "global_clipnorm": (picture_model, lambda: sgd(global_clipnorm=0.5), {}),
    "clipvalue": (picture_model, lambda: sgd(clipvalue=0.02), {}),
    "decay": (
        picture_model,
        lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1, clipnorm=0.1),
        {},
    ),
    "moving_average": (
        picture_model,
        lambda: sgd(use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3),
        {},
    ),
    "loss_scale_factor": (picture_model, lambda: adam(loss_scale_factor=64.0), {}),
    "accumulation": (
        picture_model,
        lambda: adam(gradient_accumulation_steps=3, global_clipnorm=0.2),
        {},
    ),
    # Gradients are IndexedSlices, and tokens occur several times in a batch.
    "embedding": (word_model, adam, {}),
    "nested": (nested_model, adam, {}),
    "sample_weight": (picture_model, sgd, {}),
    "jit": (picture_model, adam, {"jit_compile": True}),
}

SLOW = {"eager", "decay", "clipnorm", "moving_average", "loss_scale_factor"}
NOT_ON = {"torch": {"steps_per_execution", "jit"}}
"""What Keras does not have there, or what needs a compiler for C++."""


def cases() -> list[Any]:
    missing = NOT_ON.get(keras.backend.backend(), set())
    slow = pytest.mark.slow
    return [
        pytest.param(name, marks=slow if name in SLOW else [])
        for name in CASES
        if name not in missing
    ]


@pytest.mark.parametrize("name", cases())
def test_every_step_as_the_framework_says(name: str, tmp_path: pathlib.Path) -> None:
    build, create_optimizer, arguments = CASES[name]
    x, y = digits()
    if build is word_model:
        x = (x.reshape(len(x), 64) * 16).astype(np.int32)
    weights = []
    if name == "sample_weight":
        weights = [np.linspace(0, 3, len(y), dtype=np.float32)]
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
        sample_weight=weights[0] if weights else None,
        callbacks=[KerasViz(tmp_path, weights=None)],
    )
    model.set_weights(start)
    batches = 2 * reference.batches_of(x, y, trainings.BATCH, *weights)
    truth = reference.train(model, create_optimizer(), batches)

    run = tb_kerasviz.load(tmp_path)["."]
    assert run.status().notices == ()
    dynamics, totals = run.dynamics(), run.step_dynamics()
    steps = list(range(1, len(truth.grads) + 1))
    assert dynamics.steps.tolist() == totals.steps.tolist() == steps
    assert dynamics.variables == tuple(v.path for v in model.trainable_variables)
    # Where it is compiled, rounding differs, and grows from step to step.
    compiled = name == "jit" or keras.backend.backend() == "jax"
    rtol, atol = (1e-2, 1e-3) if compiled else (1e-4, 1e-6)
    for kind in ("mean", "max"):
        for found, expected in (
            (column(dynamics, f"grad_norm_{kind}"), truth.grads),
            (column(dynamics, f"update_norm_{kind}"), truth.updates),
            (total(totals, f"global_norm_{kind}"), truth.global_norm),
            (total(totals, f"clipped_norm_{kind}"), truth.clipped_norm),
        ):
            np.testing.assert_allclose(found, expected, rtol, atol)
    np.testing.assert_allclose(
        column(dynamics, "weight_norm"), truth.weights, rtol, atol
    )
    # Of a gradient that is as good as zero, the last bit decides.
    np.testing.assert_allclose(
        column(dynamics, "grad_zero_fraction"), truth.zeros, atol=0.02
    )
    np.testing.assert_allclose(total(totals, "learning_rate"), truth.rates, 1e-5)
    np.testing.assert_allclose(total(totals, "loss_mean"), truth.losses, rtol, atol)
    for name_, value in (("nonfinite", 0), ("weight_nonfinite", 0), ("window", 1)):
        assert (column(dynamics, name_) == value).all()
    assert (total(totals, "skipped") == 0).all()
    scale = create_optimizer().loss_scale_factor
    found_scale = total(totals, "loss_scale")
    assert np.isnan(found_scale).all() if scale is None else (found_scale == 64).all()


def test_the_first_steps_are_as_exact_where_they_are_compiled(
    tmp_path: pathlib.Path,
) -> None:
    # Before rounding errors have grown.
    x, y = digits()
    model = picture_model()
    start = model.get_weights()
    compiled_by_default = keras.backend.backend() != "torch"
    trainings.compiled(model, optimizer=sgd(), jit_compile=compiled_by_default)
    size = trainings.BATCH
    log = KerasViz(tmp_path, weights=None)
    model.fit(x[:size], y[:size], size, shuffle=False, verbose=0, callbacks=[log])
    model.set_weights(start)
    truth = reference.train(model, sgd(), [(x[:size], y[:size])])
    dynamics = tb_kerasviz.load(tmp_path)["."].dynamics()
    for name, expected in (
        ("grad_norm_mean", truth.grads),
        ("update_norm_mean", truth.updates),
        ("weight_norm", truth.weights),
    ):
        # A bias before a batch normalisation has a gradient of rounding only.
        np.testing.assert_allclose(column(dynamics, name), expected, 1e-4, 1e-6)


def test_a_variable_without_a_gradient(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    inputs = keras.Input((8, 8, 1))
    outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(inputs))
    model = trainings.compiled(keras.Model(inputs, Unused()(outputs)))
    # On JAX, what the loss does not depend on has a gradient: zero.
    zero = keras.backend.backend() == "jax"
    with (
        contextlib.nullcontext()
        if zero
        else pytest.warns(UserWarning, match="Gradients do not exist")
    ):
        model.fit(x, y, verbose=0, callbacks=[KerasViz(tmp_path)])
    run = tb_kerasviz.load(tmp_path)["."]
    dynamics = run.dynamics()
    unused = next(i for i, p in enumerate(dynamics.variables) if "unused" in p)
    norms = column(dynamics, "grad_norm_mean")[:, unused]
    zeros = column(dynamics, "grad_zero_fraction")[:, unused]
    assert (norms == 0).all() if zero else np.isnan(norms).all()
    assert (zeros == 1).all() if zero else np.isnan(zeros).all()
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
    # The loss is computed before the gradients.
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.first_nonfinite() == FirstNonfinite(6, "loss", ())
    (notice,) = run.status().notices
    assert notice.topic == "nonfinite"
    assert "the loss is NaN or infinite in step 6" in notice.message
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


@pytest.mark.parametrize(
    "steps_per_execution", [1] if keras.backend.backend() == "torch" else [1, 7]
)
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
    totals = run.step_dynamics()
    scales = total(totals, "loss_scale")
    # Those after the last step come before none.
    late = np.log2(scales[-1] / float(reference.to_numpy(optimizer.dynamic_scale)))
    assert total(totals, "skipped").sum() + late == trainings.BATCHES - applied
    assert scales[0] == 2.0**20 / 2 ** total(totals, "skipped")[0]
    assert np.isfinite(total(totals, "global_norm_max")).all()
    # Unscaled: the update of plain SGD is the gradient times its rate.
    np.testing.assert_allclose(
        column(dynamics, "update_norm_mean"),
        0.1 * column(dynamics, "grad_norm_mean"),
        rtol=1e-2,
    )
    assert run.steps("weights") == [0, applied]
    assert run.status().notices == ()


def test_a_step_that_is_too_large_breaks_the_weights_first(
    tmp_path: pathlib.Path,
) -> None:
    x, y = digits()
    model = trainings.dense(optimizer=keras.optimizers.SGD(3e38))
    weight = np.full(len(y), 1000.0)
    log = KerasViz(tmp_path)
    model.fit(x, y, 16, sample_weight=weight, shuffle=False, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    dynamics, totals = run.dynamics(), run.step_dynamics()
    broken = column(dynamics, "weight_nonfinite")[0] > 0
    assert broken.any()
    assert (column(dynamics, "weight_nonfinite_first_step")[0, broken] == 1).all()
    assert (column(dynamics, "nonfinite")[0] == 0).all()
    assert np.isfinite(total(totals, "loss_mean")[0])
    first = run.first_nonfinite()
    assert first is not None
    assert (first.step, first.kind) == (1, "weight")
    names = np.array(dynamics.variables)[broken]
    assert first.variables == tuple(names.tolist())
    assert [n.topic for n in run.status().notices] == ["nonfinite"]
    assert "weights are NaN or infinite" in run.status().notices[0].message


@pytest.mark.only_on("tensorflow", "torch")
def test_every_optimizer_of_a_model(tmp_path: pathlib.Path) -> None:
    model = Adversarial(critic_steps=2)
    model.compile(jit_compile=False)
    log = KerasViz(tmp_path)
    model.fit(digits()[0], batch_size=16, epochs=2, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    dynamics = run.dynamics()
    assert run.status().notices == ()
    # A step is counted by the optimizer that makes the most.
    assert dynamics.steps.tolist() == list(range(1, 4 * trainings.BATCHES + 1))
    critic = np.array(["critic" in path for path in dynamics.variables])
    grads, updates = (column(dynamics, f"{n}_norm_mean") for n in ("grad", "update"))
    # The critic steps twice in a batch, the generator after it.
    assert np.isfinite(grads[:, critic]).all()
    np.testing.assert_allclose(updates[:, critic], 0.05 * grads[:, critic], 1e-3, 1e-6)
    assert np.isfinite(grads[1::2, ~critic]).all()
    assert np.isnan(grads[::2, ~critic]).all()
    assert (updates[1::2, ~critic] > 0).all()
    assert (updates[::2, ~critic] == 0).all()


def test_numbers_to_compare_with_other_backends(
    tmp_path: pathlib.Path, numbers_dir: pathlib.Path
) -> None:
    x, y = digits()
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    random = np.random.default_rng(1)
    model.set_weights([random.normal(0, 0.2, w.shape) for w in model.get_weights()])
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9, global_clipnorm=1.0)
    trainings.compiled(model, optimizer=optimizer)
    model.fit(x, y, 16, shuffle=False, verbose=0, callbacks=[KerasViz(tmp_path)])
    run = tb_kerasviz.load(tmp_path)["."]
    dynamics, totals = run.dynamics(), run.step_dynamics()
    numbers = {name: column(dynamics, name) for name in DYNAMICS_COLUMNS[:-1]}
    numbers |= {name: total(totals, name) for name in STEP_COLUMNS[:-1]}
    for name, values in numbers.items():
        np.save(numbers_dir / f"{name}.npy", values)
