"""Where a class that the user wrote is defined."""

from __future__ import annotations

import inspect
import linecache
import re
import sys
import sysconfig
import types
import weakref
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

MAX_FILE_NAME = 1_000

_INSTALLED = frozenset({"site-packages", "dist-packages"})
_STANDARD_LIBRARY = PurePath(sysconfig.get_paths()["stdlib"])

_sources: weakref.WeakKeyDictionary[type, tuple[str, int]] = weakref.WeakKeyDictionary()


def source_of(cls: type) -> tuple[str, int]:
    """File and line of a user's class; never raises.

    Returns:
        The file, as Python names it, and the line of the `class` statement
        from 1, or 0 if it was not found. ("", 0) for what is Keras's, an
        installed package's or Python's own, and for what has no source.
    """
    if cls not in _sources:
        try:
            _sources[cls] = _find(cls)
        except Exception:  # noqa: BLE001 - a class may claim anything of itself
            _sources[cls] = ("", 0)
    return _sources[cls]


def _find(cls: type) -> tuple[str, int]:
    if cls.__module__.split(".")[0] == "keras":
        return "", 0
    first = min(_codes(cls), key=lambda code: code.co_firstlineno, default=None)
    if first is not None:
        # Also knows the cells of a notebook, which are no file of the module's.
        file, line = first.co_filename, _line_above(cls, first)
    else:
        file = getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
        line = _line_in_module(cls) if file else 0
    if not file or _is_installed(file):
        return "", 0
    return file[:MAX_FILE_NAME].encode("utf-8", "replace").decode(), line


def _codes(cls: type) -> Iterator[types.CodeType]:
    """Code of the functions that the body of the class defines."""
    for value in vars(cls).values():
        function: Any = value
        if isinstance(value, (staticmethod, classmethod)):
            function = value.__func__
        elif isinstance(value, property):
            function = value.fget
        # Keras wraps some methods.
        function = inspect.unwrap(function) if callable(function) else None
        code = getattr(function, "__code__", None)
        if isinstance(code, types.CodeType) and code.co_qualname.startswith(
            f"{cls.__qualname__}."
        ):
            yield code


def _line_above(cls: type, code: types.CodeType) -> int:
    statement = re.compile(rf"\s*class\s+{re.escape(cls.__name__)}\b")
    for number in range(code.co_firstlineno, 0, -1):
        if statement.match(linecache.getline(code.co_filename, number)):
            return number
    return 0


def _line_in_module(cls: type) -> int:
    try:
        lines, start = inspect.getsourcelines(cls)
    except (OSError, TypeError, SyntaxError):
        return 0
    statement = re.compile(rf"\s*class\s+{re.escape(cls.__name__)}\b")
    # What was found may begin with decorators.
    return next((start + n for n, x in enumerate(lines) if statement.match(x)), 0)


def _is_installed(file: str) -> bool:
    path = PurePath(file)
    if not _INSTALLED.isdisjoint(path.parts):
        return True
    return path.is_relative_to(_STANDARD_LIBRARY)
