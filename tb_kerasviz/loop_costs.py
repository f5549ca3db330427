"""What logging costs a custom training loop."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import keras

from tb_kerasviz.capture.backends import wait_for
from tb_kerasviz.logging_costs import LoggingCosts
from tb_kerasviz.training_log import TrainingLog


class LoopCosts:
    """Measures the calls of a `Writer`.

    Nobody says when a custom loop begins: its time counts from the beginning
    of the call that opened the log.
    """

    def __init__(self) -> None:
        self._costs: LoggingCosts | None = None
        self._call_began = 0.0

    def open(self, log: TrainingLog) -> None:
        """Tells a log from now on; within the first call that writes."""
        self._costs = LoggingCosts(log, max_overhead=None, began=self._call_began)

    @contextlib.contextmanager
    def measure(self, given: Iterable[Any]) -> Iterator[None]:
        """Around a call.

        Args:
            given: What it was called with. A framework may still be computing
                that: the wait for it is the loop's own time.
        """
        wait_for(list(_tensors(given)))
        began = self._call_began = time.perf_counter()
        try:
            yield
        finally:
            if self._costs is not None:
                self._costs.add_call(time.perf_counter() - began)

    def tell(self) -> None:
        """Tells the log how things stand."""
        if self._costs is not None:
            self._costs.tell()


def _tensors(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, keras.Variable):
            yield value.value
        elif isinstance(value, keras.Model):
            yield from _tensors(value.variables)
        elif isinstance(value, Mapping):
            yield from _tensors(value.values())
        elif isinstance(value, (list, tuple)):
            yield from _tensors(value)
        else:
            yield value
