"""Miniatures of captured activations, one per layer and sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_kerasviz.wire import activations as wire

Array = np.ndarray[Any, Any]

NONFINITE_CODE = 255
"""Code of a miniature's cell that has no finite value."""


def draw_thumbnails(
    capture: wire.ActivationCapture, side: int
) -> list[tuple[Array, Array, Array]]:
    """Draws the miniatures of a capture; meant for the writer's thread.

    Args:
        capture: The capture.
        side: Height and width of a miniature.

    Returns:
        Per sample: uint8 `[L, side, side]`, float32 low `[L]`, high `[L]`.
    """
    if not side or not capture.layers:
        return []
    drawn = []
    for sample in range(capture.samples):
        parts = [
            thumbnail(
                wire.dequantise(
                    layer.maps[sample],
                    layer.scale[sample],
                    layer.offset[sample],
                    layer.nonfinite[sample],
                ),
                side,
            )
            for layer in capture.layers
        ]
        drawn.append(
            (
                np.stack([codes for codes, _, _ in parts]),
                np.array([low for _, low, _ in parts], np.float32),
                np.array([high for _, _, high in parts], np.float32),
            )
        )
    return drawn


def thumbnail(values: Array, side: int) -> tuple[Array, float, float]:
    """Draws one layer's channels as one small picture.

    Maps are averaged over channels; a sequence or a vector becomes its time
    by unit (or units) picture.

    Args:
        values: float32 `[K, h, w]`, NaN where not finite; K may be 0.
        side: Height and width of the miniature.

    Returns:
        uint8 codes `[side, side]` from 0 (low) to 254 (high), 255 where there
        is no finite value; and the values low and high.
    """
    channels, height, width = values.shape
    if channels == 0:
        return np.full((side, side), NONFINITE_CODE, np.uint8), 0.0, 0.0
    if height > 1:
        picture = _finite_mean(values, axis=0)
    elif width > 1:
        picture = values[:, 0, :].T
    else:
        picture = _fold(values[:, 0, 0], side)
    picture = _resize(picture, side)
    finite = picture[np.isfinite(picture)]
    if not finite.size:
        return np.full((side, side), NONFINITE_CODE, np.uint8), 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    spread = high - low
    scaled = (picture - low) / spread if spread > 0 else np.zeros_like(picture)
    filled = np.where(np.isfinite(picture), scaled * 254, NONFINITE_CODE)
    return np.rint(filled).astype(np.uint8), low, high


def _finite_mean(values: Array, axis: int | tuple[int, ...]) -> Array:
    finite = np.isfinite(values)
    count = finite.sum(axis=axis)
    total = np.where(finite, values, 0).sum(axis=axis, dtype=np.float64)
    mean = total / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan)


def _fold(units: Array, side: int) -> Array:
    """Folds `[C]` into full rows `[r, side]`, so that no cell stays empty."""
    rows = min(side, -(-len(units) // side))
    cells = rows * side
    if len(units) > cells:
        spread = _mean_of_parts(units, cells, 0)
    else:
        spread = units[np.arange(cells) * len(units) // cells]
    return spread.reshape(rows, side)


def _resize(picture: Array, side: int) -> Array:
    """Averages or repeats cells to `[side, side]`."""
    for axis in (0, 1):
        size = picture.shape[axis]
        if size > side:
            picture = _mean_of_parts(picture, side, axis)
        elif size < side:
            picture = np.take(picture, np.arange(side) * size // side, axis)
    return picture


def _mean_of_parts(values: Array, parts: int, axis: int) -> Array:
    """Means of the finite values in parts of about the same size along an axis."""
    begins = np.linspace(0, values.shape[axis], parts + 1).astype(int)[:-1]
    finite = np.isfinite(values)
    count = np.add.reduceat(finite, begins, axis, dtype=np.int64)
    kept = np.where(finite, values, 0)
    total = np.add.reduceat(kept, begins, axis, dtype=np.float64)
    mean = total / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan)
