"""Turns measurements of single optimizer steps into rows of dynamics."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS

Array = np.ndarray[Any, Any]

DENSE_ROWS = 1024
"""So many rows are written before the windows begin to grow."""

GROWTH_ROWS = 512
"""After each further so many rows the windows become twice as long, so that
the number of rows grows with the logarithm of the number of steps."""


@dataclasses.dataclass(frozen=True)
class DynamicsRow:
    """One row.

    Attributes:
        step: The window's last step.
        values: float32 `[V, C]`, columns `DYNAMICS_COLUMNS`, `crc16` not set.
    """

    step: int
    values: Array


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

    @property
    def window(self) -> int:
        """Steps of the current window."""
        growths = max(0, self._rows - DENSE_ROWS) // GROWTH_ROWS
        if self._rows >= DENSE_ROWS:
            growths += 1
        return int(self._every * 2**growths)

    def add(self, steps: Array, values: Array) -> list[DynamicsRow]:
        """Takes measurements and gives the rows that they complete.

        Args:
            steps: int64 `[T]`, ascending.
            values: float32 `[T, V, 4]`, columns `TAP_COLUMNS` of
                `capture.backends.interface`.
        """
        rows = []
        for step, value in zip(steps, values, strict=True):
            self._steps.append(int(step))
            self._values.append(value)
            if len(self._steps) >= self.window:
                rows.append(self._take())
        return rows

    def finish(self) -> list[DynamicsRow]:
        """Gives the row of an unfinished window, if there is one."""
        return [self._take()] if self._steps else []

    def _take(self) -> DynamicsRow:
        steps = np.array(self._steps)
        values = np.stack(self._values)
        self._steps, self._values = [], []
        self._rows += 1
        return DynamicsRow(int(steps[-1]), summarise_window(steps, values))


def summarise_window(steps: Array, values: Array) -> Array:
    """One row of dynamics from the steps of a window.

    Args:
        steps: int64 `[T]`, T >= 1.
        values: float32 `[T, V, 4]`: sums of squares of gradient, update and
            weights, and the count of non-finite gradient elements.

    Returns:
        float32 `[V, C]` with the columns `DYNAMICS_COLUMNS`.
    """
    norms = np.sqrt(values[:, :, :3].astype(np.float64))
    nonfinite = values[:, :, 3]
    bad = nonfinite > 0
    first = np.where(bad.any(axis=0), steps[bad.argmax(axis=0)], -1)
    columns = {
        "grad_norm_mean": norms[:, :, 0].mean(axis=0),
        "grad_norm_max": norms[:, :, 0].max(axis=0),
        "update_norm_mean": norms[:, :, 1].mean(axis=0),
        "update_norm_max": norms[:, :, 1].max(axis=0),
        "weight_norm": norms[-1, :, 2],
        "nonfinite": nonfinite.sum(axis=0),
        "nonfinite_first_step": first,
        "window": np.full(values.shape[1], len(steps)),
        "crc16": np.zeros(values.shape[1]),
    }
    with np.errstate(over="ignore"):
        return np.stack([columns[name] for name in DYNAMICS_COLUMNS], axis=1).astype(
            np.float32
        )
