"""The `layers=` argument: which layers to log."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Sequence

LayerFilter = Callable[[str], bool]

MAX_NEAREST = 5
"""Most paths that are named where none matches."""

MIN_LIKENESS = 0.6
"""Least likeness, from 0 to 1, of a path that is named as a near one."""


def create_layer_filter(
    layers: str | re.Pattern[str] | LayerFilter | None,
) -> LayerFilter:
    """Turns the argument into a predicate on layer paths.

    Args:
        layers: None for all, a regular expression that is searched in the
            path, or a predicate.

    Raises:
        TypeError: It is none of these.
        ValueError: The expression is not valid.
    """
    if layers is None:
        return _accept
    # A pattern of bytes could never be searched in a path.
    if isinstance(layers, str) or (
        isinstance(layers, re.Pattern) and isinstance(layers.pattern, str)
    ):
        try:
            pattern = re.compile(layers)
        except re.error as error:
            raise ValueError(
                f"layers={layers!r} is not a valid regular expression: {error}."
            ) from error
        return functools.partial(_matches, pattern)
    if callable(layers):
        return layers
    raise TypeError(
        "layers must be None, a regular expression or a callable(path) -> bool; "
        f"received {layers!r} of type {type(layers).__name__}."
    )


# Functions of the module, so that a callback that holds them can be pickled.
def _accept(_path: str) -> bool:
    return True


def _matches(pattern: re.Pattern[str], path: str) -> bool:
    return pattern.search(path) is not None


def describe_no_match(layers: object, paths: Sequence[str]) -> str:
    """A sentence for a filter that matches no layer, with the nearest paths.

    Args:
        layers: What was given as `layers=`.
        paths: The paths of all layers.
    """
    nearest = _nearest(_words(layers), paths)
    if nearest:
        shown = f"nearest: {', '.join(nearest)}"
    elif paths:
        more = " and others" if len(paths) > MAX_NEAREST else ""
        shown = f"they are: {', '.join(paths[:MAX_NEAREST])}{more}"
    else:
        shown = "nearest: none"
    given = layers.pattern if isinstance(layers, re.Pattern) else layers
    return (
        f"layers={given!r:.200} matches none of the model's {len(paths)} layers; "
        f"{shown}."
    )


def _words(layers: object) -> list[str]:
    """What an expression asks for literally, in lower case."""
    pattern = layers.pattern if isinstance(layers, re.Pattern) else layers
    if not isinstance(pattern, str):
        return []
    # Classes of characters, counts and escapes like \d stand for no text.
    plain = re.sub(r"\\[a-zA-Z]|\[[^\]]*\]|\{[^}]*\}|\\", "", pattern)
    return [word.strip("/_").lower() for word in re.findall(r"[\w/]+", plain)]


def _nearest(words: Sequence[str], paths: Sequence[str]) -> list[str]:
    scored = []
    for position, path in enumerate(paths):
        names = [path.lower(), *path.lower().split("/")]
        score = max(
            (
                difflib.SequenceMatcher(None, word, name).ratio()
                for word in words
                for name in names
                if word
            ),
            default=0.0,
        )
        if score >= MIN_LIKENESS:
            scored.append((-score, position, path))
    return [path for _, _, path in sorted(scored)[:MAX_NEAREST]]
