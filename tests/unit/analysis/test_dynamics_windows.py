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
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS

Array = np.ndarray[Any, Any]

COLUMN = {name: i for i, name in enumerate(DYNAMICS_COLUMNS)}


def run(values: Array, every: int, chunks: list[int]) -> list[DynamicsRow]:
    """Feeds measurements in chunks, as reads of a ring buffer give them."""
    windows = WindowAggregator(every)
    steps = np.arange(1, len(values) + 1)
    rows = []
    start = 0
    for size in [*chunks, len(values)]:
        part = slice(start, start + size)
        rows += windows.add(steps[part], values[part])
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
    values = random.gamma(1.0, 3.0, (count, 3, 4)).astype(np.float32)
    values[:, :, 3] = random.integers(0, 2, (count, 3)) * (random.random() < 0.3)

    rows = run(values, every, chunks)

    start = 0
    for row in rows:
        part = values[start : row.step].astype(np.float64)
        for v in range(3):
            found = dict(zip(DYNAMICS_COLUMNS, row.values[v].tolist(), strict=True))
            grads, updates = np.sqrt(part[:, v, 0]), np.sqrt(part[:, v, 1])
            bad = [start + 1 + i for i in range(len(part)) if part[i, v, 3]]
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
        rows += windows.add(np.arange(first, first + 1000), one)

    assert 1024 + 4 * 512 < len(rows) < 1024 + 6 * 512


def test_an_unfinished_window_is_given_once() -> None:
    windows = WindowAggregator(10)
    assert windows.add(np.arange(1, 4), np.ones((3, 2, 4), np.float32)) == []

    (row,) = windows.finish()
    assert row.step == 3
    assert (row.values[:, COLUMN["window"]] == 3).all()
    assert windows.finish() == []


def test_a_missing_gradient_is_not_a_number() -> None:
    values = np.ones((4, 2, 4), np.float32)
    values[:, 0, 0] = np.nan
    values[:, :, 3] = 0

    row = summarise_window(np.arange(4), values)
    assert np.isnan(row[0, COLUMN["grad_norm_mean"]])
    assert np.isnan(row[0, COLUMN["grad_norm_max"]])
    assert row[0, COLUMN["update_norm_max"]] == 1
    assert row[1, COLUMN["grad_norm_max"]] == 1
    assert (row[:, COLUMN["nonfinite_first_step"]] == -1).all()


def test_gradients_that_blow_up_keep_their_first_step() -> None:
    values = np.ones((5, 1, 4), np.float32)
    values[2:, 0, 0] = np.inf
    values[:, 0, 3] = [0, 0, 7, 8, 9]

    row = summarise_window(np.arange(11, 16), values)
    assert row[0, COLUMN["nonfinite"]] == 24
    assert row[0, COLUMN["nonfinite_first_step"]] == 13
    assert row[0, COLUMN["grad_norm_max"]] == np.inf
    assert row[0, COLUMN["update_norm_max"]] == 1
