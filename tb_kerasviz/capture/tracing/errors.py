"""What goes wrong when somebody else's code is called."""

from __future__ import annotations

import re

MAX_TEXT = 300

_KERAS_FRAME = re.compile(
    r"Exception encountered when calling \S+\(\)\.|Arguments received by .*", re.DOTALL
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_OPERATION = re.compile(r"\{\{[^}]*\}\}|\[Op:\w+\]( name: )?")
"""Where TensorFlow computed it."""


class TracingError(Exception):
    """Something that cannot be traced; the text says why."""


def describe(error: BaseException) -> str:
    """An error in one line, bounded, without what Keras adds to its text."""
    if isinstance(error, TracingError):
        return str(error)
    text = _KERAS_FRAME.sub("", _COLOURS.sub("", str(error)))
    text = _OPERATION.sub("", text)
    return f"{type(error).__name__}: {' '.join(text.split())}"[:MAX_TEXT]
