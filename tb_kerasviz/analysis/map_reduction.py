"""Reduces an output to statistics, histograms and quantised maps."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tb_kerasviz.analysis.activation_plan import LayerPlan
from tb_kerasviz.analysis.channel_stats import Channels
from tb_kerasviz.wire.units import UnitArrays

Array = np.ndarray[Any, Any]

_PEAK = float(np.finfo(np.float32).max)

_MIN_SCALE = 8 * float(np.finfo(np.float32).tiny)
"""Readers may take numbers below `tiny` for zero, and could divide by it."""


@dataclasses.dataclass(frozen=True)
class ReducedOutput:
    """What is kept of one output; see `schema.LayerActivation`.

    Attributes:
        maps: uint8 `[N, K, h, w]`.
        scale: float32 `[N, K]`.
        offset: float32 `[N, K]`.
        nonfinite: uint8 `[N, K, h, w]`.
        stats: float32 `[N, C, S]`.
        units: What is known of the channels over all samples that were run.
    """

    maps: Array
    scale: Array
    offset: Array
    nonfinite: Array
    stats: Array
    units: UnitArrays


def reduce_output(
    output: Array,
    plan: LayerPlan,
    samples: int,
    channels_first: bool,
    limits: tuple[float, float] | None = None,
) -> ReducedOutput:
    """Reduces one output.

    Args:
        output: `[N, ...]` of any dtype that casts to float32.
        plan: What to keep of it.
        samples: How many of the N samples to keep maps and statistics of.
        channels_first: Whether the channel axis of `output` comes second.
        limits: Values beyond these count as saturated; None where that has no
            meaning.
    """
    layout = plan.layout
    with np.errstate(over="ignore"):
        x = np.asarray(output).astype(np.float32, order="K", copy=False)
    if x.ndim == 1:
        x = x[:, None]
    if not channels_first:
        x = np.moveaxis(x, -1, 1)
    channels = Channels(x.reshape(*x.shape[:2], -1))
    stats = channels.stats()
    merged = stats.merged()
    values = int(np.prod(x.shape[2:]))
    units = UnitArrays(
        stats=merged.columns(values * len(x))[0],
        histogram=channels.histogram(merged, plan.bins),
        saturated=None if limits is None else channels.share_outside(*limits),
    )
    kept = x[:samples]
    if len(plan.channels) < layout.channels:
        kept = kept[:, list(plan.channels)]
    maps, scale, offset, nonfinite = quantise(
        *area_average(_as_maps(kept, plan), plan.factor, channels.finite)
    )
    return ReducedOutput(
        maps, scale, offset, nonfinite, stats.columns(values)[:samples], units
    )


def _as_maps(x: Array, plan: LayerPlan) -> Array:
    """`[N, K, ...]` as `[N, K, S, H, W]`: S slices of a volume, else one."""
    layout = plan.layout
    depths = int(np.prod(x.shape[2:-2])) if x.ndim > 4 else 1
    x = x.reshape(*x.shape[:2], depths, layout.height, layout.width)
    return x[:, :, list(plan.slices)] if plan.slices else x


def area_average(x: Array, factor: int, finite: bool) -> tuple[Array, Array | None]:
    """Averages cells of `factor x factor` values; fewer at the far edges.

    Args:
        x: float32 `[N, K, S, H, W]`; H may be 1. The S slices are put side by
            side.
        factor: Size of a cell.
        finite: Whether all values are known to be finite.

    Returns:
        float32 `[N, K, h, S * w]`: the mean of each cell's finite values; and
        uint8 of that shape: the largest code of its non-finite values, or
        None if there is none.
    """
    if finite:
        return _side_by_side(_mean_of_cells(x, factor)), None
    marks = np.zeros(x.shape, np.uint8)
    marks[np.isnan(x)] = 1
    marks[np.isposinf(x)] = 2
    marks[np.isneginf(x)] = 3
    good = marks == 0
    zeroed = np.where(good, x, np.float32(0))
    if factor == 1:
        return _side_by_side(zeroed), _side_by_side(marks)
    total = _over_cells(np.add, zeroed.astype(np.float64), factor)
    count = _over_cells(np.add, good.astype(np.float64), factor)
    worst = _over_cells(np.maximum, marks, factor)
    mean = (total / np.maximum(count, 1)).astype(np.float32)
    return _side_by_side(mean), _side_by_side(worst)


def _mean_of_cells(x: Array, factor: int) -> Array:
    if factor == 1:
        return x
    height, width = x.shape[-2:]
    tall = min(factor, height)
    with np.errstate(over="ignore", invalid="ignore"):
        total = _over_cells(np.add, x, factor)
    if not np.isfinite(total).all():  # Sums of large values overflow.
        total = _over_cells(np.add, x.astype(np.float64), factor)
    rows = np.minimum(tall, height - np.arange(0, height, tall))
    columns = np.minimum(factor, width - np.arange(0, width, factor))
    mean: Array = total / (rows[:, None] * columns).astype(total.dtype)
    return mean.astype(np.float32, copy=False)


def _over_cells(operation: np.ufunc, x: Array, factor: int) -> Array:
    """Combines the values of each cell of the last two axes."""
    height, width = x.shape[-2:]
    rows = np.arange(0, height, min(factor, height))
    columns = np.arange(0, width, factor)
    down = operation.reduceat(x, rows, axis=-2)
    across: Array = operation.reduceat(down, columns, axis=-1)
    return across


def _side_by_side(x: Array) -> Array:
    """`[N, K, S, h, w]` as `[N, K, h, S * w]`."""
    samples, channels, slices, height, width = x.shape
    x = x.transpose(0, 1, 3, 2, 4)
    return x.reshape(samples, channels, height, slices * width)


def quantise(x: Array, nonfinite: Array | None) -> tuple[Array, Array, Array, Array]:
    """Quantises every channel to 8 bits over its own range.

    A de-quantised value `offset + scale * code` differs from the true one by
    at most 1/510 of the channel's range. A range below 3e-35 counts as none.

    Args:
        x: float32 `[N, K, h, w]`, finite.
        nonfinite: uint8 of that shape; where it is not 0, x is ignored.

    Returns:
        codes uint8 `[N, K, h, w]`, scale and offset float32 `[N, K]`, and
        `nonfinite`, of zeros where it was None.
    """
    x = np.ascontiguousarray(x)
    shape = x.shape
    if not x.size:
        none = np.zeros(shape[:2], np.float32)
        empty = np.zeros(shape, np.uint8)
        return empty, none, none, empty
    flat = x.reshape(*shape[:2], -1)
    if nonfinite is None:
        low, high = flat.min(axis=2), flat.max(axis=2)
    else:
        good = nonfinite.reshape(flat.shape) == 0
        low = np.where(good, flat, np.float32(np.inf)).min(axis=2)
        high = np.where(good, flat, np.float32(-np.inf)).max(axis=2)
        nothing = ~good.any(axis=2)
        low[nothing] = high[nothing] = 0
    # Halves, since the range of float32 values may overflow float32.
    half = high * np.float32(0.5) - low * np.float32(0.5)
    scale = half / np.float32(127.5)
    scale = np.where(scale > _MIN_SCALE, scale, np.float32(0))
    step = np.where(scale > 0, scale, np.float32(1))[:, :, None]
    with np.errstate(over="ignore"):  # Where a cell has no finite value.
        if half.max() < _PEAK / 2:
            codes = flat - low[:, :, None]
            codes /= step
        else:
            codes = flat * np.float32(0.5) - low[:, :, None] * np.float32(0.5)
            codes /= step * np.float32(0.5)
    np.rint(codes, out=codes)
    np.clip(codes, 0, 255, out=codes)
    if nonfinite is None:
        nonfinite = np.zeros(shape, np.uint8)
    else:
        codes[~good] = 0
    return codes.astype(np.uint8).reshape(shape), scale, low, nonfinite
