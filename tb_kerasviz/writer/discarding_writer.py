"""The writer of a process whose training another process writes."""

from __future__ import annotations

from tb_kerasviz.wire import schema
from tb_kerasviz.writer.interface import (
    Record,
    RecordWriter,
    TrainingCosts,
    WriterStats,
)


class DiscardingWriter(RecordWriter):
    """Takes everything and writes nothing.

    In data-parallel training every process runs the same code, and one of them
    writes. The others must do all the rest as well, since a forward pass may
    wait for all of them.
    """

    def add(self, record: Record) -> bool:
        """Takes it."""
        return True

    def report(self, notice: schema.Notice) -> None:
        """Takes it."""

    def note_costs(self, costs: TrainingCosts) -> None:
        """Takes them."""

    def flush(self, timeout_secs: float = 10.0) -> bool:
        """Has nothing to wait for."""
        return True

    def close(self, timeout_secs: float = 10.0) -> None:
        """Has nothing to end."""

    def stats(self) -> WriterStats:
        """Nothing was written."""
        return WriterStats(
            accepted=0, written=0, queued=0, dropped={}, refused={}, blocked_secs=0.0
        )
