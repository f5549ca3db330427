"""The writer that training uses: a bounded queue and one thread."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable

from tb_kerasviz.wire import schema
from tb_kerasviz.writer.event_file import EventFile
from tb_kerasviz.writer.interface import (
    Record,
    RecordWriter,
    TrainingCosts,
    WriterStats,
)
from tb_kerasviz.writer.open_event_file import open_event_file
from tb_kerasviz.writer.writer_core import WriterCore


class AsyncRecordWriter(RecordWriter):
    """Writes records to event files in the background.

    * `add` copies nothing and waits for nothing while the queue has room.
    * A full queue blocks `add` for at most `max_block_secs`, a budget that
      refills by one hundredth of the time that passes, so that a dead disk
      cannot slow training for ever. Then whole captures are given up, the
      coarsest first (activations, weights, probe and model graph, dynamics,
      scalars), and counted.
    * Records reach the operating system well within a second, so that even
      SIGKILL loses no more than that.
    * Errors never reach the caller: they are logged once, retried, and said
      in the run's status.
    * What waits is written when the process ends, when the writer is
      collected, or by `close`.
    * In a forked child the writer does nothing.

    The run's status (`schema.Status`) is written by the writer itself: after
    a notice, after records were dropped, at every flush, from time to time
    with new costs and, with `closed` set, as the last record of its file.
    Status records are in none of the counters; like every blob record they
    take a sequence number.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        first_step: int = 0,
        queue_bytes: int = 64 * 2**20,
        max_block_secs: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        open_file: Callable[[str, int, Callable[[], float]], EventFile] = (
            open_event_file
        ),
    ) -> None:
        """Creates a writer. No file or thread is made before the first record.

        Args:
            log_dir: Directory, or URL, of one training.
            first_step: First step that may be written: 0 for a new training,
                N + 1 for one that was resumed after optimizer step N. What
                earlier files hold from that step on is void: the interrupted
                training wrote it, and this one will do those steps again.
            queue_bytes: Most memory that waiting records may hold.
            max_block_secs: See above; 0 never blocks.
            clock: A monotonic clock in seconds.
            wall_clock: Seconds since the epoch, for the events.
            open_file: What opens the event file of a run directory.

        Raises:
            ValueError: A number is out of range.
        """
        if first_step < 0 or queue_bytes <= 0 or not max_block_secs >= 0:
            raise ValueError(
                "first_step and max_block_secs must be 0 or more and queue_bytes "
                f"positive, not {first_step}, {max_block_secs} and {queue_bytes}."
            )
        root = os.fspath(log_dir)
        separator = "/" if "://" in root else os.sep
        # Without a SessionLog.START, TensorBoard's Python ingester shows both
        # the interrupted training's records and the resumed one's, 120 events
        # with duplicate steps instead of 70.

        def open_directory(directory: str) -> EventFile:
            path = root.rstrip(separator) + separator + directory
            return open_file(path, first_step, wall_clock)

        self._core = WriterCore(
            open_directory,
            first_step=first_step,
            queue_bytes=queue_bytes,
            max_block_secs=max_block_secs,
            clock=clock,
            wall_clock=wall_clock,
        )
        weakref.finalize(self, WriterCore.orphan, self._core).atexit = False

    def add(self, record: Record) -> bool:
        """Takes a record, as `RecordWriter.add`.

        Returns:
            Whether it will be written, as far as is known now. A record for
            which there is no room is accepted and dropped in the counters.
        """
        if self._is_foreign():
            return False
        try:
            return self._core.add(record)
        except Exception as error:  # noqa: BLE001 - must not end a training
            self._core.tell_once(
                f"add {type(error).__name__}", f"A record was refused: {error}"
            )
            return False

    def reserve(self, nbytes: int) -> None:
        """See the base class."""
        if not self._is_foreign():
            self._core.reserve(nbytes)

    def report(self, notice: schema.Notice) -> None:
        """See the base class."""
        if not self._is_foreign():
            self._core.report(notice)

    def note_costs(self, costs: TrainingCosts) -> None:
        """See the base class."""
        if not self._is_foreign():
            self._core.note_costs(costs)

    def flush(self, timeout_secs: float = 10.0) -> bool:
        """Waits until what was accepted is written or dropped, and a status."""
        return self._is_foreign() or self._core.flush(timeout_secs)

    def close(self, timeout_secs: float = 10.0) -> None:
        """Writes what waits and the end marker, for a limited time."""
        if not self._is_foreign():
            self._core.close(timeout_secs)

    def stats(self) -> WriterStats:
        """The counters as they stand; all 0 in a forked child."""
        return WriterCore.empty_stats() if self._is_foreign() else self._core.stats()

    def _is_foreign(self) -> bool:
        # In a forked child the thread does not exist and the lock may be held
        # for ever; even looking at the lock could hang. The child must also
        # not write to the parent's file.
        return os.getpid() != self._core.pid
