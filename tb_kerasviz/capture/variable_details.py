"""How a variable is initialised and regularised, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from tb_kerasviz.capture.configuration import short_text

MAX_TEXT = 200


def initializer_of(layer: Any, variable: keras.Variable) -> str:
    """Initializer of a variable, like "RandomNormal(mean=0.0, stddev=0.05)".

    Keras does not keep it with the variable. Layers keep theirs as an
    attribute named after the variable, such as `kernel_initializer`.

    Args:
        layer: The layer that owns the variable.
        variable: The variable.

    Returns:
        Empty if it is not known; never raises.
    """
    # A recurrent_kernel has a recurrent_initializer, and a depthwise layer's
    # kernel a depthwise_initializer.
    stems = [variable.name, variable.name.removesuffix("_kernel"), "depthwise"]
    if variable.name != "kernel":
        stems.pop()
    texts = (_described(layer, f"{stem}_initializer") for stem in stems)
    return next(filter(None, texts), "")


def regularizer_of(variable: keras.Variable) -> str:
    """Regularizer of a variable, like "L2(l2=0.01)".

    Args:
        variable: The variable.

    Returns:
        Empty if there is none; never raises.
    """
    return _described(variable, "regularizer")


def _described(holder: Any, attribute: str) -> str:
    try:
        value = getattr(holder, attribute, None)
        if value is None:
            return ""
        return _call_text(value)
    except Exception:  # noqa: BLE001 - it may be the user's code
        return ""


def _call_text(value: Any) -> str:
    """The call that makes an object, cut to `MAX_TEXT` characters."""
    if isinstance(value, str):
        return short_text(value, MAX_TEXT)
    if not hasattr(value, "get_config"):
        name = getattr(value, "__name__", type(value).__name__)
        return short_text(name, MAX_TEXT)
    config = value.get_config()
    entries = config.items() if isinstance(config, Mapping) else ()
    arguments = ", ".join(
        f"{short_text(key, MAX_TEXT)}={short_text(repr(entry), MAX_TEXT)}"
        for key, entry in list(entries)[:16]
        if entry is not None
    )
    return short_text(f"{type(value).__name__}({arguments})", MAX_TEXT)
