"""Statistics and histograms of one tensor; non-finite values counted apart."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

HISTOGRAM_BINS = 64


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
    with np.errstate(over="ignore"):
        # Sums in float64: float32 sums of millions of weights lose digits.
        mean = finite.mean(dtype=np.float64)
        square = np.square(finite, dtype=np.float64).mean()
        centred = np.square(finite - mean, dtype=np.float64).mean()
        return np.array(
            [
                finite.min(),
                finite.max(),
                mean,
                np.sqrt(centred),
                np.sqrt(square * finite.size),
                np.count_nonzero(finite == 0) / finite.size,
                bad,
            ],
            np.float32,
        )


def histogram(values: Array, bins: int = HISTOGRAM_BINS) -> tuple[Array, Array]:
    """Histogram of a tensor's finite values over their range.

    Every finite value falls into exactly one bin.

    Args:
        values: Any shape, any real dtype; values that float32 can hold.
        bins: Number of bins B.

    Returns:
        int64 counts `[B]` and ascending float64 edges `[B + 1]`; bin i is
        `[edges[i], edges[i + 1])` and the last one is closed. Without finite
        values all counts are 0 and the edges go from 0 to 1.
    """
    finite = _finite(np.ravel(values)).astype(np.float64, copy=False)
    if finite.size == 0:
        return np.zeros(bins, np.int64), np.linspace(0.0, 1.0, bins + 1)
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        # One value: a bin around it, wide enough to have distinct edges.
        margin = max(abs(low), 1.0) * 0.5
        low, high = low - margin, high + margin
    counts, edges = np.histogram(finite, bins=bins, range=(low, high))
    return counts.astype(np.int64), edges


def _finite(flat: Array) -> Array:
    finite = np.isfinite(flat)
    return flat if finite.all() else flat[finite]
