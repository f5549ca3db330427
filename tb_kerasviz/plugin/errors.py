"""Errors that become answers: a status and one sentence of plain text.

`tensorboard.errors` has the 400 and the 404; here are the others. Their text
is shown to the user, so it says what was received and what is wanted.
"""

from __future__ import annotations

from tensorboard import errors

NotFoundError = errors.NotFoundError
InvalidArgumentError = errors.InvalidArgumentError
PublicError = errors.PublicError


class MethodNotAllowedError(errors.PublicError):
    """The request's method is neither GET nor HEAD."""

    http_code = 405

    def __init__(self, method: str) -> None:
        super().__init__(f"Method not allowed: {quote(method)}; use GET or HEAD.")
        self.headers.append(("Allow", "GET, HEAD"))


class UnreadableDataError(errors.PublicError):
    """The logged data is damaged, or newer than this package."""

    http_code = 422


class UnavailableError(errors.PublicError):
    """The data cannot be had now; the same request may succeed later."""

    http_code = 503

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.headers.append(("Retry-After", "1"))


class ChangedLogsError(Exception):
    """What was listed a moment ago is not there any more: list again."""


def quote(value: str) -> str:
    """A received text as it may stand in a sentence: ASCII, bounded, quoted."""
    return ascii(value) if len(value) <= 80 else f"{value[:80]!a}..."


def enumerate_some(values: list[str], limit: int = 20) -> str:
    """The values as one phrase, with a count of those that are left out."""
    shown = ", ".join(values[:limit]) or "none"
    left = len(values) - limit
    return shown if left <= 0 else f"{shown} and {left} more"
