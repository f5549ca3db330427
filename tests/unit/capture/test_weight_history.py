from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from tb_kerasviz.capture import weights
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.weight_history import Change, WeightHistory
from tb_kerasviz.capture.weights import WeightSnapshot, snapshot_weights
from tests.unit.capture import models

Array = np.ndarray[Any, Any]


def measure(history: WeightHistory, step: int, **values: Array) -> dict[str, Change]:
    comparison = history.compare(step, {k: v.nbytes for k, v in values.items()})
    found = {path: comparison.measure(path, v) for path, v in values.items()}
    comparison.finish()
    return found


def random_values(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def distance(one: Array, other: Array) -> float:
    return float(np.linalg.norm((one.astype(np.float64) - other).ravel()))


# Large enough for several of the parts that are worked on at once.
@pytest.mark.parametrize("shape", [(), (3,), (0, 2), (700, 900)])
def test_changes_are_norms_of_differences(shape: tuple[int, ...]) -> None:
    history = WeightHistory()
    a, b, c = (random_values(seed, *shape) for seed in range(3))

    assert measure(history, 0, w=a)["w"] == Change(None, None)
    second, third = measure(history, 4, w=b)["w"], measure(history, 9, w=c)["w"]
    assert second.since_previous == pytest.approx(distance(a, b), rel=1e-12)
    assert second.since_start == second.since_previous
    assert third.since_previous == pytest.approx(distance(b, c), rel=1e-12)
    assert third.since_start == pytest.approx(distance(a, c), rel=1e-12)


def test_a_capture_says_what_it_was_compared_with() -> None:
    history = WeightHistory()
    steps = []
    for step in (3, 5, 8):
        comparison = history.compare(step, {})
        steps.append((comparison.previous_step, comparison.start_step))
        comparison.finish()

    assert steps == [(None, None), (3, 3), (5, 3)]


def test_elements_that_are_not_finite_are_left_out() -> None:
    history = WeightHistory()
    bad = [np.nan, np.inf, -np.inf, 1, 1]
    measure(history, 0, w=np.array([1, 1, np.inf, 1, 1], np.float32))
    found = measure(history, 1, w=np.array([*bad[:3], 4, 5], np.float32))
    assert found["w"].since_previous == 5

    found = measure(history, 2, w=np.full(5, np.nan, np.float32))
    assert found["w"] == Change(None, None)


def test_a_variable_of_another_shape_is_a_new_one() -> None:
    history = WeightHistory()
    measure(history, 0, w=np.zeros((2, 3), np.float32))

    found = measure(history, 1, w=np.ones((3, 2), np.float32), v=np.ones(1, np.float32))
    assert found == {"w": Change(None, None), "v": Change(None, None)}
    assert measure(history, 2, w=np.ones((3, 2), np.float32))["w"] == Change(0, None)


def test_the_largest_variables_are_left_out_where_memory_ends() -> None:
    history = WeightHistory(max_bytes=1000)
    values = {
        "large": np.ones(100, np.float32),
        "a": np.ones(50, np.float32),
        "b": np.ones(60, np.float32),
    }
    measure(history, 0, **values)
    comparison = history.compare(1, {k: v.nbytes for k, v in values.items()})

    assert comparison.cut == (
        "changes of 2 of 3 variables, the smallest: at most 0 MiB of earlier values "
        "are held"
    )
    assert comparison.measure("large", values["large"]) == Change(None, None)
    assert comparison.measure("b", values["b"] * 2).since_previous == 60**0.5


def test_a_capture_that_comes_after_a_later_one_is_compared_with_nothing() -> None:
    history = WeightHistory()
    one = np.ones(1, np.float32)
    measure(history, 0, w=one)
    measure(history, 6, w=one * 3)

    assert measure(history, 5, w=one * 9)["w"] == Change(None, None)
    assert measure(history, 7, w=one * 4)["w"] == Change(1, 3)


def captures(model: keras.Model, budget: int = 2**20) -> list[WeightSnapshot]:
    """Snapshots at the steps 0, 1, 2 between which every value grows by 0.5."""
    history, everything = WeightHistory(), create_layer_filter(None)
    found = []
    for step in range(3):
        found.append(snapshot_weights(model, step, budget, everything, history))
        for variable in model.weights:
            variable.assign(variable.value + 0.5)
    return found


@pytest.mark.parametrize("reduced_at_once", [False, True])
def test_captures_hold_the_changes_of_every_variable(
    reduced_at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reduced_at_once:
        # As for a large model: variable by variable, while training waits.
        monkeypatch.setattr(weights, "MAX_SNAPSHOT_BYTES", 100)
    first, second, third = (s.reduce() for s in captures(models.sequential()))

    steps = [(c.previous_step, c.start_step) for c in (first, second, third)]
    assert steps == [(None, None), (0, 0), (1, 0)]
    for before, one, two in zip(
        first.variables, second.variables, third.variables, strict=True
    ):
        assert (before.change, before.change_from_start) == (None, None)
        unit = 0.5 * np.prod(one.shape) ** 0.5
        assert (one.change, one.change_from_start) == pytest.approx((unit, unit))
        assert (two.change, two.change_from_start) == pytest.approx((unit, 2 * unit))
        assert third.changes_cut == ""


def test_a_snapshot_that_is_not_logged_is_still_compared_with() -> None:
    first, second, _ = captures(models.sequential())
    first.remember()

    capture = second.reduce()
    assert (capture.previous_step, capture.start_step) == (0, 0)
    for variable in capture.variables:
        wanted = 0.5 * np.prod(variable.shape) ** 0.5
        assert variable.change == pytest.approx(wanted)


def test_one_that_was_dropped_is_not_compared_with() -> None:
    first, _, third = captures(models.sequential())
    first.reduce()

    capture = third.reduce()
    assert capture.previous_step == 0
    for variable in capture.variables:
        assert variable.change == pytest.approx(np.prod(variable.shape) ** 0.5)
