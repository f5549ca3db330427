"""Histograms over many decades: a bin for each sign and power of two.

Gradients span many decades, and most of what there is to see of them is in the
smallest ones. Their bins are therefore octaves: [2**k, 2**(k + 1)) for positive
values, mirrored for negative ones, and one for zeros alone. Which octave a
float32 is in is written in its bits, so that counting is exact and takes no
logarithm; and as float32 has no other values, nothing lies beyond the bins.

A *raw count* is such a histogram over all octaves of float32: bin
`256 * sign + exponent`, sign 1 for negative values and exponent the biased one
of the float32's bits. Exponent 0 is that of the subnormal values, 255 that of
NaN and the infinities. Zeros have the last bin.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_kerasviz.wire.metadata import WireError

Array = np.ndarray[Any, Any]

ZERO_BIN = 512
RAW_BINS = ZERO_BIN + 1
NONFINITE_EXPONENT = 255

SMALLEST_NORMAL = 2.0**-126
LARGEST = float(np.finfo(np.float32).max)

MOMENTS = ("min", "max", "mean", "std", "norm")
"""What is measured of a gradient's finite values beside its raw count; the
first of the statistics that are logged, in their order."""

_BIAS = 127
_SMALLEST = 2.0**-149


@dataclasses.dataclass(frozen=True)
class CountedGradients:
    """The gradients of V variables in one step.

    Attributes:
        step: The step.
        counts: int64 `[V, RAW_BINS]`, raw counts; a variable whose counts are
            all 0 had no gradient.
        moments: float32 `[V, 5]`, columns `MOMENTS`; any where no value is
            finite.
    """

    step: int
    counts: Array
    moments: Array


def merge_counted(parts: Sequence[CountedGradients]) -> CountedGradients:
    """Joins what the optimizers of one model were given about the same time.

    Of each variable the part counts that has a gradient of it, the later of
    two; the step is the last one.

    Args:
        parts: At least one, of the same variables.
    """
    ordered = sorted(parts, key=lambda part: part.step)
    first, *others = ordered
    counts, moments = first.counts, first.moments
    for part in others:
        there = part.counts.any(axis=1, keepdims=True)
        counts = np.where(there, part.counts, counts)
        moments = np.where(there, part.moments, moments)
    return CountedGradients(ordered[-1].step, counts, moments)


def count_octaves(values: Array) -> Array:
    """The raw count of a tensor.

    Args:
        values: Any shape, float16, float32 or float64. Finite values that
            float32 cannot hold count as the nearest octave that it has.

    Returns:
        int64 `[RAW_BINS]`.
    """
    flat: Array = np.ravel(values)
    if flat.dtype == np.float64:
        size = np.clip(np.abs(flat), SMALLEST_NORMAL, LARGEST)
        kept = np.isfinite(flat) & (flat != 0)
        flat = np.where(kept, np.copysign(size, flat), flat)
    bits: Array = flat.astype(np.float32).view(np.uint32)
    places = np.where(np.equal(bits << 1, 0), ZERO_BIN, bits >> 23)
    return np.bincount(places.astype(np.intp), minlength=RAW_BINS)


def count_nonfinite(raw: Array) -> Array:
    """How many values are NaN or infinite.

    Args:
        raw: `[..., RAW_BINS]`.

    Returns:
        `[...]`.
    """
    there: Array = raw[..., [NONFINITE_EXPONENT, 256 + NONFINITE_EXPONENT]]
    total: Array = there.sum(axis=-1)
    return total


def trim_octaves(raw: Array) -> tuple[Array, Array]:
    """Histograms over the octaves that some of them need.

    Args:
        raw: int64 `[T, RAW_BINS]`.

    Returns:
        int64 counts `[T, B]` and ascending float64 edges `[B + 1]`: the
        negative octaves, the bin of zeros alone, whose edges are those of the
        smallest octave, and the positive ones. With no other finite value than
        zeros, it is the only one.
    """
    positive = raw[:, :NONFINITE_EXPONENT]
    negative = raw[:, 256 : 256 + NONFINITE_EXPONENT]
    used = np.flatnonzero((positive + negative).any(axis=0))
    low = int(used[0]) if used.size else 0
    above, below = (
        int(np.flatnonzero(side.any(axis=0)).max(initial=low - 1)) + 1
        for side in (positive, negative)
    )
    parts = [
        negative[:, low:below][:, ::-1],
        raw[:, ZERO_BIN:],
        positive[:, low:above],
    ]
    return np.concatenate(parts, axis=1), _edges(low, below, above)


def untrim_octaves(counts: Array, edges: Array) -> Array:
    """The raw count that `trim_octaves` made a histogram of.

    Args:
        counts: int64 `[B]`.
        edges: float64 `[B + 1]`.

    Returns:
        int64 `[RAW_BINS]`, without what is not finite.

    Raises:
        WireError: They are no such histogram.
    """
    zero = int(np.searchsorted(edges, 0.0)) - 1
    low = _exponent_of(float(edges[min(zero + 1, len(counts))]))
    below, above = low + zero, low + len(counts) - zero - 1
    whole = 0 <= zero < len(counts) and max(below, above) <= NONFINITE_EXPONENT
    if not whole or not np.array_equal(edges, _edges(low, below, above)):
        raise WireError("The gradients are damaged: the bins are no octaves.")
    raw = np.zeros(RAW_BINS, np.int64)
    raw[256 + low : 256 + below] = counts[:zero][::-1]
    raw[ZERO_BIN] = counts[zero]
    raw[low:above] = counts[zero + 1 :]
    return raw


def drop_small_octaves(counts: Array, edges: Array, most: int) -> tuple[Array, Array]:
    """Adds the smallest octaves to the zeros, so that few enough bins are left.

    Args:
        counts: int64 `[B]`, of `trim_octaves`.
        edges: float64 `[B + 1]`.
        most: Most bins to have, at least 3.

    Returns:
        Counts `[K]` and edges `[K + 1]`.
    """
    zero = int(np.searchsorted(edges, 0.0)) - 1
    below, above = zero, len(counts) - zero - 1
    inner = 0
    while max(0, below - inner) + max(0, above - inner) + 1 > most:
        inner += 1
    left, right = zero - min(inner, below), zero + min(inner, above)
    middle = counts[left : right + 1].sum(keepdims=True)
    return (
        np.concatenate([counts[:left], middle, counts[right + 1 :]]),
        np.concatenate([edges[: left + 1], edges[right + 1 :]]),
    )


def _edges(low: int, below: int, above: int) -> Array:
    """Edges of octaves: `low` to `below` mirrored, zeros, `low` to `above`."""
    octaves = np.ldexp(1.0, np.arange(256) - _BIAS)
    octaves[0] = _SMALLEST
    return np.concatenate([-octaves[low : below + 1][::-1], octaves[low : above + 1]])


def _exponent_of(edge: float) -> int:
    if not _SMALLEST <= edge <= LARGEST:
        return 0
    return max(0, int(np.frexp(edge)[1]) - 1 + _BIAS)
