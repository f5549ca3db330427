"""Rows of dynamics: one float32 `[V, C]` matrix per window of steps."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_kerasviz.wire.metadata import WireError
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS

Array = np.ndarray[Any, Any]

CRC_COLUMN = "crc16"
"""The last column of every row, in every version of the format."""


@dataclasses.dataclass(frozen=True)
class CheckedRows:
    """Rows as they are today, whichever version logged them.

    Attributes:
        values: float32 `[..., C]` with today's columns; NaN where a row is
            damaged, and in a column that was not logged.
        damaged: bool `[...]`: rows that did not match their checksum.
    """

    values: Array
    damaged: Array


def seal_rows(values: Array) -> Array:
    """Fills in the last column, `crc16`.

    Args:
        values: float32 `[V, C]`.

    Returns:
        A copy with the checksums set.
    """
    sealed = np.ascontiguousarray(values, np.float32).copy()
    sealed[:, -1] = _checksums(sealed)
    return sealed


def damaged_rows(values: Array) -> Array:
    """Which rows do not match their checksum: bool `[V]`."""
    stored: Array = values[:, -1]
    bad: Array = stored != _checksums(np.ascontiguousarray(values, np.float32))
    return bad


def check_rows(
    values: Array,
    logged: Sequence[str],
    columns: Sequence[str] = DYNAMICS_COLUMNS,
) -> CheckedRows:
    """Verifies rows and brings them into today's columns.

    Args:
        values: float32 `[..., C]`.
        logged: Names of their C columns, as the log has them.
        columns: The columns that are wanted.

    Raises:
        WireError: The rows have another width, or no checksum.
    """
    if not logged or logged[-1] != CRC_COLUMN:
        raise WireError("The dynamics are damaged: their columns hold no checksum.")
    if values.shape[-1:] != (len(logged),):
        raise WireError(
            f"The dynamics are damaged: they have shape {values.shape}, and "
            f"{len(logged)} columns are named."
        )
    damaged = damaged_rows(values.reshape(-1, len(logged))).reshape(values.shape[:-1])
    if tuple(logged) == tuple(columns):
        found = values
    else:
        place = {name: at for at, name in enumerate(logged)}
        found = np.full((*values.shape[:-1], len(columns)), np.nan, np.float32)
        for at, name in enumerate(columns):
            if name in place:
                found[..., at] = values[..., place[name]]
    if damaged.any():
        found = np.where(damaged[..., None], np.float32(np.nan), found)
    return CheckedRows(found, damaged)


def check_step_row(values: Array, logged: Sequence[str]) -> CheckedRows:
    """As `check_rows`, for what `tags.STEP_DYNAMICS` holds.

    Args:
        values: float32 `[..., C]`.
        logged: Names of their C columns, as the log has them.

    Raises:
        WireError: The rows have another width, or no checksum.
    """
    return check_rows(values, logged, STEP_COLUMNS)


def _checksums(values: Array) -> Array:
    # NaN has many bit patterns; one of them must stand for all, since a
    # reader may have converted the array on its way.
    rows = np.ascontiguousarray(values[:, :-1]).astype("<f4")
    rows[np.isnan(rows)] = np.nan
    return np.array([zlib.crc32(row.tobytes()) & 0xFFFF for row in rows], np.float32)
