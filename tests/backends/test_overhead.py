"""What logging costs, as a fit measures and says it."""

from __future__ import annotations

import pathlib
import time

import keras
import pytest

import tb_kerasviz
from tb_kerasviz import KerasViz
from tests.backends import trainings

X, Y = trainings.digits()


def fit(model: keras.Model, log: KerasViz, epochs: int) -> float:
    """Trains; returns the wall time."""
    began = time.perf_counter()
    model.fit(X, Y, batch_size=16, epochs=epochs, verbose=0, callbacks=[log])
    return time.perf_counter() - began


def test_the_cost_of_a_fit_is_in_its_status(tmp_path: pathlib.Path) -> None:
    wall_secs = fit(trainings.dense(), KerasViz(tmp_path, probe=X[:2]), 2)
    status = tb_kerasviz.load(tmp_path)["."].status()

    assert 0 < status.overhead_secs < status.training_secs <= wall_secs
    assert status.writer_cpu_secs > 0
    assert (status.captures_skipped, status.skipped_steps) == (0, ())


def test_dear_captures_are_made_less_often_and_that_is_said(
    tmp_path: pathlib.Path,
) -> None:
    def choose(path: str) -> bool:
        time.sleep(0.1)  # For each of three layers, in every capture of weights.
        return True

    log = KerasViz(tmp_path, layers=choose, max_overhead=0.002)
    fit(trainings.dense(), log, 8)
    run = tb_kerasviz.load(tmp_path)["."]
    status = run.status()

    captured = run.steps("weights")
    assert sorted([*captured, *status.skipped_steps]) == list(range(0, 90, 10))
    assert captured[0] == 0
    assert status.captures_skipped == len(status.skipped_steps) > 0
    assert status.overhead_secs >= 0.3 * len(captured)
    (notice,) = status.notices
    assert (notice.step, notice.topic) == (status.skipped_steps[0], "captures")
    assert "max_overhead=None" in notice.message
    # All else is logged as ever.
    assert len(run.dynamics().steps) == 80
    assert len(run.scalars("epoch_loss").steps) == 8


def test_without_a_limit_every_capture_is_made(tmp_path: pathlib.Path) -> None:
    def choose(path: str) -> bool:
        time.sleep(0.1)
        return True

    log = KerasViz(tmp_path, layers=choose, dynamics=None, max_overhead=None)
    fit(trainings.dense(), log, 3)
    run = tb_kerasviz.load(tmp_path)["."]

    assert run.steps("weights") == [0, 10, 20, 30]
    status = run.status()
    assert status.notices == ()
    assert status.overhead_secs >= 4 * 0.3
    assert status.overhead_secs / status.training_secs > 0.1


@pytest.mark.only_on("jax")
def test_the_wait_for_what_is_given_is_the_own_time_of_a_loop(
    tmp_path: pathlib.Path,
) -> None:
    import jax

    @jax.jit
    def compute_slowly(matrix: jax.Array) -> jax.Array:
        return jax.lax.fori_loop(0, 2000, lambda _, x: jax.numpy.tanh(x @ x), matrix)

    matrix = jax.numpy.full((200, 200), 0.01)
    compute_slowly(matrix).block_until_ready()
    with tb_kerasviz.Writer(tmp_path) as writer:
        writer.write_scalars(0, {"loss": 0})
        for step in range(1, 4):
            # A call of JAX returns before it has computed.
            writer.write_scalars(step, {"loss": compute_slowly(matrix)[0, 0]})
    status = tb_kerasviz.load(tmp_path)["."].status()

    # Nearly all of that time is the computation's.
    assert 0 < status.overhead_secs < 0.5 * status.training_secs
