"""What logging costs one training, and the captures that are left out for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from tb_kerasviz.training_log import TrainingLog
from tb_kerasviz.writer.interface import TrainingCosts
from tb_kerasviz.writer.schedule import OverheadLimit

MAX_SKIPPED_STEPS = 1000
"""Steps of captures that were left out are named up to so many."""

_TELL_SECS = 1.0
"""How often the writer is told, which writes them more seldom."""


class LoggingCosts:
    """Adds up what logging takes from the training thread.

    Args:
        log: Where it is told, and said once if captures are left out.
        max_overhead: Largest share that captures may cost; None for no limit.
        clock: A monotonic clock in seconds.
        began: When the training began, by the clock; None for now.
    """

    def __init__(
        self,
        log: TrainingLog,
        max_overhead: float | None,
        clock: Callable[[], float] = time.perf_counter,
        began: float | None = None,
    ) -> None:
        self._log = log
        self._max_overhead = max_overhead
        self._clock = clock
        self._limit = OverheadLimit(max_overhead)
        self._began = clock() if began is None else began
        self._told = self._began
        self._call_secs = 0.0
        self._skipped: list[int] = []

    def allows_capture(self, step: int) -> bool:
        """Whether captures that are due at a step may be made."""
        self._limit.spend_beside(self._log.take_encoding_secs())
        if self._limit.allows(self._clock() - self._began):
            return True
        if len(self._skipped) < MAX_SKIPPED_STEPS:
            self._skipped.append(step)
        if self._limit.skipped == 1 and self._max_overhead is not None:
            percent = f"{100 * self._max_overhead:.3g}%"
            self._log.report(
                step,
                "captures",
                "captures are left out from this step on where that is needed, so "
                f"that they cost at most {percent} of the training time; "
                "max_overhead=None keeps them all.",
            )
        return False

    def time_capture(self, capture: Callable[[], object]) -> None:
        """Makes a capture, and counts its time against `max_overhead`."""
        began = self._clock()
        capture()
        self._limit.spend(self._clock() - began)

    def add_call(self, secs: float) -> None:
        """Notes what one call of ours took, captures and all."""
        self._call_secs += secs
        if self._clock() - self._told >= _TELL_SECS:
            self.tell()

    def tell(self, unfinished_secs: float = 0.0) -> None:
        """Tells the log how things stand.

        Args:
            unfinished_secs: What the present call took so far.
        """
        self._told = self._clock()
        self._log.note_costs(
            TrainingCosts(
                overhead_secs=self._call_secs + unfinished_secs,
                training_secs=self._told - self._began,
                captures_skipped=self._limit.skipped,
                skipped_steps=tuple(self._skipped),
            )
        )
