"""Turns measurements of single optimizer steps into rows of dynamics."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_kerasviz.analysis.step_measurements import (
    TAP_COLUMNS,
    TAP_STEP_COLUMNS,
    StepMeasurements,
    global_norms,
    had_gradient,
)
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS

Array = np.ndarray[Any, Any]

DENSE_ROWS = 1024
DENSE_BYTES = 8 * 2**20
"""So many rows are written before the windows begin to grow, or so many bytes."""

GROWTH_ROWS = 512
GROWTH_BYTES = 2 * 2**20
"""After each further so many rows or bytes the windows become twice as long, so
that what is written grows with the logarithm of the number of steps."""

LEAST_ROWS = 32
"""At least so many rows are one and the other, whatever their size."""


@dataclasses.dataclass(frozen=True)
class DynamicsRow:
    """One row.

    Attributes:
        step: The window's last step.
        values: float32 `[V, C]`, columns `DYNAMICS_COLUMNS`, `crc16` not set.
        totals: float32 `[S]`, columns `STEP_COLUMNS`, `crc16` not set.
    """

    step: int
    values: Array
    totals: Array


class WindowAggregator:
    """Collects steps into windows; no step is lost between two rows.

    Args:
        every: Steps of the first windows.
    """

    def __init__(self, every: int) -> None:
        self._every = every
        self._rows = 0
        self._pending: StepMeasurements | None = None
        self._row_bytes = 1

    @property
    def window(self) -> int:
        """Steps of the current window."""
        return int(self._every * 2 ** self._growths()[0])

    def add(self, measured: StepMeasurements) -> list[DynamicsRow]:
        """Takes measurements and gives the rows that they complete."""
        if not len(measured.steps):
            return []
        variables = measured.variables.shape[1]
        self._row_bytes = max(1, 4 * variables * len(DYNAMICS_COLUMNS))
        if self._pending is not None:
            measured = _joined(self._pending, measured)
        rows: list[DynamicsRow] = []
        while complete := len(measured.steps) // self.window:
            window = self.window
            # All windows of one length together: one by one they cost most of
            # what logging a step takes.
            count = min(complete, self._growths()[1])
            done = _part(measured, slice(None, count * window))
            rows += summarise_windows(done, window)
            measured = _part(measured, slice(count * window, None))
            self._rows += count
        self._pending = measured if len(measured.steps) else None
        return rows

    def finish(self) -> list[DynamicsRow]:
        """Gives the row of an unfinished window, if there is one."""
        measured, self._pending = self._pending, None
        if measured is None:
            return []
        self._rows += 1
        return [summarise_window(measured)]

    def _growths(self) -> tuple[int, int]:
        """How often the windows grew, and rows until they do again."""
        dense = _rows_of(DENSE_ROWS, DENSE_BYTES, self._row_bytes)
        if self._rows < dense:
            return 0, dense - self._rows
        growth = _rows_of(GROWTH_ROWS, GROWTH_BYTES, self._row_bytes)
        times, since = divmod(self._rows - dense, growth)
        return 1 + times, growth - since


def _part(measured: StepMeasurements, steps: slice) -> StepMeasurements:
    return StepMeasurements(
        measured.steps[steps], measured.variables[steps], measured.totals[steps]
    )


def _joined(one: StepMeasurements, other: StepMeasurements) -> StepMeasurements:
    return StepMeasurements(
        np.concatenate([one.steps, other.steps]),
        np.concatenate([one.variables, other.variables]),
        np.concatenate([one.totals, other.totals]),
    )


def _rows_of(most: int, nbytes: int, row: int) -> int:
    return min(most, max(LEAST_ROWS, nbytes // row))


def summarise_window(measured: StepMeasurements) -> DynamicsRow:
    """One row of dynamics from the steps of a window.

    Args:
        measured: What was measured of T >= 1 steps.
    """
    return summarise_windows(measured, len(measured.steps))[0]


def summarise_windows(measured: StepMeasurements, window: int) -> list[DynamicsRow]:
    """Rows of dynamics of windows that follow each other.

    Args:
        measured: What was measured of the steps of all of them, N * `window`.
        window: Steps of each.

    Returns:
        N rows.
    """
    steps = measured.steps.reshape(-1, window)
    values = _summarise_variables(measured, steps)
    totals = _summarise(measured, steps)
    found = zip(steps, values, totals, strict=True)
    return [DynamicsRow(int(s[-1]), v, t) for s, v, t in found]


def _summarise_variables(measured: StepMeasurements, steps: Array) -> Array:
    """Float32 `[N, V, C]` of steps `[N, T]`."""
    count, window = steps.shape
    variables = measured.variables.shape[1]
    values = measured.variables.astype(np.float64)
    values = values.reshape(count, window, variables, len(TAP_COLUMNS))
    column = {name: values[..., at] for at, name in enumerate(TAP_COLUMNS)}
    grad, update = np.sqrt(column["grad_square"]), np.sqrt(column["update_square"])
    there = had_gradient(values)
    nonfinite, weight_bad = column["nonfinite"], column["weight_nonfinite"]
    columns = {
        "grad_norm_mean": _mean_where(grad, there),
        "grad_norm_max": _max_where(grad, there),
        "update_norm_mean": update.mean(axis=1),
        "update_norm_max": update.max(axis=1),
        "weight_norm": np.sqrt(column["weight_square"][:, -1]),
        "nonfinite": nonfinite.sum(axis=1),
        "nonfinite_first_step": _first_step(steps, nonfinite > 0),
        "window": np.full((count, variables), window),
        "grad_zero_fraction": _mean_where(column["grad_zero_fraction"], there),
        "weight_nonfinite": weight_bad.max(axis=1),
        "weight_nonfinite_first_step": _first_step(steps, weight_bad > 0),
        "crc16": np.zeros((count, variables)),
    }
    return _as_float32([columns[name] for name in DYNAMICS_COLUMNS])


def _summarise(measured: StepMeasurements, steps: Array) -> Array:
    """Float32 `[N, S]` of steps `[N, T]`."""
    totals = measured.totals.astype(np.float64).reshape(*steps.shape, -1)
    column = {name: totals[..., at] for at, name in enumerate(TAP_STEP_COLUMNS)}
    norms, clipped = (one.reshape(steps.shape) for one in global_norms(measured))
    loss, bad = column["loss"], column["loss_nonfinite"] > 0
    known = ~np.isnan(loss) | bad
    count, window = steps.shape
    columns = {
        "learning_rate": column["learning_rate"][:, -1],
        "global_norm_mean": norms.mean(axis=1),
        "global_norm_max": norms.max(axis=1),
        "clipped_norm_mean": clipped.mean(axis=1),
        "clipped_norm_max": clipped.max(axis=1),
        "loss_mean": _mean_where(loss, np.isfinite(loss)),
        "loss_max": _max_where(loss, known),
        "loss_nonfinite": np.where(known.any(axis=1), bad.sum(axis=1), np.nan),
        "loss_nonfinite_first_step": _first_step(steps, bad),
        "loss_scale": column["loss_scale"][:, -1],
        "skipped": column["skipped"].sum(axis=1),
        "window": np.full(count, window),
        "crc16": np.zeros(count),
    }
    return _as_float32([columns[name] for name in STEP_COLUMNS])


def _as_float32(columns: Sequence[Array]) -> Array:
    with np.errstate(over="ignore"):
        return np.stack(columns, axis=-1).astype(np.float32)


def _mean_where(values: Array, there: Array) -> Array:
    """Means over a window, axis 1, of what is there; NaN where nothing is."""
    count = np.where(there.any(axis=1), there.sum(axis=1), np.nan)
    with np.errstate(invalid="ignore"):
        found: Array = np.where(there, values, 0.0).sum(axis=1) / count
    return found


def _max_where(values: Array, there: Array) -> Array:
    """Maxima over a window, axis 1, of what is there, NaN where one of it is NaN."""
    highest: Array = np.where(there, values, -np.inf).max(axis=1)
    return np.where(there.any(axis=1), highest, np.nan)


def _first_step(steps: Array, bad: Array) -> Array:
    """The first step of each window, axis 1, that is bad; -1 where none is."""
    first = bad.argmax(axis=1)
    found = steps[np.arange(len(steps)).reshape(-1, *[1] * (first.ndim - 1)), first]
    return np.where(bad.any(axis=1), found, -1)
