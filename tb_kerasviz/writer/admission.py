"""What a writer checks of a record before it takes it."""

from __future__ import annotations

import dataclasses
import operator
import posixpath

from tb_kerasviz.wire import tags
from tb_kerasviz.writer.interface import (
    BlobRecord,
    HistogramsRecord,
    Record,
    ScalarRecord,
    TensorRecord,
)

MAX_STEP = 2**63 - 1

_MAX_TAG_CHARS = 1000
_OVERHEAD_BYTES = 512
"""What a queued record costs beside its payload, roughly."""

# Higher is coarser: what is given up first when there is no room. A lost
# capture of activations is one picture less; a lost scalar is a hole in a curve.
_RANKS = {
    tags.ACTIVATIONS: 4,
    tags.WEIGHTS: 3,
    tags.GRADIENTS: 3,
    tags.PROBE: 2,
    tags.MODEL_GRAPH: 2,
    tags.DYNAMICS: 1,
    tags.STEP_DYNAMICS: 1,
    tags.DYNAMICS_INDEX: 1,
}
_SCALAR_RANK = 0
_HISTOGRAMS_RANK = _RANKS[tags.WEIGHTS]


@dataclasses.dataclass(frozen=True, slots=True)
class Ticket:
    """What a writer needs to know of a record to queue it.

    Attributes:
        directory: Run directory below `log_dir`.
        tag: Tag of the summary.
        step: Its step, a plain int.
        nbytes: Memory that it holds while it waits.
        rank: How coarse it is; the coarsest are given up first.
    """

    directory: str
    tag: str
    step: int
    nbytes: int
    rank: int


def examine(record: Record) -> Ticket:
    """Checks a record and describes it.

    Args:
        record: What was given to `add`.

    Raises:
        TypeError: It is not a record, or its step is not an integer.
        ValueError: Its directory, tag or step cannot be written. One text
            that is not valid UTF-8 would stop TensorBoard from loading any
            run, so this is checked before anything is written.
    """
    if isinstance(record, ScalarRecord):
        directory, tag = _check_directory(record.directory), _check_text(record.tag)
        nbytes, rank = 0, _SCALAR_RANK
    elif isinstance(record, HistogramsRecord):
        directory, tag = _check_directory(record.directory), _check_text(record.tag)
        nbytes, rank = max(0, record.nbytes), _HISTOGRAMS_RANK
    elif isinstance(record, TensorRecord):
        directory, tag = tags.PLUGIN_DIR, _check_kind(record.tag, tags.TENSOR_KINDS)
        nbytes, rank = record.values.nbytes, _RANKS[tag]
    elif isinstance(record, BlobRecord):
        # The status is the writer's own: it alone knows the counters.
        kinds = tuple(kind for kind in tags.BLOB_KINDS if kind != tags.STATUS)
        directory, tag = tags.PLUGIN_DIR, _check_kind(record.tag, kinds)
        nbytes, rank = max(0, record.nbytes), _RANKS[tag]
    else:
        raise TypeError(
            "A record must be a ScalarRecord, TensorRecord, BlobRecord or "
            f"HistogramsRecord, not {type(record).__name__}."
        )
    step = operator.index(record.step)
    if not 0 <= step <= MAX_STEP:
        raise ValueError(f"Step of {tag!r} must be from 0 to 2**63 - 1, not {step}.")
    return Ticket(directory, tag, step, nbytes + _OVERHEAD_BYTES, rank)


class StepGuard:
    """Lets the steps of each tag only strictly increase."""

    def __init__(self, first_step: int) -> None:
        """Creates a guard.

        Args:
            first_step: Smallest step that any tag may have.
        """
        self._first = first_step
        self._last: dict[tuple[str, str], int] = {}
        self.last_seen = first_step
        """Largest step that was let through, of any tag."""

    def admits(self, ticket: Ticket) -> bool:
        """Whether the record's step is above its tag's last one."""
        last = self._last.get((ticket.directory, ticket.tag))
        return ticket.step >= self._first if last is None else ticket.step > last

    def note(self, ticket: Ticket) -> None:
        """Takes the record's step as its tag's last one."""
        self._last[ticket.directory, ticket.tag] = ticket.step
        self.last_seen = max(self.last_seen, ticket.step)


def _check_kind(tag: str, kinds: tuple[tags.Kind, ...]) -> str:
    if tag not in kinds:
        raise ValueError(f"Tag must be one of {', '.join(kinds)}, not {tag!r:.80}.")
    return tag


def _check_text(text: str) -> str:
    if not text or len(text) > _MAX_TAG_CHARS:
        raise ValueError(
            f"A tag must be a text of 1 to {_MAX_TAG_CHARS} characters, "
            f"not {text!r:.80}."
        )
    text.encode()  # A lone surrogate raises UnicodeEncodeError, a ValueError.
    return text


def _check_directory(directory: str) -> str:
    name = _check_text(directory).replace("\\", "/")
    parts = name.split("/")
    if (
        posixpath.isabs(name)
        or "\0" in name
        or ":" in parts[0]
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise ValueError(
            "A run directory must be a plain path below log_dir, such as "
            f"'train', not {directory!r:.80}."
        )
    return name
