"""A layer's configuration as bounded JSON.

Whatever `get_config()` returns must become a document: values that JSON
cannot hold are recorded as their `repr`, long ones are shortened, and both
are noted.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import numpy as np

MAX_TEXT = 1_000
MAX_ITEMS = 64
MAX_DEPTH = 8
MAX_VALUES = 4_096
MAX_BYTES = 32 * 2**10
SMALL_BYTES = 2 * 2**10
MAX_BYTES_OF_MODEL = 8 * 2**20

_GRAPH_KEYS = frozenset(
    {"layers", "input_layers", "output_layers", "build_input_shape"}
)


@dataclasses.dataclass
class Budget:
    """What is left for the configurations of one model, so that they fit a record.

    Those of up to `SMALL_BYTES` are kept in any case.
    """

    left: int = MAX_BYTES_OF_MODEL


def read_config(
    layer: Any, has_children: bool, budget: Budget
) -> tuple[dict[str, Any], list[str]]:
    """Reads a layer's configuration; never raises.

    Args:
        layer: A Keras layer or operation.
        has_children: Whether its inner layers are recorded by themselves, so
            that they are left out here.
        budget: What it takes its bytes from.

    Returns:
        The configuration as JSON values, and notes on what was changed.
    """
    try:
        config = layer.get_config()
    except Exception as error:  # noqa: BLE001 - it is the user's code
        return {}, [f"get_config() failed: {short_text(error)}"]
    if not isinstance(config, Mapping):
        return {}, [f"get_config() returned {type(config).__name__}, not a dict"]
    reader = _Reader()
    try:
        if has_children:
            config = {k: v for k, v in config.items() if k not in _GRAPH_KEYS}
        plain = reader.mapping(config, MAX_DEPTH)
    except Exception as error:  # noqa: BLE001 - it is the user's code
        return {}, [f"the configuration could not be read: {short_text(error)}"]
    size = len(msgspec.json.encode(plain))
    notes = list(dict.fromkeys(reader.notes))
    if size > min(MAX_BYTES, max(SMALL_BYTES, budget.left)):
        return {}, [*notes, f"configuration of {size} bytes left out"]
    budget.left -= size
    return plain, notes


class _Reader:
    """Turns one configuration into JSON values."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._left = MAX_VALUES

    def value(self, value: Any, depth: int) -> Any:
        if value is None:
            return None
        if isinstance(value, (bool, np.bool_)):
            return bool(value)
        if isinstance(value, (int, np.integer)):
            return int(value) if abs(int(value)) < 2**53 else self.text(int(value))
        if isinstance(value, (float, np.floating)):
            return float(value) if math.isfinite(value) else self.text(float(value))
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, np.ndarray):
            self.notes.append("arrays are recorded by shape")
            return f"array {value.shape} {value.dtype}"
        if isinstance(value, (Mapping, list, tuple, set, frozenset)):
            if depth == 0:
                self.notes.append(f"deeper than {MAX_DEPTH} levels left out")
                return "…"
            if isinstance(value, Mapping):
                return self.mapping(value, depth - 1)
            return [self.value(item, depth - 1) for item in self._items(value)]
        self.notes.append("values that JSON cannot hold are recorded as their repr")
        try:
            return self.text(repr(value))
        except Exception:  # noqa: BLE001 - it is the user's code
            return f"<{type(value).__name__}>"

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        return {
            self.text(key): self.value(value[key], depth) for key in self._items(value)
        }

    def text(self, value: object) -> str:
        text = short_text(value)
        if len(text) > MAX_TEXT:
            self.notes.append(f"texts cut to {MAX_TEXT} characters")
        return text

    def _items(self, collection: Collection[Any]) -> list[Any]:
        # A collection may hold itself many times over, so that only a limit
        # on the values in all keeps it from growing without end.
        most = min(MAX_ITEMS, self._left)
        if len(collection) > most:
            self.notes.append(
                f"collections cut to {MAX_ITEMS} entries"
                if most == MAX_ITEMS
                else f"cut to {MAX_VALUES} values in all"
            )
        items = list(itertools.islice(collection, most))
        self._left -= len(items)
        return items


def short_text(value: object, most: int = MAX_TEXT) -> str:
    """Any object as text that is valid Unicode and not too long; never raises."""
    try:
        text = value if isinstance(value, str) else str(value)
    except Exception:  # noqa: BLE001 - it is the user's code
        text = f"<{type(value).__name__}>"
    # Lone surrogates are legal in Python's text and not in JSON's UTF-8.
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= most else text[:most] + "…"
