"""Histograms whose bins are the same from step to step.

Every histogram's edges are multiples of a power of two, its bin width. Of two
histograms the finer one's bins therefore lie whole in the bins of the coarser
one: counts of any steps can be brought onto one grid by adding, exactly.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tb_kerasviz.analysis.tensor_stats import in_chunks

Array = np.ndarray[Any, Any]

MAX_BINS = 128
"""Most bins; a range of more than one value that float32 can tell apart has
more than half of it."""

MIN_EXPONENT = -126
"""No bin is narrower than 2**-126, the smallest normal float32."""

_DIGITS = 23
"""Bins are at most so many binary digits below the largest value: what is
finer than that is the rounding of float32."""


def histogram(values: Array) -> tuple[Array, Array]:
    """Histogram of a tensor's finite values.

    Every finite value falls into exactly one bin. A tensor of one value has
    one bin, which begins near it.

    Args:
        values: Any shape, any real dtype; values that float32 can hold.

    Returns:
        int64 counts `[B]` and ascending float64 edges `[B + 1]`; bin i is
        `[edges[i], edges[i + 1])`, and each edge is a multiple of their
        distance, a power of two. Without finite values there is one bin,
        above 0, with the count 0.
    """
    flat = np.ravel(values)
    finite = np.isfinite(flat)
    if not finite.all():
        flat = flat[finite]
    if flat.size == 0:
        return np.zeros(1, np.int64), _edges(0, 1, MIN_EXPONENT)
    low, high = float(flat.min()), float(flat.max())
    exponent = _choose_exponent(low, high)
    first = _bin_of(low, exponent)
    bins = _bin_of(high, exponent) - first + 1
    counts = np.zeros(bins, np.int64)
    for part in in_chunks(flat):
        # In float64 the product with a power of two is exact.
        places = np.floor(part * 2.0**-exponent).astype(np.intp)
        counts += np.bincount(places - first, minlength=bins)
    return counts, _edges(first, bins, exponent)


def coarsen(counts: Array, edges: Array, most: int) -> tuple[Array, Array]:
    """Adds bins up to fewer ones whose edges are multiples of their width too.

    Args:
        counts: int64 `[B]`, of `histogram`.
        edges: float64 `[B + 1]`.
        most: Most bins to have, at least 2.

    Returns:
        Counts `[K]` and edges `[K + 1]`.
    """
    exponent = math.frexp(edges[1] - edges[0])[1] - 1
    place = _bin_of(float(edges[0]), exponent) + np.arange(len(counts))
    while place[-1] - place[0] >= most:
        place //= 2
        exponent += 1
    first = int(place[0])
    bins = int(place[-1]) - first + 1
    sums = np.zeros(bins, np.int64)
    np.add.at(sums, place - first, counts)
    return sums, _edges(first, bins, exponent)


def _choose_exponent(low: float, high: float) -> int:
    """Exponent of the smallest width at which the range has few enough bins."""
    largest = math.frexp(max(abs(low), abs(high)))[1]
    exponent = max(MIN_EXPONENT, largest - _DIGITS)
    if high > low:
        exponent = max(exponent, math.frexp((high - low) / MAX_BINS)[1] - 1)
    while _bin_of(high, exponent) - _bin_of(low, exponent) >= MAX_BINS:
        exponent += 1
    return exponent


def _bin_of(value: float, exponent: int) -> int:
    return math.floor(math.ldexp(value, -exponent))


def _edges(first: int, bins: int, exponent: int) -> Array:
    return np.ldexp(np.arange(first, first + bins + 1, dtype=np.float64), exponent)
