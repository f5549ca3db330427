"""Inputs that are pictures."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np

from tb_kerasviz.capture.probe.arrays import Array

MAX_PICTURE_SIDE = 256
_PICTURE_CHANNELS = (1, 3, 4)
_MIN_SIDE = 8
"""Shortest side of a picture whose channel axis was left out."""


@dataclasses.dataclass(frozen=True)
class Pictures:
    """Pictures as they are logged; fields as in `schema.ProbeInput`.

    Attributes:
        levels: uint8 `[N, H, W, C]`.
    """

    levels: Array
    low: float
    high: float
    cut: str


def takes_channels_first(model: keras.Model) -> bool:
    """Whether a model takes pictures as `[N, C, H, W]`."""
    formats = [
        getattr(layer, "data_format", None)
        for layer in model._flatten_layers(include_self=False, recursive=True)
    ]
    known = [f for f in formats if f in ("channels_first", "channels_last")]
    # The first layer with one sees the picture; others what comes of it.
    first: str = known[0] if known else keras.config.image_data_format()
    return first == "channels_first"


def to_pictures(values: Array, channels_first: bool) -> Pictures | None:
    """Takes an input as pictures, if that is what it is.

    Args:
        values: float32 `[N, ...]`.
        channels_first: Whether channels come before the other axes.
    """
    if values.ndim == 4 and channels_first and values.shape[1] in _PICTURE_CHANNELS:
        return _draw(values.transpose(0, 2, 3, 1))
    if values.ndim == 4 and values.shape[-1] in _PICTURE_CHANNELS:
        return _draw(values)
    # A picture also where the channel axis was left out.
    if values.ndim == 3 and min(values.shape[1:]) >= _MIN_SIDE:
        return _draw(values[..., np.newaxis])
    return None


def _draw(values: Array) -> Pictures:
    finite = values[np.isfinite(values)]
    low = float(finite.min()) if finite.size else 0.0
    high = float(finite.max()) if finite.size else 1.0
    # The usual ranges keep their meaning, so that a dark picture stays dark.
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    elif low >= -1 and high <= 1:
        low, high = -1.0, 1.0
    factor = max(1, -(-max(values.shape[1:3]) // MAX_PICTURE_SIDE))
    small = values[:, ::factor, ::factor]
    cut = ""
    if factor > 1:
        cut = (
            f"{small.shape[1]}x{small.shape[2]} of "
            f"{values.shape[1]}x{values.shape[2]} (one of {factor} pixels each way)"
        )
    filled = np.clip(np.nan_to_num(small.astype(np.float64), nan=low), low, high)
    scaled = (filled - low) / max(high - low, 1e-30) * 255
    return Pictures(np.rint(scaled).astype(np.uint8), low, high, cut)
