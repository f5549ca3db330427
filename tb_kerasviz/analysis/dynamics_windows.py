"""Turns measurements of single optimizer steps into rows of dynamics."""

from __future__ import annotations

import dataclasses
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
        self._steps: list[int] = []
        self._values: list[Array] = []
        self._totals: list[Array] = []
        self._row_bytes = 1

    @property
    def window(self) -> int:
        """Steps of the current window."""
        row = self._row_bytes
        dense = _rows_of(DENSE_ROWS, DENSE_BYTES, row)
        if self._rows < dense:
            return self._every
        growth = _rows_of(GROWTH_ROWS, GROWTH_BYTES, row)
        return int(self._every * 2 ** (1 + (self._rows - dense) // growth))

    def add(self, measured: StepMeasurements) -> list[DynamicsRow]:
        """Takes measurements and gives the rows that they complete."""
        rows = []
        variables = measured.variables.shape[1]
        self._row_bytes = max(1, 4 * variables * len(DYNAMICS_COLUMNS))
        for step, values, totals in zip(
            measured.steps, measured.variables, measured.totals, strict=True
        ):
            self._steps.append(int(step))
            self._values.append(values)
            self._totals.append(totals)
            if len(self._steps) >= self.window:
                rows.append(self._take())
        return rows

    def finish(self) -> list[DynamicsRow]:
        """Gives the row of an unfinished window, if there is one."""
        return [self._take()] if self._steps else []

    def _take(self) -> DynamicsRow:
        measured = StepMeasurements(
            np.array(self._steps), np.stack(self._values), np.stack(self._totals)
        )
        self._steps, self._values, self._totals = [], [], []
        self._rows += 1
        return summarise_window(measured)


def _rows_of(most: int, nbytes: int, row: int) -> int:
    return min(most, max(LEAST_ROWS, nbytes // row))


def summarise_window(measured: StepMeasurements) -> DynamicsRow:
    """One row of dynamics from the steps of a window.

    Args:
        measured: What was measured of T >= 1 steps.
    """
    return DynamicsRow(
        int(measured.steps[-1]), _summarise_variables(measured), _summarise(measured)
    )


def _summarise_variables(measured: StepMeasurements) -> Array:
    values = measured.variables.astype(np.float64)
    column = {name: values[:, :, at] for at, name in enumerate(TAP_COLUMNS)}
    grad, update = np.sqrt(column["grad_square"]), np.sqrt(column["update_square"])
    there = had_gradient(values)
    nonfinite, weight_bad = column["nonfinite"], column["weight_nonfinite"]
    count = values.shape[1]
    columns = {
        "grad_norm_mean": _mean_where(grad, there),
        "grad_norm_max": _max_where(grad, there),
        "update_norm_mean": update.mean(axis=0),
        "update_norm_max": update.max(axis=0),
        "weight_norm": np.sqrt(column["weight_square"][-1]),
        "nonfinite": nonfinite.sum(axis=0),
        "nonfinite_first_step": _first_step(measured.steps, nonfinite > 0),
        "window": np.full(count, len(measured.steps)),
        "grad_zero_fraction": _mean_where(column["grad_zero_fraction"], there),
        "weight_nonfinite": weight_bad.max(axis=0),
        "weight_nonfinite_first_step": _first_step(measured.steps, weight_bad > 0),
        "crc16": np.zeros(count),
    }
    with np.errstate(over="ignore"):
        return np.stack([columns[name] for name in DYNAMICS_COLUMNS], axis=1).astype(
            np.float32
        )


def _summarise(measured: StepMeasurements) -> Array:
    totals = measured.totals.astype(np.float64)
    column = {name: totals[:, at] for at, name in enumerate(TAP_STEP_COLUMNS)}
    norms, clipped = global_norms(measured)
    loss, bad = column["loss"], column["loss_nonfinite"] > 0
    known = ~np.isnan(loss) | bad
    columns = {
        "learning_rate": column["learning_rate"][-1],
        "global_norm_mean": norms.mean(),
        "global_norm_max": norms.max(),
        "clipped_norm_mean": clipped.mean(),
        "clipped_norm_max": clipped.max(),
        "loss_mean": _mean_where(loss, np.isfinite(loss)),
        "loss_max": _max_where(loss, known),
        "loss_nonfinite": bad.sum() if known.any() else np.nan,
        "loss_nonfinite_first_step": _first_step(measured.steps, bad),
        "loss_scale": column["loss_scale"][-1],
        "skipped": column["skipped"].sum(),
        "window": len(measured.steps),
        "crc16": 0.0,
    }
    with np.errstate(over="ignore"):
        row: Array = np.array([columns[name] for name in STEP_COLUMNS])
        return row.astype(np.float32)


def _mean_where(values: Array, there: Array) -> Array:
    """Means over the first axis of what is there; NaN where nothing is."""
    with np.errstate(invalid="ignore"):
        sums: Array = np.where(there, values, 0.0).sum(axis=0)
        found: Array = sums / np.where(there.any(axis=0), there.sum(axis=0), np.nan)
    return found


def _max_where(values: Array, there: Array) -> Array:
    """Maxima over the first axis of what is there, NaN where one of it is NaN."""
    highest: Array = np.where(there, values, -np.inf).max(axis=0)
    return np.where(there.any(axis=0), highest, np.nan)


def _first_step(steps: Array, bad: Array) -> Array:
    """The first step of those that are bad, -1 where none is."""
    return np.where(bad.any(axis=0), steps[bad.argmax(axis=0)], -1)
