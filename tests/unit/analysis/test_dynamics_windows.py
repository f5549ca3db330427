from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_kerasviz.analysis import dynamics_windows
from tb_kerasviz.analysis.dynamics_windows import (
    DynamicsRow,
    WindowAggregator,
    summarise_window,
)
from tb_kerasviz.analysis.step_measurements import (
    TAP_COLUMNS,
    TAP_STEP_COLUMNS,
    StepMeasurements,
)
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS

Array = np.ndarray[Any, Any]

COLUMN = {name: i for i, name in enumerate(DYNAMICS_COLUMNS)}

GIVEN = (
    "grad_square",
    "update_square",
    "weight_square",
    "nonfinite",
    "grad_zero_fraction",
    "weight_nonfinite",
)


def measure(
    values: Array, first: int = 1, totals: dict[str, Any] | None = None
) -> StepMeasurements:
    """Measurements of `[T, V, 6]`, columns `GIVEN`, or of its first ones; else 0."""
    full = np.zeros((*values.shape[:2], len(TAP_COLUMNS)), np.float32)
    for at, name in enumerate(GIVEN[: values.shape[2]]):
        full[..., TAP_COLUMNS.index(name)] = values[..., at]
    known = {"clipped_square": np.nan, "loss_scale": np.nan, **(totals or {})}
    columns = [np.broadcast_to(known.get(n, 0), len(values)) for n in TAP_STEP_COLUMNS]
    return StepMeasurements(
        np.arange(first, first + len(values)),
        full,
        np.stack(columns, axis=1).astype(np.float32),
    )


def run(values: Array, every: int, chunks: list[int]) -> list[DynamicsRow]:
    """Feeds measurements in chunks, as reads of a ring buffer give them."""
    windows = WindowAggregator(every)
    measured = measure(values)
    rows = []
    start = 0
    for size in [*chunks, len(values)]:
        part = slice(start, start + size)
        rows += windows.add(
            StepMeasurements(
                measured.steps[part], measured.variables[part], measured.totals[part]
            )
        )
        start += size
    return rows + windows.finish()


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 60),
    st.integers(1, 7),
    st.lists(st.integers(0, 9), max_size=8),
    st.integers(0, 2**32 - 1),
)
def test_rows_are_those_of_the_definition(
    count: int, every: int, chunks: list[int], seed: int
) -> None:
    random = np.random.default_rng(seed)
    values = random.gamma(1.0, 3.0, (count, 3, 6)).astype(np.float32)
    for bad_column in (3, 5):
        some = random.integers(0, 9, (count, 3)) * (random.random() < 0.3)
        values[:, :, bad_column] = some

    rows = run(values, every, chunks)

    start = 0
    for row in rows:
        part = values[start : row.step].astype(np.float64)
        for v in range(3):
            found = dict(zip(DYNAMICS_COLUMNS, row.values[v].tolist(), strict=True))
            grads, updates = np.sqrt(part[:, v, 0]), np.sqrt(part[:, v, 1])
            bad, bad_weights = (
                [start + 1 + i for i in range(len(part)) if part[i, v, c]]
                for c in (3, 5)
            )
            assert found == pytest.approx(
                {
                    "grad_norm_mean": sum(grads) / len(part),
                    "grad_norm_max": max(grads),
                    "update_norm_mean": sum(updates) / len(part),
                    "update_norm_max": max(updates),
                    "weight_norm": part[-1, v, 2] ** 0.5,
                    "nonfinite": part[:, v, 3].sum(),
                    "nonfinite_first_step": bad[0] if bad else -1,
                    "window": len(part),
                    "grad_zero_fraction": part[:, v, 4].mean(),
                    "weight_nonfinite": part[:, v, 5].max(),
                    "weight_nonfinite_first_step": (
                        bad_weights[0] if bad_weights else -1
                    ),
                    "crc16": 0,
                },
                rel=1e-6,
            )
        start = row.step
    assert start == count
    assert [row.values[0, COLUMN["window"]] for row in rows[:-1]] == [every] * (
        len(rows) - 1
    )


def test_windows_grow_and_lose_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamics_windows, "DENSE_ROWS", 8)
    monkeypatch.setattr(dynamics_windows, "GROWTH_ROWS", 4)
    monkeypatch.setattr(dynamics_windows, "LEAST_ROWS", 1)
    values = np.ones((200, 1, 4), np.float32)
    values[137, 0, 0] = 1e12  # The spike of one step.

    rows = run(values, 1, [64, 64])

    widths = [int(row.values[0, COLUMN["window"]]) for row in rows]
    assert widths[:20] == [1] * 8 + [2] * 4 + [4] * 4 + [8] * 4
    assert sum(widths) == 200
    assert np.cumsum(widths).tolist() == [row.step for row in rows]
    spikes = [r.values[0, COLUMN["grad_norm_max"]] for r in rows]
    (found,) = [row.step for row, s in zip(rows, spikes, strict=True) if s == 1e6]
    assert found >= 138
    assert max(s for s in spikes if s != 1e6) == 1


def test_rows_grow_with_the_logarithm_of_the_steps() -> None:
    windows = WindowAggregator(1)
    one = np.ones((1000, 1, 4), np.float32)
    rows = []
    for first in range(1, 30_000, 1000):
        rows += windows.add(measure(one, first))

    assert 1024 + 4 * 512 < len(rows) < 1024 + 6 * 512


