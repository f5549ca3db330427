"""Columns of logged dynamics."""

from __future__ import annotations

from typing import Any

from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS
from tests.backends.trainings import Array


def column(dynamics: Any, name: str) -> Array:
    """One column of the dynamics: `[T, V]`."""
    values: Array = dynamics.values[:, :, DYNAMICS_COLUMNS.index(name)]
    return values


def total(dynamics: Any, name: str) -> Array:
    """One column of the step dynamics: `[T]`."""
    values: Array = dynamics.values[:, STEP_COLUMNS.index(name)]
    return values
