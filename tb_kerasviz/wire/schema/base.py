"""What several documents have in common."""

from __future__ import annotations

from typing import Literal

import msgspec

Shape = tuple[int | None, ...]

LoggedNumber = float | Literal["NaN", "Infinity", "-Infinity"] | None
"""A float as JSON can hold it; None = nothing was logged."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What every top-level document carries."""

    version: int
    """Version of the format that wrote it."""


class MemberRef(msgspec.Struct, frozen=True, kw_only=True):
    """Where one gzip member lies in a capture's blob sequence."""

    blob: int
    """Index into the blob sequence; blob 0 is the index document itself."""
    offset: int
    """First byte of the member in that blob."""
    length: int
    """Number of bytes of the member."""


class SkippedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer whose output was not logged."""

    path: str
    reason: str
