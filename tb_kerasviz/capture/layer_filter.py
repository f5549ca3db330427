"""The `layers=` argument: which layers to log."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Sequence

LayerFilter = Callable[[str], bool]


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
    """A sentence for a filter that matches no layer, with the nearest paths."""
    nearest = (
        difflib.get_close_matches(layers, paths, n=5, cutoff=0.3)
        if isinstance(layers, str)
        else []
    )
    shown = ", ".join(nearest or list(paths)[:5]) or "none"
    return (
        f"layers={layers!r} matches none of the model's {len(paths)} layers; "
        f"nearest: {shown}."
    )
