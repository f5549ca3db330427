"""A layer's configuration as bounded JSON.

Whatever `get_config()` returns must become a document: values that JSON
cannot hold are recorded as their `repr`, long ones are shortened, and both
are noted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

MAX_TEXT = 1_000
MAX_ITEMS = 64
MAX_DEPTH = 8
MAX_BYTES = 32 * 2**10

_GRAPH_KEYS = frozenset(
    {"layers", "input_layers", "output_layers", "build_input_shape"}
)


def read_config(layer: Any, has_children: bool) -> tuple[dict[str, Any], list[str]]:
    """Reads a layer's configuration; never raises.

    Args:
        layer: A Keras layer or operation.
        has_children: Whether its inner layers are recorded by themselves, so
            that they are left out here.

    Returns:
        The configuration as JSON values, and notes on what was changed.
    """
    try:
        config = layer.get_config()
    except Exception as error:  # noqa: BLE001, it is the user's code
        return {}, [f"get_config() failed: {_text(error)}"]
    if not isinstance(config, Mapping):
        return {}, [f"get_config() returned {type(config).__name__}, not a dict"]
    notes: list[str] = []
    plain = {
        _text(key): _plain(value, MAX_DEPTH, notes)
        for key, value in config.items()
        if not (has_children and key in _GRAPH_KEYS)
    }
    size = len(json.dumps(plain))
    if size > MAX_BYTES:
        notes.append(f"configuration of {size} bytes left out")
        return {}, notes
    return plain, list(dict.fromkeys(notes))


def _text(value: object) -> str:
    try:
        text = value if isinstance(value, str) else str(value)
    except Exception:  # noqa: BLE001, it is the user's code
        text = f"<{type(value).__name__}>"
    # Lone surrogates are legal in Python's text and not in JSON's UTF-8.
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


def _plain(value: Any, depth: int, notes: list[str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) < 2**53 else _text(int(value))
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else _text(float(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, np.ndarray):
        notes.append("arrays are recorded by shape")
        return f"array {value.shape} {value.dtype}"
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        if depth == 0:
            notes.append(f"deeper than {MAX_DEPTH} levels left out")
            return "…"
        if len(value) > MAX_ITEMS:
            notes.append(f"collections cut to {MAX_ITEMS} entries")
        if isinstance(value, Mapping):
            return {
                _text(key): _plain(item, depth - 1, notes)
                for key, item in list(value.items())[:MAX_ITEMS]
            }
        return [_plain(item, depth - 1, notes) for item in list(value)[:MAX_ITEMS]]
    notes.append("values that JSON cannot hold are recorded as their repr")
    try:
        return _text(repr(value))
    except Exception:  # noqa: BLE001, it is the user's code
        return f"<{type(value).__name__}>"
