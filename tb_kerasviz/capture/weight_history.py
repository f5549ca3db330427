"""How far variables moved since the capture before, and since the first."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_kerasviz.analysis.tensor_stats import in_chunks
from tb_kerasviz.capture.host_buffers import HostBuffers

Array = np.ndarray[Any, Any]

MAX_HISTORY_BYTES = 256 * 2**20
"""Most bytes of earlier values that are held. Two copies of a variable are
needed; where not all fit, the smallest variables have theirs, so that most
layers are measured, and the others are said to be left out."""


@dataclasses.dataclass(frozen=True)
class Change:
    """How far a variable moved.

    Attributes:
        since_previous: Euclidean norm of the difference to the capture before,
            over elements that are finite in both; None if it is not known.
        since_start: The same, to the first capture.
    """

    since_previous: float | None
    since_start: float | None


@dataclasses.dataclass(frozen=True)
class _Past:
    step: int
    values: Mapping[str, Array]


class WeightHistory:
    """Earlier values of one model's variables, within a budget of memory.

    Captures are compared one at a time, on whichever thread reduces them; one
    that comes after a later one is compared with nothing.

    Args:
        max_bytes: See `MAX_HISTORY_BYTES`.

    Attributes:
        buffers: Memory for the values, which gets back what the history drops.
    """

    def __init__(self, max_bytes: int = MAX_HISTORY_BYTES) -> None:
        self.buffers = HostBuffers()
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._start: _Past | None = None
        self._previous: _Past | None = None

    def compare(self, step: int, nbytes: Mapping[str, int]) -> Comparison:
        """Begins to compare a capture with those before it.

        Args:
            step: Its step.
            nbytes: Bytes of each variable's float32 values, by path.
        """
        left, kept = self._max_bytes, set[str]()
        for path in sorted(nbytes, key=lambda path: (nbytes[path], path)):
            left -= 2 * nbytes[path]
            if left < 0:
                break
            kept.add(path)
        cut = ""
        if len(kept) < len(nbytes):
            cut = (
                f"changes of {len(kept)} of {len(nbytes)} variables, the smallest: "
                f"at most {self._max_bytes / 2**20:.0f} MiB of earlier values are held"
            )
        with self._lock:
            start, previous = self._start, self._previous
        if previous is not None and previous.step >= step:
            start = previous = None
        return Comparison(
            self, step, kept=kept, cut=cut, start=start, previous=previous
        )

    def _replace(self, now: _Past) -> None:
        with self._lock:
            if self._previous is not None and self._previous.step >= now.step:
                return
            self._previous = now
            if self._start is None:
                self._start = now


class Comparison:
    """One capture beside those before it; made by `WeightHistory.compare`.

    Attributes:
        previous_step: Step of the capture before; None if there is none.
        start_step: Step of the first capture; None if it is this one.
        cut: Whose changes are not measured, as a phrase; empty if all are.
    """

    def __init__(
        self,
        history: WeightHistory,
        step: int,
        *,
        kept: set[str],
        cut: str,
        start: _Past | None,
        previous: _Past | None,
    ) -> None:
        self._history = history
        self._step = step
        self._kept = kept
        self._start = start
        self._previous = previous
        self._now: dict[str, Array] = {}
        self.cut = cut
        self.previous_step = None if previous is None else previous.step
        self.start_step = None if start is None else start.step

    def measure(self, path: str, values: Array) -> Change:
        """Measures one variable, and keeps its values for the next capture.

        Args:
            path: Its path.
            values: float32, any shape; must not change afterwards.
        """
        if path not in self._kept:
            return Change(None, None)
        self._now[path] = values
        since_previous = _distance(values, self._previous, path)
        if self._previous is self._start:
            return Change(since_previous, since_previous)
        return Change(since_previous, _distance(values, self._start, path))

    def finish(self) -> None:
        """Makes this capture the one before the next."""
        self._history._replace(_Past(self._step, self._now))
        self._now = {}
        self._start = self._previous = None


def _distance(values: Array, past: _Past | None, path: str) -> float | None:
    before = None if past is None else past.values.get(path)
    if before is None or before.shape != values.shape:
        return None
    square, known = 0.0, 0
    pairs = zip(in_chunks(np.ravel(values)), in_chunks(np.ravel(before)), strict=True)
    with np.errstate(invalid="ignore"):
        for now, then in pairs:
            moved = now - then
            finite = np.isfinite(moved)
            part = moved if finite.all() else moved[finite]
            known += part.size
            square += float(np.square(part, out=part).sum())
    return math.sqrt(square) if known or not values.size else None
