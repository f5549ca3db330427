"""Statistics and histograms of the channels of one output.

Every pass over the values costs, and outputs are large: so values are read in
the order in which they lie in memory, and what is rare (values that are not
finite, or so large or small that float32 cannot hold their squares) is looked
for first and paid for only where it is.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_SHORT = 32
"""Runs of fewer values are copied into longer ones before they are read."""

_NARROW = (1e-15, 1e15)
"""Magnitudes between which float32 can hold squares and differences."""


@dataclasses.dataclass(frozen=True)
class ChannelStats:
    """What is known of each channel of each sample.

    All float64 `[N, C]`: minimum, maximum, mean and standard deviation of the
    finite values (NaN where there is none), the number of zeros, and the
    number of finite values.
    """

    low: Array
    high: Array
    mean: Array
    std: Array
    zeros: Array
    count: Array

    def columns(self, values: int) -> Array:
        """The statistics as they are logged.

        Args:
            values: Values of one channel in one sample.

        Returns:
            float32 `[N, C, S]` with the columns `schema.ACTIVATION_STATS`.
        """
        with np.errstate(invalid="ignore"):
            share = self.zeros / self.count
        bad = values - self.count
        columns = (self.low, self.high, self.mean, self.std, share, bad)
        return np.stack(columns, axis=-1).astype(np.float32)

    def merged(self) -> ChannelStats:
        """The statistics over all samples together: N = 1."""
        count = self.count.sum(axis=0, keepdims=True)
        total = np.maximum(count, 1)
        some = self.count > 0
        mean = (np.where(some, self.mean, 0) * self.count).sum(0, keepdims=True) / total
        # The spread within the samples, and that of their means.
        spread = np.where(some, self.std**2 + (self.mean - mean) ** 2, 0)
        std = np.sqrt((spread * self.count).sum(axis=0, keepdims=True) / total)
        low = np.where(some, self.low, np.inf).min(axis=0, keepdims=True)
        high = np.where(some, self.high, -np.inf).max(axis=0, keepdims=True)
        none = count == 0
        return ChannelStats(
            np.where(none, np.nan, low),
            np.where(none, np.nan, high),
            np.where(none, np.nan, np.clip(mean, low, high)),
            np.where(none, np.nan, std),
            self.zeros.sum(axis=0, keepdims=True),
            count,
        )


class Channels:
    """The values of one output, channel by channel.

    Args:
        x: float32 `[N, C, M]`, in any order in memory; not changed.
    """

    def __init__(self, x: Array) -> None:
        self._x = _in_long_runs(x)
        self._finite: Array | None = np.isfinite(self._x)
        if self._finite.all():
            self._finite = None

    @property
    def finite(self) -> bool:
        """Whether all values are finite."""
        return self._finite is None

    def stats(self) -> ChannelStats:
        """Statistics of every channel of every sample."""
        x, finite = self._x, self._finite
        if finite is None:
            low, high = x.min(axis=2), x.max(axis=2)
            count = np.full(low.shape, x.shape[2], np.float64)
            none = None
        else:
            count = finite.sum(axis=2, dtype=np.float64)
            none = count == 0
            low = np.where(finite, x, np.float32(np.inf)).min(axis=2)
            high = np.where(finite, x, np.float32(-np.inf)).max(axis=2)
            low[none] = high[none] = 0
            x = np.where(finite, x, np.float32(0))
        total = np.maximum(count, 1)
        mean = x.sum(axis=2, dtype=np.float64) / total
        # Rounding must not lead beyond the values themselves.
        np.clip(mean, low, high, out=mean)
        spread = _wide(x, low, high)
        centre = mean.astype(spread.dtype)
        spread = spread - centre[:, :, None]
        if finite is not None:
            spread[~finite] = 0
        np.square(spread, out=spread)
        # What the mean lost as it became a float32 is no part of the spread.
        square = spread.sum(axis=2, dtype=np.float64) / total - (mean - centre) ** 2
        std = np.sqrt(np.maximum(square, 0))
        std[low == high] = 0
        zeros = np.zeros(low.shape, np.float64)
        if ((low <= 0) & (high >= 0)).any():
            zeros = _count(self._x == 0)
        if none is not None and none.any():
            for column in (low, high, mean, std):
                column[none] = np.nan
        low, high = low.astype(np.float64), high.astype(np.float64)
        return ChannelStats(low, high, mean, std, zeros, count)

    def histogram(self, stats: ChannelStats, bins: int) -> Array:
        """Counts the finite values of all samples in bins.

        Args:
            stats: The merged statistics, `[1, C]`.
            bins: B, bins of equal width from a channel's minimum to its
                maximum.

        Returns:
            uint32 `[C, B]`.
        """
        x, finite = self._x, self._finite
        channels = x.shape[1]
        low = np.nan_to_num(stats.low[0])
        span = np.nan_to_num(stats.high[0]) - low
        y = _wide(x, stats.low, stats.high)
        with np.errstate(invalid="ignore"):
            y = y - low.astype(y.dtype)[:, None]
            y *= (bins / np.where(span > 0, span, np.inf)).astype(y.dtype)[:, None]
            np.clip(y, 0, bins - 1, out=y)
            # Another bin for what is not finite, which is dropped below.
            if finite is not None:
                y[~finite] = bins
            width = bins if finite is None else bins + 1
            place = y.astype(np.int64)
        place += (np.arange(channels) * width)[:, None]
        # In the order of the memory: which value comes first does not matter.
        counts = np.bincount(place.ravel(order="K"), minlength=channels * width)
        histogram: Array = counts.reshape(channels, width)[:, :bins].astype(np.uint32)
        return histogram

    def share_outside(self, low: float, high: float) -> Array:
        """Share of each channel's finite values that are not within limits.

        Args:
            low: Lower limit.
            high: Upper limit.

        Returns:
            float32 `[C]`; NaN where no value is finite.
        """
        outside = self._x > np.float32(high)
        if low > -np.inf:
            outside |= self._x < np.float32(low)
        values = float(self._x.shape[0] * self._x.shape[2])
        if self._finite is None:
            return np.asarray(_count(outside).sum(axis=0) / values, np.float32)
        outside &= self._finite
        with np.errstate(invalid="ignore"):
            share = _count(outside).sum(axis=0) / _count(self._finite).sum(axis=0)
        return np.asarray(share, np.float32)


def _in_long_runs(x: Array) -> Array:
    """The same values in an order in memory that is fast to go through."""
    _, channels, values = x.shape
    across = x.strides[1] <= x.strides[2]  # Channels are next to each other.
    if across and channels < _SHORT and values > channels:
        return np.ascontiguousarray(x)
    if not across and values < _SHORT and channels > values:
        return np.ascontiguousarray(x.transpose(0, 2, 1)).transpose(0, 2, 1)
    return x


def _wide(x: Array, low: Array, high: Array) -> Array:
    """As float64 where differences or squares would leave float32."""
    size = np.maximum(np.abs(low), np.abs(high))
    span = np.asarray(high, np.float64) - low
    least, most = _NARROW
    narrow = (size <= most) & ((span >= least) | (span == 0))
    return x if (narrow | np.isnan(size)).all() else x.astype(np.float64)


def _count(mask: Array) -> Array:
    """How often each channel of each sample is true; float64 `[N, C]`."""
    counts = np.add.reduce(mask.view(np.uint8), axis=2, dtype=np.uint32)
    return np.asarray(counts, np.float64)
