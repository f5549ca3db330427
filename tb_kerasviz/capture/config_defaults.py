"""Which entries of a layer's configuration are not its class's defaults.

The defaults are those of the signatures of `__init__`. No layer is made for
the comparison: making one may draw random numbers and run the user's code.
"""

from __future__ import annotations

import inspect
import re
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from tb_kerasviz.analysis.layer_costs import is_keras

_REQUIRED = object()
"""Stands for the default of a parameter that has none."""

_defaults: weakref.WeakKeyDictionary[type, dict[str, Any]] = weakref.WeakKeyDictionary()

_ALIASES = {
    "uniform": "random_uniform",
    "normal": "random_normal",
    "ones": "one",
    "zeros": "zero",
}
"""Names that Keras takes for its objects beside those of their classes."""

_SAME_AS = {"strides": "pool_size", "value_dim": "key_dim"}
"""Parameters that, if None, become what another one is."""

_BOOKKEEPING = frozenset({"name", "build_config", "registered_name"})


def non_default(cls: type, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of a configuration whose values the class does not have by default.

    Args:
        cls: Class of the layer.
        config: What its `get_config()` returned, as JSON values.

    Returns:
        The keys in their order, without the layer's name. With them are keys
        that no signature of a user's class has a parameter for. Never raises.
    """
    try:
        defaults = _defaults_of(cls)
        return tuple(
            key
            for key, value in config.items()
            if key not in _BOOKKEEPING
            # Keras saves some settings that its classes do not take.
            and (key in defaults or not is_keras(cls.__module__))
            and not _is_default(key, value, defaults.get(key, _REQUIRED), config)
        )
    except Exception:  # noqa: BLE001 - defaults may be objects of the user's
        return ()


def _defaults_of(cls: type) -> dict[str, Any]:
    """Defaults of the parameters of a class, following `**kwargs` to its bases."""
    if cls not in _defaults:
        found: dict[str, Any] = {}
        for base in cls.__mro__:
            if "__init__" not in vars(base):
                continue
            parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
            for parameter in list(parameters)[1:]:
                if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                    continue
                none = parameter.default is parameter.empty
                found.setdefault(
                    parameter.name, _REQUIRED if none else parameter.default
                )
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                break
        _defaults[cls] = found
    return _defaults[cls]


def _is_default(key: str, value: Any, default: Any, config: Mapping[str, Any]) -> bool:
    if default is _REQUIRED:
        return False
    if default is None:
        return value is None or value is False or _is_resolved(key, value, config)
    return _is_same(value, default)


def _is_resolved(key: str, value: Any, config: Mapping[str, Any]) -> bool:
    """Whether a value is what Keras puts in the place of None."""
    if key == "dtype":
        name = keras.config.dtype_policy().name
        saved = value.get("config") if isinstance(value, Mapping) else None
        return value == name or (isinstance(saved, Mapping) and saved == {"name": name})
    if key == "data_format":
        return bool(value == keras.config.image_data_format())
    if key.endswith("activation"):
        return bool(value == "linear")
    if key == "attention_axes":
        return bool(value == list(range(1, len(value) + 1)))
    other = _SAME_AS.get(key)
    return other is not None and other in config and bool(value == config[other])


def _is_same(value: Any, default: Any) -> bool:
    """Whether a JSON value is what a default becomes when it is saved."""
    if isinstance(value, Mapping) and "class_name" in value:
        return _is_same_object(value, default)
    if isinstance(value, str) and callable(default):
        return bool(value == getattr(default, "__name__", None))
    if isinstance(value, Sequence) and not isinstance(value, str):
        if isinstance(default, Sequence) and not isinstance(default, str):
            return len(value) == len(default) and all(map(_is_same, value, default))
        # One number stands for all axes.
        return len(value) > 0 and all(_is_same(item, default) for item in value)
    if isinstance(value, bool) is not isinstance(default, bool):
        return False
    return bool(value == default)


def _is_same_object(saved: Mapping[str, Any], default: Any) -> bool:
    """Whether a saved object is the one that a default is or names."""
    name = str(saved["class_name"])
    config = saved.get("config")
    if not isinstance(default, str):
        is_same_class = type(default).__name__ == name
        return is_same_class and config == getattr(default, "get_config", dict)()
    if _canonical(default) != _canonical(name):
        return False
    cls = getattr(keras.initializers, name, None) or getattr(
        keras.regularizers, name, None
    )
    if not isinstance(cls, type) or not isinstance(config, Mapping):
        return config in (None, {})
    return not non_default(cls, config)


def _canonical(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return _ALIASES.get(words, words)
