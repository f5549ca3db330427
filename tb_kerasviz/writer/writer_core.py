"""The asynchronous writer without what the user holds of it.

It is apart from `AsyncRecordWriter` so that the thread holds no reference to
that: a writer that is dropped without `close` can be collected, and its
records are still written.
"""

from __future__ import annotations

import atexit
import dataclasses
import logging
import os
import threading
import time
from collections.abc import Callable

from tb_kerasviz.wire import schema
from tb_kerasviz.writer import admission
from tb_kerasviz.writer.block_budget import BlockBudget
from tb_kerasviz.writer.drain import Drain
from tb_kerasviz.writer.event_file import EventFile
from tb_kerasviz.writer.interface import (
    BlobRecord,
    Record,
    TrainingCosts,
    WriterStats,
)
from tb_kerasviz.writer.ledger import Ledger
from tb_kerasviz.writer.record_queue import QueuedRecord
from tb_kerasviz.writer.shared_state import SharedState

_LOG = logging.getLogger("tb_kerasviz")

EXIT_SECS = 10.0
"""Longest time that the end of the process waits for all writers together."""

_MAX_SECS = 3600.0
"""Longest time that anything waits; `wait_for` refuses infinity."""


class WriterCore:
    """See `AsyncRecordWriter`, which is the documented surface of this."""

    def __init__(
        self,
        open_directory: Callable[[str], EventFile],
        *,
        first_step: int,
        queue_bytes: int,
        max_block_secs: float,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        self.pid = os.getpid()
        self._state = SharedState(
            first_step=first_step,
            queue_bytes=queue_bytes,
            clock=clock,
            wall_clock=wall_clock,
        )
        self._drain = Drain(self._state, open_directory, first_step)
        self._budget = BlockBudget(max_block_secs, clock)
        self._next_id = 0
        self._thread: threading.Thread | None = None
        self._used = False

    def add(self, record: Record) -> bool:
        """See `AsyncRecordWriter.add`; raises for what is no valid record."""
        state = self._state
        try:
            ticket = admission.examine(record)
        except Exception:
            with state.changed:
                state.ledger.count_refused(getattr(record, "tag", "unknown"))
            raise
        with state.changed:
            if self._refuses(ticket):
                return False
            if not state.queue.fits(ticket.nbytes):
                self._wait_for_room(ticket)
                # The lock was free meanwhile: another thread may have added
                # the same step, or closed the writer.
                if self._refuses(ticket):
                    return False
            accepted = self._accept(record, ticket)
        self._start_thread()
        return accepted

    def reserve(self, nbytes: int) -> None:
        """See `AsyncRecordWriter.reserve`."""
        queue = self._state.queue
        with self._state.changed:
            queue.limit_bytes = max(queue.limit_bytes, nbytes)
            self._state.changed.notify_all()

    def report(self, notice: schema.Notice) -> None:
        """See `AsyncRecordWriter.report`."""
        state = self._state
        with state.changed:
            if state.closing or not state.ledger.add_notice(notice):
                return
            state.changed.notify_all()
        self._start_thread()

    def note_costs(self, costs: TrainingCosts) -> None:
        """See `AsyncRecordWriter.note_costs`."""
        # The thread looks by itself: nobody waits for these.
        with self._state.changed:
            self._state.ledger.costs = costs

    def tell_once(self, topic: str, message: str) -> None:
        """Logs the first message of a topic, and puts it into the status."""
        self._state.tell_once(topic, message)

    def flush(self, timeout_secs: float) -> bool:
        """See `AsyncRecordWriter.flush`."""
        state = self._state
        if threading.current_thread() is self._thread:
            return False
        if not self._used:
            return True
        self._start_thread()
        with state.changed:
            if state.closing:
                return self._wait_for(lambda: state.ended, timeout_secs)
            request = (object(), self._next_id)
            state.flushes.append(request)
            state.hurries += 1
            attempt = state.hurries
            state.changed.notify_all()

            def is_answered() -> bool:
                return state.ended or request not in state.flushes

            # A dead disk is tried once more, and not waited for: a flush at
            # each epoch's end must not cost its whole timeout each time.
            self._wait_for(
                lambda: is_answered() or state.failed_hurries >= attempt,
                timeout_secs,
            )
            if is_answered():
                return True
            state.flushes.remove(request)
            return False

    def close(self, timeout_secs: float) -> None:
        """See `AsyncRecordWriter.close`."""
        state = self._state
        if self._used and not state.ended:
            self._start_thread()
        with state.changed:
            state.closing = True
            state.changed.notify_all()
            if (
                not self._used
                or state.abandoned
                or threading.current_thread() is self._thread
            ):
                return
            # Without a thread there is nobody to wait for.
            if self._thread is not None and self._wait_for(
                lambda: state.ended, timeout_secs
            ):
                return
            # What is being written is counted when that ends.
            state.abandoned = True
            lost = state.ledger.queued
            state.clear_queue()
        if lost:
            _LOG.warning(
                "The writer was closed before it could write %d records.", lost
            )

    def orphan(self) -> None:
        """Ends the writer soon; for the garbage collector.

        It may run anywhere, also within another method of this object, so it
        takes no lock and waits for nothing.
        """
        self._state.closing = True

    def stats(self) -> WriterStats:
        """See `AsyncRecordWriter.stats`."""
        state = self._state
        with state.changed:
            # Counted where the records are, not derived from the other counters.
            return dataclasses.replace(state.ledger.stats(), queued=len(state.queue))

    @staticmethod
    def empty_stats() -> WriterStats:
        """The counters of a writer that does nothing."""
        return Ledger().stats()

    def _refuses(self, ticket: admission.Ticket) -> bool:
        state = self._state
        if state.closing or not state.steps.admits(ticket):
            state.ledger.count_refused(ticket.tag)
            return True
        return False

    def _accept(self, record: Record, ticket: admission.Ticket) -> bool:
        """Queues a record, or drops it where there is no room."""
        state = self._state
        state.steps.note(ticket)
        # A blob record that is dropped takes a number, too: the gap shows it.
        sequence = state.take_sequence() if isinstance(record, BlobRecord) else -1
        item = QueuedRecord(
            self._next_id, ticket, record, sequence, state.wall_clock(), state.clock()
        )
        self._next_id += 1
        state.ledger.accepted += 1
        state.count_dropped(state.queue.make_room(ticket.nbytes, ticket.rank))
        if not state.queue.fits(ticket.nbytes):
            state.count_dropped([item])
            return False
        is_first = state.queue.oldest(ticket.directory) is None
        state.queue.push(item)
        if is_first or state.is_urgent():
            state.changed.notify_all()
        return True

    def _wait_for_room(self, ticket: admission.Ticket) -> None:
        """Waits within the budget, unless that is in vain."""
        state = self._state
        available = self._budget.available_secs()
        if (
            available <= 0
            or state.failing
            or ticket.nbytes > state.queue.limit_bytes
            or threading.current_thread() is self._thread
        ):
            return
        start = state.clock()
        try:
            self._wait_for(
                lambda: (
                    state.closing
                    or bool(state.failing)
                    or state.queue.fits(ticket.nbytes)
                ),
                available,
            )
        finally:
            waited = max(0.0, state.clock() - start)
            state.ledger.blocked_secs += waited
            self._budget.spend(waited)

    def _wait_for(self, done: Callable[[], bool], timeout_secs: float) -> bool:
        secs = max(0.0, min(_MAX_SECS, timeout_secs))
        return self._state.changed.wait_for(done, secs)

    def _start_thread(self) -> None:
        """Starts the thread, if it does not run yet."""
        with self._state.changed:
            self._used = True
            if self._thread is not None:
                return
            _live_cores.add(self)
            # Before `start`, which an interrupt may leave after the fact: two
            # threads would write in any order.
            self._thread = threading.Thread(
                target=self._run, name="tb_kerasviz-writer", daemon=True
            )
            try:
                self._thread.start()
            except RuntimeError as error:
                # No more threads, or the interpreter is ending. Records wait;
                # the next call tries again.
                self._thread = None
                reason = str(error)
            else:
                return
        self.tell_once("thread", f"Cannot start the thread that writes: {reason}")

    def _run(self) -> None:
        self._drain.run()
        _live_cores.discard(self)


# Writers whose records may not be written yet.
_live_cores: set[WriterCore] = set()


def _drain_at_exit() -> None:
    deadline = time.monotonic() + EXIT_SECS
    for core in list(_live_cores):
        if core.pid == os.getpid():
            core.close(max(0.1, deadline - time.monotonic()))


atexit.register(_drain_at_exit)
