"""What the threads that add records and the one that writes them share."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from tb_kerasviz.wire import schema
from tb_kerasviz.writer import admission
from tb_kerasviz.writer.ledger import MAX_NOTICES, Ledger
from tb_kerasviz.writer.record_queue import QueuedRecord, RecordQueue

_LOG = logging.getLogger("tb_kerasviz")

BATCH_BYTES = 2**20
"""Records are encoded and written in batches of about this size."""


class SharedState:
    """Everything that `changed` guards. Hold it for whatever you read or do.

    Attributes:
        changed: Notified whenever somebody may have to look again. Its lock is
            reentrant: a signal handler may add or flush in the middle of the
            same thread's add.
        queue: The records.
        ledger: The counters and notices.
        steps: Last step of every tag.
        flushes: Who waits for what was accepted: (token, id of the first
            record that it need not wait for).
        closing: No more records are accepted. The garbage collector may set
            it at any time, without the lock.
        abandoned: Nobody waits for what is left; do not begin to write it.
        ended: The thread that writes is at its end.
        failing: Run directories whose last write failed.
        hurries: How often somebody asked to try again at once what failed.
        failed_hurries: How many of these were heard before a write that
            failed then.
    """

    def __init__(
        self,
        *,
        first_step: int,
        queue_bytes: int,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        self.clock = clock
        self.wall_clock = wall_clock
        self.changed = threading.Condition(threading.RLock())
        self.queue = RecordQueue(queue_bytes)
        self.ledger = Ledger()
        self.steps = admission.StepGuard(first_step)
        self.flushes: deque[tuple[object, int]] = deque()
        self.closing = False
        self.abandoned = False
        self.ended = False
        self.failing: set[str] = set()
        self.hurries = 0
        self.failed_hurries = 0
        self._next_sequence = 0
        self._told_topics: set[str] = set()

    def take_sequence(self) -> int:
        """Sequence number of a new blob record."""
        self._next_sequence += 1
        return self._next_sequence - 1

    def is_urgent(self) -> bool:
        """Whether to write now rather than wait for more records."""
        enough = min(BATCH_BYTES, self.queue.limit_bytes // 4)
        return self.closing or bool(self.flushes) or self.queue.nbytes >= enough

    def settle(self, items: list[QueuedRecord], *, written: bool) -> None:
        """Accounts for records that `queue.take` gave."""
        with self.changed:
            self.queue.settle(items)
            if written:
                self.ledger.written += len(items)
            else:
                self.count_dropped(items)
            self.changed.notify_all()

    def count_dropped(self, items: list[QueuedRecord]) -> None:
        """Accounts for records that are in the queue no more."""
        for item in items:
            self.ledger.count_dropped(item.ticket.tag)

    def clear_queue(self) -> int:
        """Drops what waits, without what is being written.

        Returns:
            How many records that were.
        """
        with self.changed:
            items = self.queue.clear()
            self.count_dropped(items)
            self.flushes.clear()
            self.changed.notify_all()
            return len(items)

    def add_notice(self, message: str) -> None:
        """Puts something about the writer itself into the status."""
        # Bounded, and valid UTF-8: it goes into a document.
        text = message[:1000].encode(errors="replace").decode()
        with self.changed:
            step = self.steps.last_seen
            notice = schema.Notice(step=step, topic="writer", message=text)
            self.ledger.add_notice(notice)

    def tell_once(self, topic: str, message: str) -> None:
        """Logs the first message of a topic, and puts it into the status.

        Call it without the lock: what listens to the log may be slow.
        """
        with self.changed:
            if topic in self._told_topics or len(self._told_topics) >= MAX_NOTICES:
                return
            self._told_topics.add(topic)
            self.add_notice(message)
        _LOG.warning("%s", message)
