"""What a record and a writer are."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from tb_kerasviz.wire import schema, tags

Array = np.ndarray[Any, Any]
Histograms = Mapping[str, tuple[Array, Array]]
"""Counts `[K]` and edges `[K + 1]` by tag."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScalarRecord:
    """One value of an ordinary scalar summary.

    Attributes:
        directory: Run directory below `log_dir`, such as "train".
        tag: Tag as `keras.callbacks.TensorBoard` names it.
        step: `optimizer.iterations` after the update.
        value: The value; NaN and infinities are kept.
    """

    directory: str
    tag: str
    step: int
    value: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class TensorRecord:
    """One tensor summary of the plugin, below `tags.PLUGIN_DIR`.

    Attributes:
        tag: One of `tags.TENSOR_KINDS`.
        step: Step of the record.
        values: float32 or integer array; must not change afterwards.
    """

    tag: tags.Kind
    step: int
    values: np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class BlobRecord:
    """One blob sequence summary of the plugin, below `tags.PLUGIN_DIR`.

    Attributes:
        tag: One of `tags.BLOB_KINDS`.
        step: Step of the record.
        encode: Makes the blobs, given the record's sequence number. It runs
            on the writer's thread and must only touch memory of its own.
        nbytes: Bytes of memory that `encode` holds on to, for the queue.
    """

    tag: tags.Kind
    step: int
    encode: Callable[[int], Sequence[bytes]]
    nbytes: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class HistogramsRecord:
    """Ordinary histogram summaries of one step, written as one event.

    Attributes:
        directory: Run directory below `log_dir`, such as "train".
        tag: What to call all of them, where records are counted and their
            steps are compared; it is not written.
        step: Step of all of them.
        read: Gives for each tag int64 counts `[K]` and float64 edges
            `[K + 1]`. It runs on the writer's thread and must only touch
            memory of its own.
        nbytes: Bytes of memory that `read` holds on to, for the queue.
    """

    directory: str
    tag: str
    step: int
    read: Callable[[], Histograms]
    nbytes: int


Record = ScalarRecord | TensorRecord | BlobRecord | HistogramsRecord


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingCosts:
    """What logging takes from a training; see `schema.Status`."""

    overhead_secs: float
    training_secs: float
    captures_skipped: int
    skipped_steps: tuple[int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class WriterStats:
    """Counters of a writer: accepted == written + sum(dropped) + queued.

    Attributes:
        accepted: Records taken into the queue.
        written: Records handed to the operating system.
        queued: Records that wait.
        dropped: Accepted records that were given up, by tag.
        refused: Records that were never accepted, since their step was not
            above the tag's last one, by tag.
        blocked_secs: Time that callers of `add` waited for space.
    """

    accepted: int
    written: int
    queued: int
    dropped: Mapping[str, int]
    refused: Mapping[str, int]
    blocked_secs: float


class RecordWriter(abc.ABC):
    """Takes records; one writer for one training."""

    @abc.abstractmethod
    def add(self, record: Record) -> bool:
        """Takes a record. Never raises; the caller may go on at once.

        Steps of a tag (in its directory) must strictly increase, since
        TensorBoard's data server drops every kept record whose step is not
        below a new one; others are refused and counted.

        Args:
            record: What to write. Its memory now belongs to the writer.

        Returns:
            Whether the record was accepted.
        """

    def reserve(self, nbytes: int) -> None:  # noqa: B027, most need no more room
        """Lets at least so much memory be held by waiting records."""

    @abc.abstractmethod
    def report(self, notice: schema.Notice) -> None:
        """Tells the reader of the logs something, once. Never raises.

        Args:
            notice: What to tell. A second notice with the same topic and
                message is left out, and so is what exceeds one hundred; the
                last notice then says how many.
        """

    @abc.abstractmethod
    def note_costs(self, costs: TrainingCosts) -> None:
        """Takes what logging costs the training so far. Never raises.

        It is written with the run's next status, and from time to time with
        one of its own.
        """

    @abc.abstractmethod
    def flush(self, timeout_secs: float = 10.0) -> bool:
        """Waits until all accepted records are written or dropped.

        Returns:
            Whether that happened within the time.
        """

    @abc.abstractmethod
    def close(self, timeout_secs: float = 10.0) -> None:
        """Writes what waits, for a limited time, and ends; never raises.

        A second call does nothing. Afterwards `add` returns False.
        """

    @abc.abstractmethod
    def stats(self) -> WriterStats:
        """The counters as they stand."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
