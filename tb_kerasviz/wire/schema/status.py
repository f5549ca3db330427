"""What a writer says of itself."""

from __future__ import annotations

import msgspec

from tb_kerasviz.wire.schema.base import Document


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something the user should know; each is reported once."""

    step: int
    topic: str
    """What it is about: "activations", "weights", "dynamics", ..."""
    message: str


class Status(Document, frozen=True, kw_only=True):
    """Counters and notices of one writer. The last one of a run counts."""

    step: int
    accepted: int
    """Records taken into the queue = written + dropped + still queued."""
    written: int
    dropped: dict[str, int]
    """Records dropped, by tag."""
    refused: dict[str, int]
    """Records never accepted because their step was not new, by tag."""
    blocked_secs: float
    """Time that training waited for the queue."""
    notices: tuple[Notice, ...]
    closed: bool
    """Whether this is the end marker of its writer."""
    package_version: str
    overhead_secs: float = 0
    """Time that the training thread spent in tb_kerasviz. Of a `fit`: in all
    of Keras's hooks, with captures, with reading what the train step measured,
    and with the compilation of the first capture. The norms that the compiled
    train step computes are not in it. Of a custom training loop: in all calls
    of its `Writer`, without the wait until what they are given is computed. In
    neither is the wait for the last records at the end."""
    training_secs: float = 0
    """Wall time of the `fit` so far, or of a custom training loop since its
    `Writer` was first called, logging included; 0 if it is not known, in older
    data."""
    writer_cpu_secs: float = 0
    """Processor time of the thread that writes, which works beside the
    training."""
    captures_skipped: int = 0
    """How often captures that were due were left out for `max_overhead`."""
    skipped_steps: tuple[int, ...] = ()
    """Steps of these, at most the first 1000."""
