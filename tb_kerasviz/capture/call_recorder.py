"""Records what layers return while a model is called."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras

from tb_kerasviz.capture.identity import LayerEntry, LayerTree

OnCall = Callable[[LayerEntry, int, Any], None]
"""Takes the layer, which of its calls it was (from 0), and what it returned."""


def recordable_layers(tree: LayerTree) -> list[LayerEntry]:
    """The layers whose outputs are worth recording.

    Not models, whose last layer's output is theirs, nor the cells of
    recurrent layers, which run inside a loop.

    Args:
        tree: The model's layers.
    """
    entries: list[LayerEntry] = []
    stack = list(reversed(tree.roots))
    while stack:
        entry = stack.pop()
        if not isinstance(entry.layer, (keras.Model, keras.layers.InputLayer)):
            entries.append(entry)
        if not isinstance(entry.layer, keras.layers.RNN):
            stack.extend(reversed(entry.children))
    return entries


@contextlib.contextmanager
def record_calls(entries: Sequence[LayerEntry], on_call: OnCall) -> Iterator[None]:
    """Reports every call of the given layers while the context is open.

    `call` is replaced on the instances, not on the classes, so that no other
    model is touched, and put back at the end. It must only be open while a
    forward pass is traced or run by us.

    Args:
        entries: The layers.
        on_call: Called after each call of one of them.
    """
    kept: list[tuple[dict[str, Any], Any]] = []
    try:
        for entry in entries:
            attributes = entry.layer.__dict__
            kept.append((attributes, attributes.get("call")))
            attributes["call"] = _wrap(entry, on_call)
        yield
    finally:
        for attributes, previous in kept:
            if previous is None:
                attributes.pop("call", None)
            else:
                attributes["call"] = previous


def _wrap(entry: LayerEntry, on_call: OnCall) -> Callable[..., Any]:
    original = entry.layer.call
    count = 0

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        number = count
        count += 1
        outputs = original(*args, **kwargs)
        on_call(entry, number, outputs)
        return outputs

    return call
