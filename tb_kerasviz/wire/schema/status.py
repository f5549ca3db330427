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
