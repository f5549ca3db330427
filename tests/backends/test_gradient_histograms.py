"""The histograms are those of the true gradients of the true training."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest

import tb_kerasviz
from tb_kerasviz import KerasViz
from tb_kerasviz.reader import Run
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, WEIGHT_STATS
from tests.backends import reference, trainings
from tests.backends.own_steps import Adversarial, OwnTrainStep
from tests.backends.test_dynamics import adam, picture_model, sgd, word_model
from tests.backends.trainings import Array, digits


def fit(model: keras.Model, log_dir: pathlib.Path, **arguments: Any) -> Run:
    """Trains for three epochs, and reads what was logged."""
    x, y = digits()
    if model.input_shape == (None, 64):
        x = (x.reshape(len(x), 64) * 16).astype(np.int32)
    log = KerasViz(log_dir, gradient_histograms=True, **arguments)
    model.fit(
        x,
        y,
        batch_size=trainings.BATCH,
        epochs=3,
        shuffle=False,
        verbose=0,
        callbacks=[log],
    )
    run = tb_kerasviz.load(log_dir)["."]
    assert run.status().notices == ()
    return run


def binned(values: Array, edges: Array) -> Array:
    """Counts of finite values, by NumPy; the zeros' bin is between the smallest."""
    values = values[np.isfinite(values)].astype(np.float64)
    zero = int(np.searchsorted(edges, 0.0)) - 1
    counts = np.zeros(len(edges) - 1, np.int64)
    positive, negative = values[values > 0], -values[values < 0]
    counts[zero] = np.sum(values == 0)
    counts[zero + 1 :] = in_octaves(positive, edges[zero + 1 :])
    counts[:zero] = in_octaves(negative, -edges[: zero + 1][::-1])[::-1]
    assert counts.sum() == len(values)
    return counts


def in_octaves(values: Array, edges: Array) -> Array:
    places = np.searchsorted(edges, values, side="right") - 1
    return np.bincount(places, minlength=len(edges) - 1)


def assert_equal(run: Run, step: int, path: str, truth: Array) -> None:
    """Of the gradients of the framework itself, but for the last bits of a value.

    A value beside an edge may be rounded to the other side of it.
    """
    found = run.gradients(path, step)
    assert found.columns == WEIGHT_STATS
    assert found.counts.sum() == truth.size
    assert found.counts.dtype == np.int64
    wide = np.concatenate([found.edges, 2 * found.edges[[0, -1]]])
    wide.sort()
    expected = binned(truth, wide)
    shown = np.pad(found.counts, 1)
    # What moved over an edge is in the next bin.
    moved = np.cumsum(shown - expected)
    assert np.abs(moved).max() <= max(1, truth.size // 100), (path, step)
    stats = dict(zip(found.columns, found.stats, strict=True))
    flat = truth.astype(np.float64)
    wanted = {
        "min": flat.min(),
        "max": flat.max(),
        "mean": flat.mean(),
        "std": flat.std(),
        "norm": np.linalg.norm(flat.ravel()),
        "zero_fraction": np.mean(truth == 0),
        "nonfinite": 0,
    }
    size = np.abs(flat).max()
    for name, value in wanted.items():
        np.testing.assert_allclose(
            stats[name], value, 2e-3, 1e-5 * max(size, 1e-3), err_msg=f"{name} {path}"
        )


def true_gradients(
    model: keras.Model, optimizer: keras.optimizers.Optimizer
) -> list[list[Array]]:
    """Gradients of every optimizer step of three epochs."""
    x, y = digits()
    if model.input_shape == (None, 64):
        x = (x.reshape(len(x), 64) * 16).astype(np.int32)
    every = optimizer.gradient_accumulation_steps or 1
    variables = model.trainable_variables
    steps: list[list[Array]] = []
    sums: list[Array] = []
    batches = 3 * reference.batches_of(x, y, trainings.BATCH)
    for number, batch in enumerate(batches, 1):
        _, given = reference.gradients(model, *batch)
        grads = [reference.dense(grad) for grad in given]
        sums = [a + b for a, b in zip(sums, grads, strict=True)] if sums else grads
        reference.apply(optimizer, given, variables)
        if number % every == 0:
            steps.append([one / every for one in sums])
            sums = []
    return steps


CASES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "graph": (picture_model, adam, {}),
    "eager": (picture_model, adam, {"run_eagerly": True}),
    "jit": (picture_model, adam, {"jit_compile": True}),
    "steps_per_execution": (picture_model, adam, {"steps_per_execution": 4}),
    # The gradient of a product, read from its factors.
    "plain": (picture_model, sgd, {}),
    "clipnorm": (picture_model, lambda: sgd(clipnorm=0.3), {}),
    "loss_scale_factor": (picture_model, lambda: adam(loss_scale_factor=64.0), {}),
    "accumulation": (
        picture_model,
        lambda: adam(gradient_accumulation_steps=3, global_clipnorm=0.2),
        {},
    ),
    # Gradients are IndexedSlices, and tokens occur several times in a batch.
    "embedding": (word_model, adam, {}),
}
SLOW = {"eager", "clipnorm", "loss_scale_factor"}
NOT_ON = {"torch": {"steps_per_execution", "jit"}}


