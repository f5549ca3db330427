"""The machinery of the asynchronous writer: lock, queue, thread, accounting.

It is apart from `AsyncRecordWriter` so that the thread holds no reference to
what the user holds: a writer that is dropped without `close` can be collected,
and its records are still written.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable

from tb_kerasviz.wire import schema, tags
from tb_kerasviz.writer import admission
from tb_kerasviz.writer.event_file import EventFile
from tb_kerasviz.writer.interface import BlobRecord, Record, WriterStats
from tb_kerasviz.writer.lane import Lane, encode_item
from tb_kerasviz.writer.ledger import MAX_NOTICES, Ledger
from tb_kerasviz.writer.record_queue import QueuedRecord, RecordQueue
from tb_kerasviz.writer.status_log import StatusLog, encode_status

_LOG = logging.getLogger("tb_kerasviz")

EXIT_SECS = 10.0
"""Longest time that the end of the process waits for all writers together."""

_MAX_SECS = 3600.0
"""Longest time that anything waits; `wait_for` refuses infinity."""

_BATCH_BYTES = 2**20
"""Records are encoded and written in batches of about this size."""

_LINGER_SECS = 0.05
"""How long a record may wait for others to be written with it. One wake-up
per record would make the training thread wait for the interpreter's lock."""

_IDLE_SECS = 0.5
"""How often an idle thread looks whether its writer was collected."""

_REFILL = 0.01
"""Share of the passing time by which the budget for blocking refills."""

