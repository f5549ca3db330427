"""One run directory's way to its file: encoded records and retries."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tb_kerasviz.wire import codec, records
from tb_kerasviz.writer import events
from tb_kerasviz.writer.event_file import EventFile
from tb_kerasviz.writer.interface import (
    HistogramsRecord,
    ScalarRecord,
    TensorRecord,
)
from tb_kerasviz.writer.record_queue import QueuedRecord

_LOG = logging.getLogger("tb_kerasviz")

_FIRST_RETRY_SECS = 0.1
_LAST_RETRY_SECS = 5.0


class Lane:
    """Writes the records of one run directory; used by the writer's thread.

    What was encoded and could not be written is kept as it is and tried
    again, so that a reader which saw the first bytes of it stays in step.
    """

    def __init__(self, directory: str, file: EventFile) -> None:
        """Creates a lane.

        Args:
            directory: What to call it in the log.
            file: Where it writes to.
        """
        self._directory = directory
        self._file = file
        self._frames: list[bytes] = []
        self._news: list[str] = []
        self._lost_files = 0
        self.items: list[QueuedRecord] = []
        """Records that are encoded and not yet written."""
        self.pending = False
        """Whether something is encoded and not yet written."""
        self.not_before = 0.0
        """When to write next, unless somebody waits for it."""
        self.failures = 0
        """Attempts that failed since the last one that did not."""
        self.attempts = 0
        """The same, since `hurry` was called."""

    def append(self, frame: bytes, item: QueuedRecord | None) -> None:
        """Takes an encoded record; `item` is None for the writer's own."""
        self._frames.append(frame)
        self.pending = True
        if item is not None:
            self.items.append(item)

    def write(self, now: Callable[[], float]) -> bool:
        """Tries to write what is pending.

        Args:
            now: The writer's clock.

        Returns:
            Whether it is written. If not, `not_before` says when to retry.
        """
        try:
            self._file.write(self._frames)
        except Exception as error:  # noqa: BLE001 - object stores raise anything
            if not self.failures:
                self._tell(
                    f"Cannot write to {self._directory}, and will try again: "
                    f"{type(error).__name__}: {error}"
                )
            self.failures += 1
            self.attempts += 1
            wait = _FIRST_RETRY_SECS * 2.0 ** min(self.attempts - 1, 20)
            self.not_before = now() + min(wait, _LAST_RETRY_SECS)
            return False
        if self._file.lost_files > self._lost_files:
            self._lost_files = self._file.lost_files
            self._tell(
                f"The event file of {self._directory} was deleted, with what had "
                "been logged; logging goes on in a new one."
            )
        if self.failures:
            _LOG.warning("Writing to %s goes on.", self._directory)
        self.failures = self.attempts = 0
        self.not_before = now() + self._file.min_interval_secs
        self._frames = []
        self.pending = False
        return True

    def take_news(self) -> list[str]:
        """What the reader of the logs should know, since the last call."""
        news, self._news = self._news, []
        return news

    def hurry(self) -> None:
        """Tries again at once, and in quick succession."""
        self.attempts = 0
        self.not_before = 0.0

    def release(self) -> list[QueuedRecord]:
        """Hands over the encoded records, for accounting."""
        items, self.items = self.items, []
        return items

    def abandon(self) -> list[QueuedRecord]:
        """Gives up what is pending and closes the file."""
        self._frames = []
        self.pending = False
        self._file.close()
        return self.release()

    def _tell(self, message: str) -> None:
        _LOG.warning("%s", message)
        self._news.append(message)


def encode_item(item: QueuedRecord) -> bytes:
    """The framed record of an accepted record.

    Raises:
        ValueError: Its blobs are larger than a record may be.
        Exception: Its `encode` raised.
    """
    record, step = item.record, item.ticket.step
    if isinstance(record, ScalarRecord):
        event = events.encode_scalar(record.tag, step, record.value, item.wall_time)
    elif isinstance(record, TensorRecord):
        _check_size(item.ticket.tag, record.values.nbytes)
        event = events.encode_tensor(record.tag, step, record.values, item.wall_time)
    elif isinstance(record, HistogramsRecord):
        event = events.encode_histograms(record.read(), step, item.wall_time)
        _check_size(item.ticket.tag, len(event))
    else:
        blobs = record.encode(item.sequence)
        _check_size(item.ticket.tag, sum(len(blob) for blob in blobs))
        event = events.encode_blobs(record.tag, step, blobs, item.wall_time)
    return records.frame_record(event)


def _check_size(tag: str, nbytes: int) -> None:
    if nbytes > codec.MAX_RECORD_BYTES:
        raise ValueError(
            f"A record of {tag!r} has {nbytes} bytes; at most "
            f"{codec.MAX_RECORD_BYTES} are written."
        )
