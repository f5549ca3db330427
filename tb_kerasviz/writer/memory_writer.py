"""A writer that keeps its records, for tests: yours and ours."""

from __future__ import annotations

import threading

from tb_kerasviz.wire import schema
from tb_kerasviz.writer import admission
from tb_kerasviz.writer.interface import (
    BlobRecord,
    Record,
    RecordWriter,
    ScalarRecord,
    TrainingCosts,
    WriterStats,
)
from tb_kerasviz.writer.ledger import Ledger


class MemoryRecordWriter(RecordWriter):
    """Takes the records that `AsyncRecordWriter` takes, and keeps them.

    Attributes:
        records: What was accepted, in order.
        errors: Why records were refused that are no valid records.
        costs: What was noted last; None if nothing was.
    """

    def __init__(self, first_step: int = 0) -> None:
        """Creates a writer without records.

        Args:
            first_step: As for `AsyncRecordWriter`.
        """
        self.records: list[Record] = []
        self.errors: list[Exception] = []
        self.costs: TrainingCosts | None = None
        self._steps = admission.StepGuard(first_step)
        self._ledger = Ledger()
        self._lock = threading.RLock()
        self._closed = False

    @property
    def notices(self) -> tuple[schema.Notice, ...]:
        """What was reported, each once."""
        return self._ledger.notices()

    def add(self, record: Record) -> bool:
        """Keeps a record, as `RecordWriter.add`."""
        with self._lock:
            try:
                ticket = admission.examine(record)
            except Exception as error:  # noqa: BLE001 - `add` never raises
                self.errors.append(error)
                self._ledger.count_refused(getattr(record, "tag", "unknown"))
                return False
            if self._closed or not self._steps.admits(ticket):
                self._ledger.count_refused(ticket.tag)
                return False
            self._steps.note(ticket)
            self._ledger.accepted += 1
            self._ledger.written += 1
            self.records.append(record)
            return True

    def report(self, notice: schema.Notice) -> None:
        """Keeps a notice, as `AsyncRecordWriter.report`."""
        with self._lock:
            self._ledger.add_notice(notice)

    def note_costs(self, costs: TrainingCosts) -> None:
        """Keeps the costs, as `AsyncRecordWriter.note_costs`."""
        with self._lock:
            self.costs = costs

    def flush(self, timeout_secs: float = 10.0) -> bool:
        """Does nothing: nothing ever waits."""
        return True

    def close(self, timeout_secs: float = 10.0) -> None:
        """Takes no more records."""
        self._closed = True

    def stats(self) -> WriterStats:
        """The counters."""
        with self._lock:
            return self._ledger.stats()

    def scalars(self, tag: str, directory: str = "train") -> dict[int, float]:
        """Values of a scalar by step.

        Args:
            tag: Its tag.
            directory: Its run directory.
        """
        return {
            record.step: record.value
            for record in self.records
            if isinstance(record, ScalarRecord)
            and (record.tag, record.directory) == (tag, directory)
        }

    def blobs(self, tag: str) -> dict[int, list[bytes]]:
        """Blobs of a blob sequence by step, encoded now.

        Args:
            tag: Its tag.
        """
        return {
            record.step: list(record.encode(sequence))
            for sequence, record in enumerate(
                record for record in self.records if isinstance(record, BlobRecord)
            )
            if record.tag == tag
        }
