"""How long callers of `add` may still be made to wait."""

from __future__ import annotations

from collections.abc import Callable

REFILL = 0.01
"""Share of the passing time by which the budget refills."""


class BlockBudget:
    """A budget of seconds that refills slowly, up to its size.

    So waiting costs at most `max_secs` and one hundredth of the training
    time, whatever the disk does; not safe for threads by itself.
    """

    def __init__(self, max_secs: float, clock: Callable[[], float]) -> None:
        """Creates a full budget.

        Args:
            max_secs: Its size.
            clock: A monotonic clock in seconds.
        """
        self._max_secs = max_secs
        self._clock = clock
        self._secs = max_secs
        self._time = clock()

    def available_secs(self) -> float:
        """How long to wait at most now; 0 or less for not at all."""
        now = self._clock()
        self._secs += max(0.0, now - self._time) * REFILL
        self._secs = min(self._max_secs, self._secs)
        self._time = now
        return self._secs

    def spend(self, secs: float) -> None:
        """Takes out what was waited; several threads may wait at once."""
        self._secs -= secs
        self._time = self._clock()
