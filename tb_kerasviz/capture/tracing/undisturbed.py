"""Lets the layers of a model be called without leaving a trace in them."""

from __future__ import annotations

import contextlib
import random
import threading
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.layers import layer as layer_module

from tb_kerasviz.capture.identity import Operation
from tb_kerasviz.capture.tracing.symbols import symbols

_GLOBALS = ("object_name_uids", "global_seed_generator", "current_call_ctx")
"""Keras's own memory, of the thread: how automatic names are counted, the seeds
of random operations, and the arguments that an outer call hands to inner ones."""


@contextlib.contextmanager
def undisturbed(operations: Iterable[Operation]) -> Iterator[None]:
    """Puts back what calls of layers change, beside the values of variables.

    That is the layers' attributes with the lists, dicts and sets that they
    hold (among them Keras's record of symbolic calls), the counters of
    automatic names, and the states of random generators. Values of variables
    do not change, since the calls happen in a `keras.StatelessScope`.

    Args:
        operations: The layers and operations that may be called.
    """
    kept = [_Attributes(operation) for operation in operations]
    memory = {name: global_state.get_global_attribute(name) for name in _GLOBALS}
    names = memory["object_name_uids"]
    counted = dict(names) if names is not None else None
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    global_state.set_global_attribute("current_call_ctx", None)
    try:
        with warnings.catch_warnings():
            # What is to be said of the user's code, Keras says when it trains.
            warnings.simplefilter("ignore")
            with (
                keras.StatelessScope(initialize_variables=False),
                _plain_operators(),
                _any_outputs(),
            ):
                yield
    finally:
        for attributes in kept:
            attributes.put_back()
        if names is not None and counted is not None:
            names.clear()
            names.update(counted)
        for name, value in memory.items():
            global_state.set_global_attribute(name, value)
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002


class _Attributes:
    """An object's attributes as they were, with what they contain."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner
        self._attributes = dict(vars(owner))
        self._contents = [
            (value, _copy(value))
            for value in self._attributes.values()
            if isinstance(value, (list, dict, set))
        ]
        tracker = self._attributes.get("_tracker")
        # A layer that is built takes no more variables.
        self._tracker = tracker
        self._locked = getattr(tracker, "locked", None)
        self._stored = getattr(tracker, "stored_ids", {})
        self._stored_ids = {name: set(ids) for name, ids in self._stored.items()}

    def put_back(self) -> None:
        now = vars(self._owner)
        for name in [name for name in now if name not in self._attributes]:
            del now[name]
        for name, value in self._attributes.items():
            if now.get(name, _MISSING) is not value:
                now[name] = value
        for container, content in self._contents:
            if not _same(container, content):
                _refill(container, content)
        if self._tracker is not None and self._tracker.locked != self._locked:
            self._tracker.locked = self._locked
        for name, ids in self._stored_ids.items():
            if self._stored.get(name) != ids:
                self._stored[name] = ids


_MISSING = object()


def _copy(container: Any) -> Any:
    if isinstance(container, dict):
        return dict(container)
    return list(container)


def _same(container: Any, content: Any) -> bool:
    if len(container) != len(content):
        return False
    if isinstance(container, dict):
        return all(
            container.get(key, _MISSING) is value for key, value in content.items()
        )
    return all(a is b for a, b in zip(container, content, strict=True))


def _refill(container: Any, content: Any) -> None:
    # Past Keras's subclasses of these, which would track what is put in.
    # TensorFlow's wrappers hold their content elsewhere.
    kinds = (dict, set, list)
    plain: Any = next((k for k in kinds if issubclass(type(container), k)), None)
    if plain is None or hasattr(container, "_storage"):
        plain = type(container)
    plain.clear(container)
    (plain.extend if isinstance(container, list) else plain.update)(container, content)


@contextlib.contextmanager
def _plain_operators() -> Iterator[None]:
    """Lets `array + symbolic` be recorded by Keras on JAX as elsewhere.

    JAX's arrays leave an operator to the other operand only where that has no
    `__jax_array__`. A `keras.KerasTensor` has one, which only raises an error.
    """
    tensor = keras.KerasTensor
    raises = vars(tensor).get("__jax_array__")
    if keras.backend.backend() != "jax" or raises is None:
        yield
        return
    del tensor.__jax_array__
    try:
        yield
    finally:
        tensor.__jax_array__ = raises


@contextlib.contextmanager
def _any_outputs() -> Iterator[None]:
    """Lets layers return other things beside tensors, like `return x, None`.

    Keras does when it computes, but not in its record of a symbolic call. Only
    this thread notices.
    """
    original = layer_module.Node
    thread = threading.get_ident()

    def node(
        operation: Operation, call_args: Any, call_kwargs: Any, outputs: Any
    ) -> Any:
        if threading.get_ident() == thread:
            outputs = symbols(outputs)
        return original(operation, call_args, call_kwargs, outputs)

    layer_module.Node = node
    try:
        yield
    finally:
        layer_module.Node = original