def cases() -> list[Any]:
    missing = NOT_ON.get(keras.backend.backend(), set())
    return [
        pytest.param(name, marks=pytest.mark.slow if name in SLOW else [])
        for name in CASES
        if name not in missing
    ]


@pytest.mark.parametrize("name", cases())
def test_wanted_steps_as_the_framework_says(name: str, tmp_path: pathlib.Path) -> None:
    build, create_optimizer, arguments = CASES[name]
    model = build()
    start = model.get_weights()
    trainings.compiled(model, optimizer=create_optimizer(), **arguments)
    run = fit(model, tmp_path)
    captures = run.steps("weights")
    steps = run.steps("gradients")
    # The first step, and the first one after each capture that has one.
    assert steps == [step + 1 for step in captures[:-1]]
    assert len(steps) == 3

    model.set_weights(start)
    optimizer = create_optimizer()
    optimizer.loss_scale_factor = None  # The truth is never scaled.
    truth = true_gradients(model, optimizer)
    paths = [variable.path for variable in model.trainable_variables]
    assert [one.path for one in run.gradient_index(steps[0]).variables] == paths
    for step in steps:
        for path, grad in zip(paths, truth[step - 1], strict=True):
            assert_equal(run, step, path, grad)


def test_a_trend_has_one_set_of_bins(tmp_path: pathlib.Path) -> None:
    model = trainings.dense()
    run = fit(model, tmp_path)
    path = model.trainable_variables[0].path
    trend = run.gradient_trend(path)
    assert trend.steps.tolist() == run.steps("gradients")
    for row, step in enumerate(trend.steps):
        found = run.gradients(path, int(step))
        places = np.searchsorted(trend.edges, found.edges)
        zero = int(np.searchsorted(found.edges, 0.0)) - 1
        for at, count in enumerate(found.counts):
            if at != zero:  # Whose bin is as wide as the smallest octave leaves it.
                assert trend.counts[row, places[at]] == count
        assert trend.counts[row].sum() == found.counts.sum()
        np.testing.assert_array_equal(trend.stats[row], found.stats)
    with pytest.raises(KeyError, match="no gradients of 'nothing'"):
        run.gradient_trend("nothing")


def test_after_every_few_steps(tmp_path: pathlib.Path) -> None:
    run = fit(trainings.dense(), tmp_path, weights=4)
    assert run.steps("weights") == [0, 4, 8, 12, 16, 20, 24, 28]
    assert run.steps("gradients") == [1, 5, 9, 13, 17, 21, 25, 29]


def test_after_each_step(tmp_path: pathlib.Path) -> None:
    run = fit(trainings.dense(), tmp_path, weights=1, max_overhead=None)
    last = 3 * trainings.BATCHES
    captures = run.steps("weights")
    assert run.steps("gradients") == [step + 1 for step in captures if step < last]
    assert 20 < len(captures) < last  # They become sparser.


def test_off_by_default(tmp_path: pathlib.Path) -> None:
    trainings.Training(trainings.dense).run(tmp_path, epochs=1)
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.steps("gradients") == []
    assert run.dynamics().steps.size


def test_only_of_the_chosen_layers(tmp_path: pathlib.Path) -> None:
    model = trainings.convolutional()
    run = fit(model, tmp_path, layers="conv2d")
    paths = [one.path for one in run.gradient_index(1).variables]
    assert paths == [v.path for v in model.layers[0].trainable_variables]


