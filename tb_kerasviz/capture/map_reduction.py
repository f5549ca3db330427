"""Reduces an output to statistics and quantised maps, on the device.

Written with `keras.ops`, so that it runs inside a compiled forward pass of
any backend and only the small results are copied to the host.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from tb_kerasviz.analysis.activation_plan import LayerPlan

Tensor = Any
"""A tensor of the backend."""

_PEAK = float(np.finfo(np.float32).max)

_MIN_SCALE = 8 * float(np.finfo(np.float32).tiny)
"""Devices take numbers below `tiny` for zero, and could divide by it."""


def reduce_output(
    output: Tensor, plan: LayerPlan, samples: int, channels_first: bool
) -> dict[str, Tensor]:
    """Reduces one output.

    Args:
        output: `[N, ...]` of any dtype that casts to float32.
        plan: What to keep of it.
        samples: How many of the N samples to keep.
        channels_first: Whether the channel axis of `output` comes second.

    Returns:
        `maps` uint8 `[N, K, h, w]`, `scale` and `offset` float32 `[N, K]`,
        `nonfinite` uint8 `[N, K, h, w]`, `stats` float32 `[N, C, S]`; see
        `schema.LayerActivation`.
    """
    layout = plan.layout
    x = ops.cast(output[:samples], "float32")
    rank = len(x.shape)
    if channels_first and rank > 2:
        x = ops.transpose(x, [0, *range(2, rank), 1])
    stats = channel_stats(ops.reshape(x, [samples, -1, layout.channels]))
    if not plan.channels:
        # Only the statistics fit; no backend takes the minimum of nothing.
        none = ops.zeros([samples, 0, plan.height, plan.width], "uint8")
        range_ = ops.zeros([samples, 0], "float32")
        return {
            "maps": none,
            "scale": range_,
            "offset": range_,
            "nonfinite": none,
            "stats": stats,
        }
    if rank == 5:
        x = x[:, x.shape[1] // 2]
    x = ops.reshape(x, [samples, layout.height, layout.width, layout.channels])
    if len(plan.channels) < layout.channels:
        x = ops.take(x, np.array(plan.channels, np.int32), axis=-1)
    maps, scale, offset, nonfinite = quantise(*area_average(x, plan.factor))
    order = [0, 3, 1, 2]
    return {
        "maps": ops.transpose(maps, order),
        "scale": scale,
        "offset": offset,
        "nonfinite": ops.transpose(nonfinite, order),
        "stats": stats,
    }


def channel_stats(x: Tensor) -> Tensor:
    """Statistics of channels over their finite values.

    Args:
        x: float32 `[N, M, C]`.

    Returns:
        float32 `[N, C, S]` with the columns `schema.ACTIVATION_STATS`.
    """
    finite = ops.isfinite(x)
    count = ops.sum(ops.cast(finite, "float32"), axis=1)
    safe_count = ops.maximum(count, 1.0)
    low = ops.min(ops.where(finite, x, np.inf), axis=1)
    high = ops.max(ops.where(finite, x, -np.inf), axis=1)
    # In units of the largest value: sums and squares of large float32 values
    # overflow, and squares of small ones vanish.
    peak = ops.maximum(ops.abs(low), ops.abs(high))
    unit = ops.where(peak > 0, peak, 1.0)
    scaled = ops.where(finite, x, 0.0) / unit[:, None, :]
    centre = ops.sum(scaled, axis=1) / safe_count
    spread = ops.where(finite, scaled - centre[:, None, :], 0.0)
    std = ops.sqrt(ops.sum(ops.square(spread), axis=1) / safe_count)
    # Rounding must not lead beyond the values themselves.
    mean = ops.minimum(ops.maximum(centre * unit, low), high)
    std = ops.minimum(std, 1.0) * unit
    zeros = ops.sum(ops.cast(ops.equal(x, 0.0), "float32"), axis=1) / safe_count
    columns = ops.stack([low, high, mean, std, zeros], axis=-1)
    columns = ops.where(count[..., None] > 0, columns, np.nan)
    bad = float(x.shape[1]) - count
    return ops.concatenate([columns, bad[..., None]], axis=-1)


def area_average(x: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """Averages cells of `factor x factor` values; fewer at the far edges.

    Args:
        x: float32 `[N, H, W, K]`; H may be 1.
        factor: Size of a cell.

    Returns:
        float32 `[N, h, w, K]`: the mean of each cell's finite values; and
        uint8 of that shape: the largest code of its non-finite values.
    """
    marks = ops.where(
        ops.isnan(x),
        1.0,
        ops.where(
            ops.equal(x, np.inf), 2.0, ops.where(ops.equal(x, -np.inf), 3.0, 0.0)
        ),
    )
    zeroed = ops.where(ops.equal(marks, 0.0), x, 0.0)
    if factor == 1:
        return zeroed, ops.cast(marks, "uint8")
    finite = ops.cast(ops.equal(marks, 0.0), "float32")
    count = ops.sum(_cells(finite, factor), axis=(2, 4))
    # Divided before they are summed, since sums of large values overflow.
    size = float(factor * min(factor, x.shape[1]))
    mean = ops.sum(_cells(zeroed / size, factor), axis=(2, 4))
    mean = ops.clip(mean * (size / ops.maximum(count, 1.0)), -_PEAK, _PEAK)
    worst = ops.max(_cells(marks, factor), axis=(2, 4))
    return mean, ops.cast(worst, "uint8")


def _cells(x: Tensor, factor: int) -> Tensor:
    """Splits `[N, H, W, K]` into `[N, h, fh, w, fw, K]`, padded with zeros."""
    samples, height, width, channels = x.shape
    tall = min(factor, height)
    rows, columns = -(-height // tall), -(-width // factor)
    pad = [[0, 0], [0, rows * tall - height], [0, columns * factor - width], [0, 0]]
    return ops.reshape(
        ops.pad(x, pad), [samples, rows, tall, columns, factor, channels]
    )


def quantise(x: Tensor, nonfinite: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Quantises every channel to 8 bits over its own range.

    A de-quantised value `offset + scale * code` differs from the true one by
    at most 1/510 of the channel's range. A range below 3e-35 counts as none.

    Args:
        x: float32 `[N, h, w, K]`, finite.
        nonfinite: uint8 of that shape; where it is not 0, x is ignored.

    Returns:
        codes uint8 `[N, h, w, K]`, scale and offset float32 `[N, K]`, and
        `nonfinite`.
    """
    good = ops.equal(nonfinite, 0)
    low = ops.min(ops.where(good, x, np.inf), axis=(1, 2))
    high = ops.max(ops.where(good, x, -np.inf), axis=(1, 2))
    any_good = ops.any(good, axis=(1, 2))
    low = ops.where(any_good, low, 0.0)
    high = ops.where(any_good, high, 0.0)
    # Halves, since the range of float32 values may overflow float32.
    half = high * 0.5 - low * 0.5
    scale = half / 127.5
    scale = ops.where(scale > _MIN_SCALE, scale, 0.0)
    step = ops.where(scale > 0, scale, 1.0) * 0.5
    codes = (x * 0.5 - low[:, None, None] * 0.5) / step[:, None, None]
    codes = ops.where(good, ops.clip(ops.round(codes), 0.0, 255.0), 0.0)
    return ops.cast(codes, "uint8"), scale, low, nonfinite
