"""Statistics of one tensor; non-finite values counted apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_CHUNK = 2**18
"""Values that are worked on at once: more memory than a cache is slower."""


def tensor_stats(values: Array) -> Array:
    """Statistics of a tensor's finite values.

    Args:
        values: Any shape, any real dtype.

    Returns:
        float32 `[S]` with the entries `schema.WEIGHT_STATS`; NaN in all but
        the last where no value is finite.
    """
    flat = np.ravel(values)
    finite = _finite(flat)
    bad = flat.size - finite.size
    if finite.size == 0:
        return np.array([np.nan] * 6 + [bad], np.float32)
    # Sums in float64: float32 sums of millions of weights lose digits.
    mean = sum(float(part.sum()) for part in in_chunks(finite)) / finite.size
    square, centred = 0.0, 0.0
    with np.errstate(over="ignore"):
        for part in in_chunks(finite):
            square += float(np.square(part).sum())
            centred += float(np.square(part - mean).sum())
        return np.array(
            [
                finite.min(),
                finite.max(),
                mean,
                np.sqrt(centred / finite.size),
                np.sqrt(square),
                1 - np.count_nonzero(finite) / finite.size,
                bad,
            ],
            np.float32,
        )


def in_chunks(flat: Array) -> Iterator[Array]:
    """A vector as float64 in parts, so that little memory is needed.

    Args:
        flat: `[N]`, any real dtype.

    Yields:
        Copies of its parts, float64, in order.
    """
    for begin in range(0, flat.size, _CHUNK):
        yield flat[begin : begin + _CHUNK].astype(np.float64)


def _finite(flat: Array) -> Array:
    finite = np.isfinite(flat)
    return flat if finite.all() else flat[finite]
