"""The colours that the tab gives to values, worked out anew from their definition."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Pixels = npt.NDArray[np.uint8]

_ANCHORS = {
    # Viridis at twenty even steps.
    "sequential": (
        "440154 481568 482677 453781 3f4788 39558c 32648e 2d718e 287d8e 238a8d "
        "1f968b 20a386 29af7f 3cbc75 56c667 74d055 94d840 b8de29 dce318 fde725"
    ),
    # Blue, next to white, orange.
    "diverging": (
        "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fee0b6 fdb863 e08214 b35806 7f3b08"
    ),
    "diverging dark": (
        "b5d8ff 7ab8ff 3d86d6 275a94 1f3a58 23272c 553316 98541a d67d22 f6a95b ffd9a8"
    ),
    # Purple, next to white, green.
    "difference": (
        "40004b 762a83 9970ab c2a5cf e7d4e8 f7f7f7 d9f0d3 a6dba0 5aae61 1b7837 00441b"
    ),
}

NONFINITE = {
    "nan": (0xE6, 0x00, 0x7E),
    "inf": (0xFF, 0x2A, 0x1A),
    "-inf": (0, 200, 215),
}
"""Colours of cells that hold no finite number."""


def palette(name: str) -> Pixels:
    """The 256 colours of a palette, `[256, 3]`, from low to high."""
    anchors = np.array(
        [
            [int(text[i : i + 2], 16) for i in (0, 2, 4)]
            for text in _ANCHORS[name].split()
        ]
    )
    at = np.linspace(0, len(anchors) - 1, 256)
    channels = [
        np.interp(at, range(len(anchors)), anchors[:, channel]) for channel in range(3)
    ]
    return np.floor(np.stack(channels, axis=-1) + 0.5).astype(np.uint8)


def mismatches(
    pixels: Pixels, values: Floats, low: float, high: float, name: str
) -> list[str]:
    """Cells whose colour is not that of their value, give or take one of 256.

    Args:
        pixels: What is seen at the middle of each cell, `[h, w, 3]`.
        values: What the cells hold, `[h, w]`.
        low: Value of the palette's first colour.
        high: Value of its last one.
        name: Name of the palette.
    """
    colors = palette(name).astype(int)
    wrong: list[str] = []
    for row, column in np.ndindex(*values.shape):
        value = float(values[row, column])
        seen = pixels[row, column].astype(int)
        if math.isfinite(value):
            share = (value - low) / (high - low)
            index = math.floor(min(1.0, max(0.0, share)) * 255 + 0.5)
            near = colors[max(0, index - 1) : index + 2]
        else:
            near = np.array([NONFINITE[str(value)]])
        if not np.any(np.all(np.abs(near - seen) <= 1, axis=-1)):
            wrong.append(
                f"{value} at {row}, {column} is {seen}, not {near[len(near) // 2]}"
            )
    return wrong
