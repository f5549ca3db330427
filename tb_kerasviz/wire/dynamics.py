"""Rows of dynamics: one float32 `[V, C]` matrix per window of steps."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS

Array = np.ndarray[Any, Any]

_CRC_COLUMN = DYNAMICS_COLUMNS.index("crc16")


def seal_rows(values: Array) -> Array:
    """Fills in the column `crc16`.

    Args:
        values: float32 `[V, C]` with the columns `DYNAMICS_COLUMNS`.

    Returns:
        A copy with the checksums set.
    """
    sealed = np.ascontiguousarray(values, np.float32).copy()
    sealed[:, _CRC_COLUMN] = _checksums(sealed)
    return sealed


def damaged_rows(values: Array) -> Array:
    """Which rows do not match their checksum: bool `[V]`."""
    stored: Array = values[:, _CRC_COLUMN]
    bad: Array = stored != _checksums(np.ascontiguousarray(values, np.float32))
    return bad


def _checksums(values: Array) -> Array:
    # NaN has many bit patterns; one of them must stand for all, since a
    # reader may have converted the array on its way.
    rows = np.delete(values, _CRC_COLUMN, axis=1).astype("<f4")
    rows[np.isnan(rows)] = np.nan
    return np.array([zlib.crc32(row.tobytes()) & 0xFFFF for row in rows], np.float32)
