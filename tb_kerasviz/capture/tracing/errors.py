"""What goes wrong when somebody else's code is called."""

from __future__ import annotations


class TracingError(Exception):
    """Something that cannot be traced; the text says why."""


def describe(error: BaseException) -> str:
    """An error in one line, bounded."""
    if isinstance(error, TracingError):
        return str(error)
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:300]
