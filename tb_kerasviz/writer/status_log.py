"""Which of a writer's status records are due, and what they say."""

from __future__ import annotations

from tb_kerasviz.wire import codec, records, schema, tags
from tb_kerasviz.writer import events
from tb_kerasviz.writer.ledger import Ledger

_DROP_SECS = 5.0
"""Shortest time between two status records that only tell of more drops."""

_COST_SECS = 10.0
_COST_SHARE = 0.01
"""Shortest time between two status records that only tell of more costs, in
seconds and as a share of the training so far: a long one has a few hundred."""


class StatusLog:
    """Knows what the log has been told; not safe for threads by itself.

    A status is due

    * at once after a new notice;
    * every few seconds while records are being dropped;
    * now and then while the costs of logging grow;
    * at a flush, unless the log says all of it already;
    * at the end, with `closed` set.
    """

    def __init__(self, ledger: Ledger, first_step: int) -> None:
        """Creates a log of which nothing is written.

        Args:
            ledger: The counters.
            first_step: Smallest step that a status may have.
        """
        self._ledger = ledger
        self._last_step = first_step - 1
        self._told: object = None
        self._told_notices = 0
        self._told_drops = 0
        self._told_costs = ledger.costs
        self._told_at = 0.0

    def is_news(self, closed: bool) -> bool:
        """Whether a flush has anything to tell."""
        return self._summarize(closed) != self._told

    def is_due(self, now: float) -> bool:
        """Whether to tell something although nobody asked."""
        if self._ledger.notice_count != self._told_notices:
            return True
        since = now - self._told_at
        costs = self._ledger.costs
        if costs is not self._told_costs:
            pause = max(_COST_SECS, _COST_SHARE * costs.training_secs)
            if since >= pause:
                return True
        drops = self._ledger.total_dropped != self._told_drops
        return drops and since >= _DROP_SECS

    def create(self, last_seen_step: int, closed: bool, now: float) -> schema.Status:
        """The next status; it counts as told.

        Args:
            last_seen_step: Largest step of any record so far.
            closed: Whether it is the writer's last record.
            now: The writer's clock.
        """
        self._told = self._summarize(closed)
        self._told_notices = self._ledger.notice_count
        self._told_drops = self._ledger.total_dropped
        self._told_costs = self._ledger.costs
        self._told_at = now
        # Several may be written within one step, and its steps must increase
        # like every tag's.
        self._last_step = max(self._last_step + 1, last_seen_step)
        return self._ledger.status(self._last_step, closed)

    def _summarize(self, closed: bool) -> tuple[object, ...]:
        stats = self._ledger.stats()
        counts = (stats.accepted, stats.written, stats.dropped, stats.refused)
        return (*counts, self._ledger.notice_count, closed)


def encode_status(status: schema.Status, sequence: int, wall_time: float) -> bytes:
    """The framed record of a status.

    Args:
        status: The document.
        sequence: Sequence number of the record.
        wall_time: Seconds since the epoch.
    """
    member = codec.encode_document(status, sequence)
    event = events.encode_blobs(tags.STATUS, status.step, [member], wall_time)
    return records.frame_record(event)
