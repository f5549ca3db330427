"""When to capture: dense at first, then sparser, bounded in number and cost."""

from __future__ import annotations

import os
from typing import Literal

DENSE_CAPTURES = 20
"""So many captures are made whenever one is due."""

GROWTH = 1.1
"""From then on the next one waits until the training is this much longer."""

MAX_CAPTURES = 100
"""The wait grows further so that about so many are never exceeded."""


class CaptureSchedule:
    """Says at which epochs or steps a capture is made.

    The n-th capture is made when one is due and the training's position (its
    count of epochs or steps) is at least `last * growth(n)`, where `last` is
    the position of the capture before it and

        growth(n) = 1 for n < DENSE_CAPTURES, GROWTH for n < MAX_CAPTURES / 2,
        and 2 after that.

    So captures at positions 1, 2, ..., 20, 22, 25, 28, ...: any training has
    at most about 50 + log2(length) of them. It depends on nothing but the
    positions, so equal trainings capture at equal steps.

    Args:
        when: "epoch", a number of steps, or None for never.
    """

    def __init__(self, when: Literal["epoch"] | int | None) -> None:
        self._when = when
        self._count = 0
        self._last = 0
        self._next_step: int | None = when if isinstance(when, int) else None

    def epoch_is_due(self, epochs: int) -> bool:
        """Whether to capture after so many epochs of this training."""
        return self._when == "epoch" and self._is_due(epochs)

    def step_is_due(self, step: int) -> bool:
        """Whether to capture after so many steps of this training."""
        if not isinstance(self._when, int) or self._next_step is None:
            return False
        if step < self._next_step:
            return False
        # Several steps may pass at once: the next multiple counts from here.
        self._next_step = (step // self._when + 1) * self._when
        return self._is_due(step)

    def _is_due(self, position: int) -> bool:
        if self._count < DENSE_CAPTURES:
            growth = 1.0
        else:
            growth = GROWTH if self._count < MAX_CAPTURES // 2 else 2.0
        if position < self._last * growth:
            return False
        self._count += 1
        self._last = position
        return True


class OverheadLimit:
    """Keeps the cost of captures below a share of the training time.

    A capture is allowed while

        spent <= share * (elapsed - spent) + GRACE_SECS_PER_SHARE * share

    so that a short training is not thinned out for the compilation of its
    first capture.

    What another thread takes for a capture counts by the machine's share that
    it keeps busy: on a single core it stops the training, on many it does not.

    Args:
        share: Largest share; None for no limit.
        cores: Processor cores; those of the machine if left out.
    """

    GRACE_SECS_PER_SHARE = 100.0

    def __init__(self, share: float | None, cores: int | None = None) -> None:
        self._share = share
        self._cores = max(1, cores or _usable_cores())
        self._spent = 0.0
        self.skipped = 0

    def allows(self, elapsed_secs: float) -> bool:
        """Whether a capture may be made now; counts those that may not.

        Args:
            elapsed_secs: Time since the training began, captures included.
        """
        if self._share is None:
            return True
        training = max(0.0, elapsed_secs - self._spent)
        limit = self._share * (training + self.GRACE_SECS_PER_SHARE)
        if self._spent <= limit:
            return True
        self.skipped += 1
        return False

    def spend(self, secs: float) -> None:
        """Notes what a capture took from the training thread."""
        self._spent += secs

    def spend_beside(self, processor_secs: float) -> None:
        """Notes what a capture took from another thread."""
        self._spent += processor_secs / self._cores

    @property
    def spent_secs(self) -> float:
        """Time that captures took from the training."""
        return self._spent


def _usable_cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # Not on every system.
        return os.cpu_count() or 1
