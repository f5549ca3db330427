"""The records that wait, bounded in bytes, and which of them to give up."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict

from tb_kerasviz.writer.admission import Ticket
from tb_kerasviz.writer.interface import Record


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class QueuedRecord:
    """A record that was accepted.

    Attributes:
        id: Position in the order of acceptance.
        ticket: What `admission.examine` said of it.
        record: The record.
        sequence: Sequence number, if it is a blob record, else -1.
        wall_time: When it was accepted, seconds since the epoch.
        added: The same on the writer's own clock.
    """

    id: int
    ticket: Ticket
    record: Record
    sequence: int
    wall_time: float
    added: float


class RecordQueue:
    """Queue with one line per run directory; not safe for threads by itself.

    A record counts against the limit from `push` until `settle`, so also
    while it is being encoded and written: the limit bounds real memory.
    """

    def __init__(self, limit_bytes: int) -> None:
        """Creates an empty queue.

        Args:
            limit_bytes: Most bytes that waiting records may hold together.
        """
        self.limit_bytes = limit_bytes
        self.nbytes = 0
        self._lines: dict[str, OrderedDict[int, QueuedRecord]] = {}
        self._in_flight: dict[int, QueuedRecord] = {}
        # The same records by how coarse they are, to find what to give up.
        self._by_rank: dict[int, OrderedDict[int, QueuedRecord]] = {}

    def __len__(self) -> int:
        """Number of records that wait or are being written."""
        waiting = sum(len(line) for line in self._lines.values())
        return waiting + len(self._in_flight)

    def fits(self, nbytes: int) -> bool:
        """Whether a record of this size can be pushed now."""
        return self.nbytes + nbytes <= self.limit_bytes

    def push(self, item: QueuedRecord) -> None:
        """Appends a record to its directory's line."""
        self._lines.setdefault(item.ticket.directory, OrderedDict())[item.id] = item
        self._by_rank.setdefault(item.ticket.rank, OrderedDict())[item.id] = item
        self.nbytes += item.ticket.nbytes

    def make_room(self, nbytes: int, rank: int) -> list[QueuedRecord]:
        """Gives up waiting records that are coarser than a new one.

        The coarsest go first, the oldest of them first, and no more than
        needed. If all of them together would not make room, none is given up.

        Args:
            nbytes: Size of the new record.
            rank: How coarse it is.

        Returns:
            The records that were given up.
        """
        missing = self.nbytes + nbytes - self.limit_bytes
        victims: list[QueuedRecord] = []
        for coarser in sorted((r for r in self._by_rank if r > rank), reverse=True):
            for item in self._by_rank[coarser].values():
                if missing <= 0:
                    break
                victims.append(item)
                missing -= item.ticket.nbytes
        if missing > 0:
            return []
        for item in victims:
            self._remove(item)
            self.nbytes -= item.ticket.nbytes
        return victims

    def oldest(self, directory: str) -> QueuedRecord | None:
        """The first waiting record of a directory."""
        line = self._lines.get(directory)
        return next(iter(line.values())) if line else None

    def directories(self) -> list[str]:
        """Directories that have waiting records."""
        return [name for name, line in self._lines.items() if line]

    def take(self, directory: str, max_bytes: int) -> list[QueuedRecord]:
        """Takes the next batch of a directory out of the line, in order.

        Args:
            directory: Which line.
            max_bytes: Size of the batch, unless its first record is larger.
        """
        line = self._lines.get(directory, OrderedDict())
        batch: list[QueuedRecord] = []
        size = 0
        for item in line.values():
            size += item.ticket.nbytes
            if batch and size > max_bytes:
                break
            batch.append(item)
        for item in batch:
            self._remove(item)
            self._in_flight[item.id] = item
        return batch

    def settle(self, items: list[QueuedRecord]) -> None:
        """Lets go of records that `take` gave: they are written or dropped."""
        for item in items:
            del self._in_flight[item.id]
            self.nbytes -= item.ticket.nbytes

    def clear(self) -> list[QueuedRecord]:
        """Gives up all waiting records, without those being written."""
        items = [item for line in self._lines.values() for item in line.values()]
        for item in items:
            self.nbytes -= item.ticket.nbytes
        self._lines.clear()
        self._by_rank.clear()
        return items

    def holds_before(self, record_id: int) -> bool:
        """Whether a record with a smaller id waits or is being written."""
        if any(item < record_id for item in self._in_flight):
            return True
        return any(
            line and next(iter(line)) < record_id for line in self._lines.values()
        )

    def _remove(self, item: QueuedRecord) -> None:
        del self._lines[item.ticket.directory][item.id]
        del self._by_rank[item.ticket.rank][item.id]
