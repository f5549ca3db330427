"""The counters and notices of a writer, and the status document of them."""

from __future__ import annotations

from tb_kerasviz import _version
from tb_kerasviz.wire import metadata, schema
from tb_kerasviz.writer.interface import TrainingCosts, WriterStats

MAX_NOTICES = 100

_MAX_COUNTED_TAGS = 200
_OTHER_TAGS = "(other tags)"


class Ledger:
    """Counts what happens to records; not safe for threads by itself.

    accepted == written + sum(dropped) + queued after every call of a method.
    The writer's own status records are in none of the counters.
    """

    def __init__(self) -> None:
        self.accepted = 0
        self.written = 0
        self.blocked_secs = 0.0
        self.writer_cpu_secs = 0.0
        self.costs = TrainingCosts(
            overhead_secs=0.0, training_secs=0.0, captures_skipped=0, skipped_steps=()
        )
        self._dropped: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        self._notices: dict[tuple[str, str], schema.Notice] = {}
        self._left_out = 0

    @property
    def queued(self) -> int:
        """Accepted records that are neither written nor dropped."""
        return self.accepted - self.written - self.total_dropped

    @property
    def total_dropped(self) -> int:
        """Accepted records that were given up."""
        return sum(self._dropped.values())

    @property
    def notice_count(self) -> int:
        """Notices reported, each once, those beyond the limit included."""
        return len(self._notices) + self._left_out

    def count_dropped(self, tag: str) -> None:
        """Counts an accepted record as given up."""
        _count(self._dropped, tag)

    def count_refused(self, tag: str) -> None:
        """Counts a record that was not accepted."""
        _count(self._refused, tag)

    def add_notice(self, notice: schema.Notice) -> bool:
        """Keeps a notice, unless the same was reported before.

        Returns:
            Whether it is news.
        """
        key = (notice.topic, notice.message)
        if key in self._notices:
            return False
        if len(self._notices) >= MAX_NOTICES - 1:
            self._left_out += 1
            return self._left_out == 1
        self._notices[key] = notice
        return True

    def notices(self) -> tuple[schema.Notice, ...]:
        """The notices, and one that says how many were left out."""
        kept = tuple(self._notices.values())
        if not self._left_out:
            return kept
        text = f"{self._left_out} more notices were left out."
        last = schema.Notice(step=kept[-1].step, topic="writer", message=text)
        return (*kept, last)

    def stats(self) -> WriterStats:
        """A copy of the counters."""
        return WriterStats(
            accepted=self.accepted,
            written=self.written,
            queued=self.queued,
            dropped=dict(self._dropped),
            refused=dict(self._refused),
            blocked_secs=self.blocked_secs,
        )

    def status(self, step: int, closed: bool) -> schema.Status:
        """The status document as of now."""
        return schema.Status(
            version=metadata.WIRE_VERSION,
            step=step,
            accepted=self.accepted,
            written=self.written,
            dropped=dict(self._dropped),
            refused=dict(self._refused),
            blocked_secs=self.blocked_secs,
            notices=self.notices(),
            closed=closed,
            package_version=_version.__version__,
            overhead_secs=self.costs.overhead_secs,
            training_secs=self.costs.training_secs,
            writer_cpu_secs=self.writer_cpu_secs,
            captures_skipped=self.costs.captures_skipped,
            skipped_steps=self.costs.skipped_steps,
        )


def _count(counts: dict[str, int], tag: str) -> None:
    # Bounded, and valid UTF-8: it goes into the status document.
    name = str(tag)[:200].encode(errors="replace").decode()
    if name not in counts and len(counts) >= _MAX_COUNTED_TAGS:
        name = _OTHER_TAGS
    counts[name] = counts.get(name, 0) + 1
