"""Dynamics of all variables as a picture: few cells, in which no extreme is lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_kerasviz.analysis.dynamics_rows import DynamicsTable
from tb_kerasviz.analysis.layer_statistics import DynamicsRows
from tb_kerasviz.wire.schema import STEP_COLUMNS

Array = np.ndarray[Any, Any]

_STEP_AT = {name: at for at, name in enumerate(STEP_COLUMNS)}


@dataclasses.dataclass(frozen=True)
class Cells:
    """Windows of optimizer steps, put together to at most so many cells.

    Attributes:
        starts: int64 `[T]`: index of each cell's first window.
        end: Index behind the last cell's last window.
        first_steps: int64 `[T]`: first optimizer step of each cell.
        steps: int64 `[T]`: last optimizer step of each cell.
    """

    starts: Array
    end: int
    first_steps: Array
    steps: Array


@dataclasses.dataclass(frozen=True)
class DynamicsMap:
    """One quantity of V variables in T cells of steps.

    Attributes:
        variables: Paths of the variables.
        cells: The cells.
        mean: float32 `[V, T]`: mean over the steps of the cell, of what is finite;
            NaN where nothing is known.
        smallest: float32 `[V, T]`: smallest mean of a window.
        largest: float32 `[V, T]`: largest value of a step.
        nonfinite: float32 `[V, T]`: NaN or infinite elements of the gradient,
            summed over the steps, and of the weights, the most after a step.
    """

    variables: tuple[str, ...]
    cells: Cells
    mean: Array
    smallest: Array
    largest: Array
    nonfinite: Array


def cut_cells(steps: Array, windows: Array, first: int, last: int, most: int) -> Cells:
    """Puts windows of steps together into cells of equal length.

    Args:
        steps: int64 `[W]`, ascending: the last step of each window.
        windows: `[W]`: number of steps of each window.
        first: First step that is shown.
        last: Last step that is shown.
        most: Most cells.

    Returns:
        The cells that have a window; indices are into `steps`.
    """
    low, high = np.searchsorted(steps, [first, last + 1])
    kept = steps[low:high]
    span = max(1, last - first + 1)
    places = (kept - first) * most // max(span, most)
    starts = np.flatnonzero(np.diff(places, prepend=-1)) + low
    ends = np.append(starts, high)[1:] - 1
    lengths = np.nan_to_num(windows, nan=1.0).astype(np.int64)
    begins = steps - np.maximum(lengths, 1) + 1
    return Cells(starts, int(high), begins[starts], steps[ends])


def map_dynamics(
    parts: Sequence[DynamicsRows], quantity: str, first: int, last: int, most: int
) -> DynamicsMap:
    """Maps a quantity over a range of steps.

    Args:
        parts: All dynamics; a part for each list of variables, by step.
        quantity: One of `schema.DYNAMICS_QUANTITIES`.
        first: First step that is shown.
        last: Last step that is shown.
        most: Most cells.
    """
    table = DynamicsTable.of(parts)
    windows = table.windows()
    cells = cut_cells(table.steps, windows, first, last, most)
    means, peaks = _measure(table, quantity)
    broken = _count(table, "nonfinite") + _count(table, "weight_nonfinite")
    finite = np.isfinite(means)
    weights = np.where(finite, windows, 0.0)
    total = _join(np.add, np.where(finite, means, 0.0) * weights, cells)
    count = _join(np.add, weights, cells)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
    peaked = np.isfinite(peaks)
    return DynamicsMap(
        table.variables,
        cells,
        mean.astype(np.float32),
        _extreme(np.minimum, means, finite, cells, np.inf),
        _extreme(np.maximum, peaks, peaked, cells, -np.inf),
        _join(np.add, broken, cells).astype(np.float32),
    )


def map_steps(
    steps: Array, values: Array, first: int, last: int, most: int
) -> tuple[Cells, dict[str, Array]]:
    """Puts the dynamics of all variables together into cells.

    Args:
        steps: int64 `[W]`, ascending.
        values: float32 `[W, C]`, columns `STEP_COLUMNS`.
        first: First step that is shown.
        last: Last step that is shown.
        most: Most cells.

    Returns:
        The cells, and float32 `[T]` by name: of each column but `crc16` the mean
        (`*_mean`), the largest (`*_max`), the sum (`loss_nonfinite`, `skipped`,
        `window`), the first step (`*_first_step`) or the last value.
    """
    windows = values[:, _STEP_AT["window"]]
    cells = cut_cells(steps, windows, first, last, most)
    ends = np.searchsorted(steps, cells.steps)
    found: dict[str, Array] = {}
    for name, at in _STEP_AT.items():
        column = values[:, at].astype(np.float64)
        finite = np.isfinite(column)
        if name == "crc16":
            continue
        if name.endswith("_mean"):
            weights = np.where(finite, np.nan_to_num(windows, nan=1.0), 0.0)
            total = _join(np.add, np.where(finite, column, 0.0) * weights, cells)
            with np.errstate(invalid="ignore", divide="ignore"):
                found[name] = total / _join(np.add, weights, cells)
        elif name.endswith("_max"):
            found[name] = _extreme(np.maximum, column, finite, cells, -np.inf)
        elif name.endswith("_first_step"):
            at_step = finite & (column >= 0)
            first_one = _extreme(np.minimum, column, at_step, cells, np.inf)
            found[name] = np.where(np.isnan(first_one), -1, first_one)
        elif name in ("loss_nonfinite", "skipped", "window"):
            found[name] = _join(np.add, np.where(finite, column, 0.0), cells)
        else:
            found[name] = column[ends]
    return cells, {name: one.astype(np.float32) for name, one in found.items()}


def _measure(table: DynamicsTable, quantity: str) -> tuple[Array, Array]:
    """Mean and largest of each window, float32 `[V, W]`."""
    if quantity in ("grad_norm", "update_norm"):
        return table.column(f"{quantity}_mean"), table.column(f"{quantity}_max")
    if quantity == "update_ratio":
        norm = table.column("weight_norm")
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = table.column("update_norm_mean") / norm
            return mean, table.column("update_norm_max") / norm
    found = table.column(quantity)
    return found, found


def _count(table: DynamicsTable, name: str) -> Array:
    return np.nan_to_num(table.column(name), nan=0.0, posinf=0.0)


def _join(join: np.ufunc, values: Array, cells: Cells) -> Array:
    """Joins the last axis of `[..., W]` cell by cell."""
    if not cells.starts.size:
        return np.zeros((*values.shape[:-1], 0))
    joined: Array = join.reduceat(values[..., : cells.end], cells.starts, axis=-1)
    return joined


def _extreme(
    join: np.ufunc, values: Array, known: Array, cells: Cells, none: float
) -> Array:
    """The extreme of each cell of what is known; NaN where nothing is."""
    joined = _join(join, np.where(known, values, none), cells)
    return np.where(joined == none, np.nan, joined).astype(np.float32)