def test_zeros_and_values_that_are_not_finite(tmp_path: pathlib.Path) -> None:
    """Zeros have a bin of their own; what is not finite is in none."""
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(6, activation="relu", bias_initializer="ones"),
            keras.layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse", jit_compile=False)
    kernel = np.ones((64, 6), np.float32)
    kernel[:, :2] = -1  # Two units that never answer.
    model.layers[0].set_weights([kernel, np.ones(6, np.float32)])
    x = np.ones((8, 64), np.float32)
    x[:, 0] = np.inf
    log = KerasViz(tmp_path, gradient_histograms=True)
    model.fit(x, np.ones((8, 1)), epochs=1, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    dynamics = run.dynamics()
    for variable in model.trainable_variables:
        found = run.gradients(variable.path, 1)
        size = int(np.prod(variable.shape))
        stats = dict(zip(found.columns, found.stats, strict=True))
        row = dynamics.values[0, dynamics.variables.index(variable.path)]
        assert stats["nonfinite"] == row[DYNAMICS_COLUMNS.index("nonfinite")]
        assert found.counts.sum() == size - stats["nonfinite"]
    assert stats["nonfinite"] == 1


def test_a_loss_scale_is_taken_out_and_skipped_steps_are_waited_for(
    tmp_path: pathlib.Path,
) -> None:
    keras.config.set_dtype_policy("mixed_float16")
    model = trainings.convolutional(
        optimizer=keras.optimizers.LossScaleOptimizer(
            keras.optimizers.Adam(0.01), initial_scale=2.0**18
        )
    )
    run = fit(model, tmp_path)
    assert run.steps("gradients") == [step + 1 for step in run.steps("weights")[:-1]]
    dynamics = run.dynamics()
    for step in run.steps("gradients"):
        row = dynamics.values[dynamics.steps.tolist().index(step)]
        for path, values in zip(dynamics.variables, row, strict=True):
            found = run.gradients(path, step)
            stats = dict(zip(found.columns, found.stats, strict=True))
            norm = values[DYNAMICS_COLUMNS.index("grad_norm_max")]
            np.testing.assert_allclose(stats["norm"], norm, 1e-4, 1e-12)
            assert stats["nonfinite"] == 0


def test_a_variable_without_a_gradient(tmp_path: pathlib.Path) -> None:
    class Unused(keras.layers.Layer):
        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(name="scale", shape=(shape[-1],))
            self.lonely = self.add_weight(name="lonely", shape=(3,))

        def call(self, inputs: Any) -> Any:
            return inputs * self.scale

    model = keras.Sequential([keras.Input((64,)), Unused(), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    x = digits()[0].reshape(-1, 64)
    log = KerasViz(tmp_path, gradient_histograms=True)
    model.fit(x, x[:, :1], epochs=1, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    lonely = model.layers[0].lonely.path
    if keras.backend.backend() == "jax":  # Where it is zero and not none.
        assert run.gradients(lonely, 1).counts.tolist() == [3]
        return
    assert [one.path for one in run.gradient_index(1).skipped] == [lonely]
    with pytest.raises(KeyError, match="it had no gradient in this step"):
        run.gradients(lonely, 1)
    assert run.gradients(model.layers[0].scale.path, 1).counts.sum() == 64


def test_a_train_step_of_ones_own_that_builds_the_model(
    tmp_path: pathlib.Path,
) -> None:
    trainings.Training(lambda: trainings.compiled(OwnTrainStep())).run(
        tmp_path, [KerasViz(tmp_path / "own", gradient_histograms=True)]
    )
    run = tb_kerasviz.load(tmp_path / "own")["."]
    assert run.status().notices == ()
    assert run.steps("gradients")[0] == 1
    assert len(run.gradient_index(1).variables) == 6


@pytest.mark.only_on("tensorflow", "torch")
def test_several_optimizers(tmp_path: pathlib.Path) -> None:
    model = Adversarial(critic_steps=2)
    model.compile(jit_compile=False)
    log = KerasViz(tmp_path, gradient_histograms=True)
    x = digits()[0]
    model.fit(x, batch_size=16, epochs=2, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.status().notices == ()
    steps = run.steps("gradients")
    assert len(steps) == 2
    for step in steps:
        index = run.gradient_index(step)
        assert {one.path for one in index.variables} == {
            variable.path for variable in model.trainable_variables
        }
        assert not index.skipped


def test_of_a_custom_loop(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    model = trainings.dense()
    _, grads = reference.gradients(model, x[:16], y[:16])
    with tb_kerasviz.Writer(tmp_path) as writer:
        writer.write_gradients(1, model, grads, histograms=True)
        writer.write_gradients(2, model, [None] * len(grads), histograms=True)
        writer.write_gradients(3, model, grads)
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.steps("dynamics")[-1] == 3
    assert run.steps("gradients") == [1, 2]
    for variable, grad in zip(model.trainable_variables, grads, strict=True):
        assert_equal(run, 1, variable.path, reference.dense(grad))
    assert not run.gradient_index(2).variables
    assert len(run.gradient_index(2).skipped) == len(grads)


def test_a_failure_leaves_the_norms(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tb_kerasviz.capture.backends import gradient_histograms

    def fail(*_: Any) -> Any:
        raise RuntimeError("as it may happen")

    monkeypatch.setattr(gradient_histograms, "_moments", fail)
    log = KerasViz(tmp_path, gradient_histograms=True)
    x, y = digits()
    model = trainings.dense()
    model.fit(x, y, batch_size=16, epochs=2, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    (notice,) = run.status().notices
    assert notice.topic == "gradients"
    assert "could not be counted: as it may happen" in notice.message
    assert run.steps("gradients") == []
    assert run.dynamics().steps.tolist() == list(range(1, 21))


def test_a_choice_of_layers_that_fails_leaves_the_norms(
    tmp_path: pathlib.Path,
) -> None:
    def choose(path: str) -> bool:
        raise RuntimeError(f"what of {path}?")

    log = KerasViz(tmp_path, gradient_histograms=True, layers=choose)
    x, y = digits()
    trainings.dense().fit(x, y, batch_size=16, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    assert {notice.topic for notice in run.status().notices} >= {"gradients"}
    assert run.dynamics().steps.size == trainings.BATCHES
