"""Memory for copies of weights, used again and again."""

from __future__ import annotations

import math
import weakref
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

MIN_BYTES = 2**16
"""What is smaller comes from memory that the process holds on to anyway."""


class HostBuffers:
    """Gives arrays whose memory is used again once nobody holds them.

    The first touch of fresh memory takes several times as long as the copy
    itself, since the system clears it page by page. Captures that follow each
    other need the same sizes, and let go of those from two captures ago.
    """

    def __init__(self) -> None:
        self._free: dict[int, list[Array]] = {}

    def copy(self, values: Array) -> Array:
        """A float32 copy of an array.

        Whoever keeps a view of the copy must keep the copy itself, too.

        Args:
            values: Any shape, any dtype that float32 can be made of.
        """
        size = math.prod(values.shape)
        if 4 * size < MIN_BYTES:
            return np.array(values, np.float32)
        free = self._free.setdefault(size, [])
        try:
            memory = free.pop()
        except IndexError:
            memory = np.empty(size, np.float32)
        copied = memory.reshape(values.shape)
        np.copyto(copied, values, casting="unsafe")
        # Not at the end of the process: nothing is used again then.
        weakref.finalize(copied, _give_back, free, memory).atexit = False
        return copied


def _give_back(free: list[Array], memory: Array) -> None:
    # Any thread may run it, so it takes no lock: each of these is atomic.
    free.append(memory)