def test_wide_models_stay_within_what_is_read_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As a thousand variables and 100,000 steps, on a scale of 1 to 100.
    for name in ("DENSE_BYTES", "GROWTH_BYTES"):
        monkeypatch.setattr(
            dynamics_windows, name, getattr(dynamics_windows, name) // 100
        )
    windows = WindowAggregator(1)
    one = np.ones((1000, 10, 1), np.float32)
    nbytes = steps = 0
    for first in range(1, 100_000, 1000):
        for row in windows.add(measure(one, first)):
            nbytes += row.values.nbytes
            steps += int(row.values[0, COLUMN["window"]])
    assert steps > 90_000
    assert 20 * 2**20 < 100 * nbytes < 48 * 2**20


def test_an_unfinished_window_is_given_once() -> None:
    windows = WindowAggregator(10)
    assert windows.add(measure(np.ones((3, 2, 4), np.float32))) == []

    (row,) = windows.finish()
    assert row.step == 3
    assert (row.values[:, COLUMN["window"]] == 3).all()
    assert windows.finish() == []


def test_a_missing_gradient_is_not_a_number() -> None:
    values = np.ones((4, 2, 4), np.float32)
    values[:, 0, 0] = np.nan
    values[:, :, 3] = 0

    row = summarise_window(measure(values)).values
    assert np.isnan(row[0, COLUMN["grad_norm_mean"]])
    assert np.isnan(row[0, COLUMN["grad_norm_max"]])
    assert row[0, COLUMN["update_norm_max"]] == 1
    assert row[1, COLUMN["grad_norm_max"]] == 1
    assert (row[:, COLUMN["nonfinite_first_step"]] == -1).all()


def test_gradients_that_blow_up_keep_their_first_step() -> None:
    values = np.ones((5, 1, 4), np.float32)
    values[2:, 0, 0] = np.inf
    values[:, 0, 3] = [0, 0, 7, 8, 9]

    row = summarise_window(measure(values, 11)).values
    assert row[0, COLUMN["nonfinite"]] == 24
    assert row[0, COLUMN["nonfinite_first_step"]] == 13
    assert row[0, COLUMN["grad_norm_max"]] == np.inf
    assert row[0, COLUMN["update_norm_max"]] == 1


def totals_of(row: DynamicsRow) -> dict[str, float]:
    return dict(zip(STEP_COLUMNS, row.totals.tolist(), strict=True))


def test_a_gradient_that_is_missing_in_some_steps_does_not_count_there() -> None:
    values = np.ones((4, 1, 6), np.float32)
    values[:, 0, 3] = 0
    values[:2, 0, [0, 4]] = np.nan
    values[2:, 0, 0] = 9

    row = summarise_window(measure(values)).values[0]
    assert row[COLUMN["grad_norm_mean"]] == row[COLUMN["grad_norm_max"]] == 3
    assert row[COLUMN["grad_zero_fraction"]] == 1


def test_what_holds_for_all_variables_together() -> None:
    values = np.zeros((3, 2, 6), np.float32)
    values[:, 0, 0], values[:, 1, 0] = [9, 0, 36], [16, 1, 64]
    totals = {
        "learning_rate": [0.3, 0.2, 0.1],
        "clipped_square": [4, 1, 4],
        "loss": [2, 1, 6],
        "loss_scale": [8, 8, 4],
        "skipped": [0, 2, 1],
    }

    found = totals_of(summarise_window(measure(values, 7, totals)))
    assert found == pytest.approx(
        {
            "learning_rate": 0.1,
            "global_norm_mean": (5 + 1 + 10) / 3,
            "global_norm_max": 10,
            "clipped_norm_mean": 5 / 3,
            "clipped_norm_max": 2,
            "loss_mean": 3,
            "loss_max": 6,
            "loss_nonfinite": 0,
            "loss_nonfinite_first_step": -1,
            "loss_scale": 4,
            "skipped": 3,
            "window": 3,
            "crc16": 0,
        }
    )


def test_without_clipping_both_norms_are_equal() -> None:
    found = totals_of(summarise_window(measure(np.ones((2, 4, 2), np.float32))))
    assert found["clipped_norm_max"] == found["global_norm_max"] == 2


def test_a_loss_that_is_not_finite_keeps_its_first_step() -> None:
    totals = {"loss": [1, np.inf, np.nan], "loss_nonfinite": [0, 1, 1]}
    row = summarise_window(measure(np.ones((3, 1, 2), np.float32), 5, totals))
    found = totals_of(row)
    assert found["loss_mean"] == 1
    assert not np.isfinite(found["loss_max"])
    assert (found["loss_nonfinite"], found["loss_nonfinite_first_step"]) == (2, 6)


def test_a_loss_that_nobody_knows() -> None:
    totals = {"loss": np.nan}
    row = summarise_window(measure(np.ones((3, 1, 2), np.float32), 5, totals))
    found = totals_of(row)
    for name in ("loss_mean", "loss_max", "loss_nonfinite"):
        assert np.isnan(found[name])
    assert found["loss_nonfinite_first_step"] == -1
