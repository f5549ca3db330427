"""The layers of a model and the paths that identify them.

Keras's `path` is the identity of layers and variables, but it is neither
always set (a layer without a build step has none, an operation never has) nor
always unique (layers made outside of their model are named without it). Here
every layer and variable gets one path: Keras's where it is set and free, else
one below its parent's, else with a running number.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import keras

MAX_PATH = 1_000
"""Characters of a path or a name."""

Operation = Any
"""A `keras.layers.Layer` or another node of a functional graph."""


@dataclasses.dataclass(frozen=True)
class LayerEntry:
    """One layer of the model's tree.

    Attributes:
        layer: The live layer or operation.
        path: Its identity.
        children: Layers that it holds, in their order.
    """

    layer: Operation
    path: str
    children: tuple[LayerEntry, ...]


class LayerTree:
    """All layers of a model, each once, with unique paths.

    Args:
        model: A Keras model.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self._paths: dict[int, str] = {}
        self._taken: dict[str, int] = {}
        self._seen: set[int] = {id(model)}
        self._added: dict[str, tuple[list[LayerEntry], list[LayerEntry]]] = {}
        self.roots = self._entries(model, "")
        self._variable_paths = self._name_variables()

    def path_of(self, layer: Operation) -> str | None:
        """Path of a layer of the model, or None if it is none of them."""
        return self._paths.get(id(layer))

    def add_operation(
        self, operation: Operation, parent_path: str, name: str, first: bool = False
    ) -> str:
        """Gives a place to an operation that no layer holds.

        Args:
            operation: What a call was found to consist of; takes the name,
                unless it is a layer, which has one.
            parent_path: Path of the layer that calls it; empty for the model.
            name: Its name.
            first: Whether it comes before the layers there, not after them.

        Returns:
            Its path.
        """
        if not isinstance(operation, keras.layers.Layer):
            operation.name = name
        below_parent = f"{parent_path}/{name}" if parent_path else name
        path = _claim(self._taken, below_parent, below_parent)
        self._paths[id(operation)] = path
        before, after = self._added.setdefault(parent_path, ([], []))
        (before if first else after).append(LayerEntry(operation, path, ()))
        return path

    def place_operations(self) -> None:
        """Puts the operations that were added among the layers."""
        if self._added:
            self.roots = self._with_added(self.roots, "")
            self._added = {}

    def _with_added(
        self, entries: tuple[LayerEntry, ...], parent_path: str
    ) -> tuple[LayerEntry, ...]:
        before, after = self._added.get(parent_path, ([], []))
        entries = tuple(
            dataclasses.replace(
                entry, children=self._with_added(entry.children, entry.path)
            )
            for entry in entries
        )
        return (*before, *entries, *after)

    def variable_path(self, variable: keras.Variable) -> str:
        """Unique path of a variable of the model.

        Falls back to Keras's own for a variable that is not the model's.
        """
        known = self._variable_paths.get(id(variable))
        return bounded_text(variable.path) if known is None else known

    def walk(self) -> list[LayerEntry]:
        """All entries, parents before their children."""
        entries: list[LayerEntry] = []
        stack = list(reversed(self.roots))
        while stack:
            entry = stack.pop()
            entries.append(entry)
            stack.extend(reversed(entry.children))
        return entries

    def _entries(self, parent: Operation, parent_path: str) -> tuple[LayerEntry, ...]:
        entries = []
        for layer in direct_layers(parent):
            if id(layer) in self._seen:
                continue
            self._seen.add(id(layer))
            below_parent = f"{parent_path}/{layer.name}" if parent_path else layer.name
            keras_path = getattr(layer, "path", None)
            path = _claim(self._taken, keras_path or below_parent, below_parent)
            self._paths[id(layer)] = path
            entries.append(LayerEntry(layer, path, self._entries(layer, path)))
        return tuple(entries)

    def _name_variables(self) -> dict[int, str]:
        paths: dict[int, str] = {}
        taken: dict[str, int] = {}
        owned = [
            (variable, f"{entry.path}/{variable.name}")
            for entry in self.walk()
            for variable in own_variables(entry)
        ]
        # Those that the model itself holds.
        owned += [(variable, variable.name) for variable in self.model.weights]
        for variable, below_owner in owned:
            if id(variable) not in paths:
                paths[id(variable)] = _claim(taken, variable.path, below_owner)
        return paths


def _claim(taken: dict[str, int], path: str, below_parent: str) -> str:
    """Takes the first free one of a path, the one below, and numbered ones.

    Args:
        taken: What is taken, each with the number to try next.
        path: The path that is wished for.
        below_parent: The one below the parent's.
    """
    path, below_parent = bounded_text(path), bounded_text(below_parent)
    free = path if path not in taken else below_parent
    if free in taken:
        number = taken[below_parent]
        while (free := f"{below_parent}#{number}") in taken:
            number += 1
        taken[below_parent] = number + 1
    taken[free] = 2
    return free


def bounded_text(text: object) -> str:
    """A name or path as valid Unicode of at most `MAX_PATH` characters.

    What is longer loses its middle: the end tells it from its neighbours.
    """
    # Lone surrogates are legal in Python's text and not in JSON's UTF-8.
    plain = str(text).encode("utf-8", "replace").decode()
    if len(plain) <= MAX_PATH:
        return plain
    half = MAX_PATH // 2
    return f"{plain[: half - 1]}…{plain[-half:]}"


def function_of(layer: Operation) -> keras.Function | None:
    """The graph of a functional or a built sequential model, else None."""
    if isinstance(layer, keras.Sequential):
        # Sequential keeps its graph in a private attribute and has no other
        # access to it; None until it is built.
        return getattr(layer, "_functional", None)
    if isinstance(layer, keras.Function) and isinstance(layer, keras.Model):
        return layer
    return None


def direct_layers(parent: Operation) -> list[Operation]:
    """The layers and operations that a model or layer holds directly."""
    function = function_of(parent)
    layers = list(function.operations) if function is not None else []
    if isinstance(parent, keras.layers.Layer):
        # What `Model.layers` is made of, for any layer. A functional model may
        # hold layers that its graph does not call.
        known = {id(layer) for layer in layers}
        held = parent._flatten_layers(include_self=False, recursive=False)
        layers += [layer for layer in held if id(layer) not in known]
    return layers


def own_variables(entry: LayerEntry) -> list[keras.Variable]:
    """Weights of a layer without those of the layers that it holds."""
    # Of all of them: one that is shared is an entry below its first holder only.
    held = direct_layers(entry.layer)
    below = {id(v) for layer in held for v in _weights(layer)}
    return [v for v in _weights(entry.layer) if id(v) not in below]


def _weights(layer: Operation) -> list[keras.Variable]:
    try:
        weights: list[keras.Variable] = getattr(layer, "weights", [])
    except Exception:  # noqa: BLE001 - a property may be the user's code
        return []
    return weights
