"""Trainings that take turns, epoch by epoch, each compiled only once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras

_QUIET_SECS, _QUIET_SHARE = 0.05, 0.1


class Contestant:
    """A fit in a thread of its own that trains only when it is let.

    Args:
        name: What to call it.
        fit: Runs the fit with the callbacks that it is given.
        callbacks: What is measured; empty for nothing.
    """

    def __init__(
        self,
        name: str,
        fit: Callable[[list[keras.callbacks.Callback]], object],
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> None:
        self.name = name
        self._go = threading.Semaphore(0)
        self._done = threading.Semaphore(0)
        self._error: BaseException | None = None
        self.epoch_secs = 0.0
        """Wall time of the last epoch, with all that hooks did in it."""
        self.end_secs = 0.0
        """The part of it that the hooks at its end took."""
        self.cpu_secs = 0.0
        """Processor time of all threads in the last epoch."""
        first, last = _First(self), _Last(self)
        self._thread = threading.Thread(
            target=self._run, args=(fit, [first, *callbacks, last]), daemon=True
        )
        self._stopping = False
        self._began = self._trained = self._cpu_began = 0.0

    def train_epoch(self) -> None:
        """Lets one epoch go by."""
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._go.release()
        self._done.acquire()
        if self._error is not None:
            raise RuntimeError(f"{self.name} failed") from self._error

    def stop(self) -> None:
        """Ends the fit."""
        self._stopping = True
        self._go.release()
        if self._thread.ident is not None:
            self._thread.join()

    def begin_epoch(self) -> None:
        """Before the hooks of the others."""
        self._cpu_began = time.process_time()
        self._began = time.perf_counter()

    def end_batches(self) -> None:
        """After the last batch, before the hooks of the others."""
        self._trained = time.perf_counter()

    def end_epoch(self) -> bool:
        """After the hooks of the others: takes the times, waits for the turn.

        Returns:
            Whether another epoch is wanted.
        """
        now = time.perf_counter()
        self.epoch_secs, self.end_secs = now - self._began, now - self._trained
        self.cpu_secs = time.process_time() - self._cpu_began
        self._done.release()
        self._go.acquire()
        return not self._stopping

    def _run(
        self,
        fit: Callable[[list[keras.callbacks.Callback]], object],
        callbacks: list[keras.callbacks.Callback],
    ) -> None:
        try:
            fit(callbacks)
        except BaseException as error:  # noqa: BLE001 - the main thread raises it
            self._error = error
        self._done.release()


def settle(most_secs: float = 5.0) -> float:
    """Waits until threads that still work beside the trainings have ended.

    Those that write what was captured would else take time from whoever
    trains next.

    Args:
        most_secs: Not longer than this.

    Returns:
        The processor time that they took.
    """
    began = used = time.process_time()
    until = time.monotonic() + most_secs
    while time.monotonic() < until:
        time.sleep(_QUIET_SECS)
        before, used = used, time.process_time()
        if used - before < _QUIET_SHARE * _QUIET_SECS:
            break
    return used - began


class _First(keras.callbacks.Callback):
    """Before the others."""

    def __init__(self, contestant: Contestant) -> None:
        super().__init__()
        self._contestant = contestant

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._contestant.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._contestant.end_batches()


class _Last(keras.callbacks.Callback):
    """After the others."""

    def __init__(self, contestant: Contestant) -> None:
        super().__init__()
        self._contestant = contestant

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not self._contestant.end_epoch():
            self.model.stop_training = True