_CLOSING_ATTEMPTS = 4
"""Writes that may fail in a row before `close` gives a directory up."""


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
        self._open_directory = open_directory
        self._clock = clock
        self._wall_clock = wall_clock

        # A reentrant lock: a signal handler may add or flush in the middle of
        # the same thread's add.
        self._changed = threading.Condition(threading.RLock())
        self._queue = RecordQueue(queue_bytes)
        self._ledger = Ledger()
        self._steps = admission.StepGuard(first_step)
        self._status_log = StatusLog(self._ledger, first_step)
        self._next_id = 0
        self._next_sequence = 0
        self._max_block_secs = max_block_secs
        self._block_budget = max_block_secs
        self._budget_time = clock()
        self._told_topics: set[str] = set()

        self._thread: threading.Thread | None = None
        self._lanes: dict[str, Lane] = {}
        self._flushes: deque[tuple[object, int]] = deque()
        self._dead: set[str] = set()
        self._hurried = False
        self._used = False
        self._closing = False
        self._abandoned = False
        self._ended = False

    # What other threads call --------------------------------------------

    def add(self, record: Record) -> bool:
        """See `AsyncRecordWriter.add`."""
        try:
            ticket = admission.examine(record)
        except Exception:
            with self._changed:
                self._ledger.count_refused(getattr(record, "tag", "unknown"))
            raise
        with self._changed:
            if self._refuses(ticket):
                return False
            if not self._queue.fits(ticket.nbytes):
                self._wait_for_room(ticket)
                # The lock was free meanwhile: another thread may have added
                # the same step, or closed the writer.
                if self._refuses(ticket):
                    return False
            return self._accept(record, ticket)

    def report(self, notice: schema.Notice) -> None:
        """See `AsyncRecordWriter.report`."""
        with self._changed:
            if self._ledger.add_notice(notice) and not self._closing:
                self._start_thread()
                self._changed.notify_all()

    def flush(self, timeout_secs: float) -> bool:
        """See `AsyncRecordWriter.flush`."""
        if threading.current_thread() is self._thread:
            return False
        with self._changed:
            if self._closing or not self._used:
                return self._wait_until(lambda: self._ended, timeout_secs)
            self._start_thread()
            request = (object(), self._next_id)
            self._flushes.append(request)
            self._changed.notify_all()

            def is_done() -> bool:
                return self._ended or request not in self._flushes

            if self._wait_until(is_done, timeout_secs):
                return True
            self._flushes.remove(request)
            return False

    def close(self, timeout_secs: float) -> None:
        """See `AsyncRecordWriter.close`."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            if threading.current_thread() is self._thread:
                return
            if self._used and not self._ended:
                self._start_thread()
            ended = self._wait_until(lambda: self._ended, timeout_secs)
            if not ended:
                self._abandon()

    def orphan(self) -> None:
        """Ends the writer soon; for the garbage collector.

        It may run anywhere, also within another method of this object, so it
        takes no lock and waits for nothing.
        """
        self._closing = True

    def stats(self) -> WriterStats:
        """See `AsyncRecordWriter.stats`."""
        with self._changed:
            return self._ledger.stats()

    def tell_once(self, topic: str, message: str) -> None:
        """Logs the first message of a topic, and puts it into the status."""
        with self._changed:
            if topic in self._told_topics or len(self._told_topics) >= MAX_NOTICES:
                return
            self._told_topics.add(topic)
            self._notify("writer", message)
        _LOG.warning("%s", message)

    @staticmethod
    def empty_stats() -> WriterStats:
        """The counters of a writer that does nothing."""
        return Ledger().stats()

    # Under the lock ------------------------------------------------------

    def _refuses(self, ticket: admission.Ticket) -> bool:
        if self._closing or not self._steps.admits(ticket):
            self._ledger.count_refused(ticket.tag)
            return True
        return False

    def _accept(self, record: Record, ticket: admission.Ticket) -> bool:
        self._steps.note(ticket)
        sequence = -1
        if isinstance(record, BlobRecord):
            # Also for one that is dropped at once: the gap shows it.
            sequence = self._take_sequence()
        item = QueuedRecord(
            self._next_id, ticket, record, sequence, self._wall_clock(), self._clock()
        )
        self._next_id += 1
        victims = self._queue.make_room(ticket.nbytes, ticket.rank)
        fits = self._queue.fits(ticket.nbytes)
        self._ledger.accepted += 1
        for victim in victims:
            self._ledger.count_dropped(victim.ticket.tag)
        first = False
        if not fits:
            self._ledger.count_dropped(ticket.tag)
        else:
            first = self._queue.oldest(ticket.directory) is None
            self._queue.push(item)
        self._start_thread()
        if self._is_urgent() or first:
            self._changed.notify_all()
        return fits

    def _notify(self, topic: str, message: str) -> None:
        step = self._steps.last_seen
        self._ledger.add_notice(
            schema.Notice(step=step, topic=topic, message=_clean(message))
        )

    def _take_sequence(self) -> int:
        self._next_sequence += 1
        return self._next_sequence - 1

    def _wait_for_room(self, ticket: admission.Ticket) -> None:
        now = self._clock()
        refill = max(0.0, now - self._budget_time) * _REFILL
        self._block_budget = min(self._max_block_secs, self._block_budget + refill)
        self._budget_time = now
        hopeless = (
            ticket.nbytes > self._queue.limit_bytes
            or any(lane.failures for lane in self._lanes.values())
            or threading.current_thread() is self._thread
        )
        if hopeless or self._block_budget <= 0:
            return
        self._start_thread()
        self._changed.notify_all()
        start = self._clock()
        try:
            self._changed.wait_for(
                lambda: (
                    self._closing
                    or self._queue.fits(ticket.nbytes)
                    or any(lane.failures for lane in self._lanes.values())
                ),
                min(_MAX_SECS, self._block_budget),
            )
        finally:
            waited = max(0.0, self._clock() - start)
            self._ledger.blocked_secs += waited
            self._block_budget -= waited
            self._budget_time = self._clock()

    def _wait_until(self, done: Callable[[], bool], timeout_secs: float) -> bool:
        if not self._used or self._ended:
            return True
        return self._changed.wait_for(done, max(0.0, min(_MAX_SECS, timeout_secs)))

    def _start_thread(self) -> None:
        self._used = True
        if self._thread is not None:
            return
        _live_cores.add(self)
        thread = threading.Thread(
            target=self._run, name="tb_kerasviz-writer", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            # No more threads, or the interpreter is ending. Records wait; the
            # next call tries again.
            self.tell_once("thread", f"Cannot start the thread that writes: {error}")
        else:
            self._thread = thread

    def _is_urgent(self) -> bool:
        return (
            self._closing
            or bool(self._flushes)
            or self._queue.nbytes >= min(_BATCH_BYTES, self._queue.limit_bytes // 4)
        )

    def _abandon(self) -> None:
        """Gives up what waits. What is being written is counted when it ends."""
        self._abandoned = True
        dropped = self._queue.clear()
        for item in dropped:
            self._ledger.count_dropped(item.ticket.tag)
        self._flushes.clear()
        self._changed.notify_all()
        lost = len(dropped) + self._ledger.queued
        _LOG.warning("The writer was closed before it could write %d records.", lost)

    # The thread ----------------------------------------------------------

    def _run(self) -> None:
        try:
            while self._work():
                pass
        except BaseException:  # noqa: BLE001 - records must still be accounted for
            _LOG.exception("The writer stopped because of an error of its own.")
        finally:
            with self._changed:
                self._closing = True
                for directory in list(self._lanes):
                    self._give_up(directory)
                for item in self._queue.clear():
                    self._ledger.count_dropped(item.ticket.tag)
                self._flushes.clear()
                self._ended = True
                self._changed.notify_all()
            _live_cores.discard(self)

    def _work(self) -> bool:
        """Waits for something to do and does it; False at the end."""
        with self._changed:
            directory = self._wait_for_directory()
            if directory is None:
                return False
            lane = self._lanes.get(directory)
            if lane is None:
                lane = Lane(directory, self._open_directory(directory))
                self._lanes[directory] = lane
            items: list[QueuedRecord] = []
            status = None
            if not lane.pending:
                items = self._queue.take(directory, _BATCH_BYTES)
                if not items:
                    status = self._status_log.create(
                        self._steps.last_seen, self._closing, self._clock()
                    )
                    sequence = self._take_sequence()
        for item in items:
            self._encode(item, lane)
        if status is not None:
            lane.append(encode_status(status, sequence, self._wall_clock()), None)
        if lane.pending:
            self._write(lane, directory)
        return True

    def _encode(self, item: QueuedRecord, lane: Lane) -> None:
        tag = item.ticket.tag
        try:
            lane.append(encode_item(item), item)
        except BaseException as error:  # noqa: BLE001 - it is the caller's code
            self._settle([item], written=False)
            self.tell_once(
                f"encode {tag}",
                f"A record of {tag!r} was dropped: {type(error).__name__}: {error}",
            )

    def _write(self, lane: Lane, directory: str) -> None:
        done = lane.write(self._clock)
        with self._changed:
            for message in lane.take_news():
                self._notify("writer", message)
            if done:
                self._settle(lane.release(), written=True)
            elif self._closing and lane.attempts >= _CLOSING_ATTEMPTS:
                self._give_up(directory)
            # Also after a failure: who waits for room need not wait on.
            self._changed.notify_all()

    def _wait_for_directory(self) -> str | None:
        """Waits until a directory's file can be written; None at the end."""
        while not self._abandoned:
            if self._closing and not self._hurried:
                self._hurried = True
                for lane in self._lanes.values():
                    lane.hurry()
            now = self._clock()
            busy = {name for name, lane in self._lanes.items() if lane.pending}
            due = {
                name: self._due_time(name)
                for name in busy.union(self._queue.directories())
            }
            ready = [name for name, time_ in due.items() if time_ <= now]
            if ready:
                return min(ready, key=self._oldest_id)
            if tags.PLUGIN_DIR not in busy | self._dead and self._status_is_due(now):
                return tags.PLUGIN_DIR
            if self._closing and not due:
                return None
            wait = min([_IDLE_SECS, *(time_ - now for time_ in due.values())])
            self._changed.wait(wait)
        return None

    def _oldest_id(self, directory: str) -> int:
        oldest = self._queue.oldest(directory)
        return -1 if self._lanes_pending(directory) or not oldest else oldest.id

    def _lanes_pending(self, directory: str) -> bool:
        lane = self._lanes.get(directory)
        return lane is not None and lane.pending

    def _due_time(self, directory: str) -> float:
        """When the directory's next write should be, on the writer's clock."""
        lane = self._lanes.get(directory)
        not_before = lane.not_before if lane else 0.0
        if lane and lane.failures:
            return not_before
        oldest = self._queue.oldest(directory)
        if oldest is None or self._closing or self._flushes:
            return 0.0
        if self._is_urgent():
            return not_before
        return max(not_before, oldest.added + _LINGER_SECS)

    def _status_is_due(self, now: float) -> bool:
        """Whether to write a status; answers the flushes that need none."""
        news = self._status_log.is_news(self._closing)
        while self._flushes and not self._queue.holds_before(self._flushes[0][1]):
            if news:
                return True
            self._flushes.popleft()
            self._changed.notify_all()
        if self._closing:
            # It is the end marker, so it waits for all other records.
            return news and not len(self._queue)
        return self._status_log.is_due(now)

    def _settle(self, items: list[QueuedRecord], *, written: bool) -> None:
        """Accounts for records that `take` gave."""
        with self._changed:
            self._queue.settle(items)
            for item in items:
                if written:
                    self._ledger.written += 1
                else:
                    self._ledger.count_dropped(item.ticket.tag)
            self._changed.notify_all()

    def _give_up(self, directory: str) -> None:
        """Drops what is left of a directory, and closes its file."""
        items = self._lanes[directory].abandon()
        items += self._queue.take(directory, self._queue.limit_bytes)
        self._settle(items, written=False)
        self._dead.add(directory)
        if items:
            _LOG.warning("%d records of %s were not written.", len(items), directory)


def _clean(message: str) -> str:
    # Bounded, and valid UTF-8: it goes into the status document.
    return message[:1000].encode(errors="replace").decode()


# Writers whose records may not be written yet.
_live_cores: set[WriterCore] = set()


def _drain_at_exit() -> None:
    deadline = time.monotonic() + EXIT_SECS
    for core in list(_live_cores):
        if core.pid == os.getpid():
            core.close(max(0.1, deadline - time.monotonic()))


atexit.register(_drain_at_exit)
