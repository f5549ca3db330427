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
        self._taken: set[str] = set()
        self._seen: set[int] = {id(model)}
        self.roots = self._entries(model, "")
        self._variable_paths = self._name_variables()

    def path_of(self, layer: Operation) -> str | None:
        """Path of a layer of the model, or None if it is none of them."""
        return self._paths.get(id(layer))

    def variable_path(self, variable: keras.Variable) -> str:
        """Unique path of a variable of the model.

        Falls back to Keras's own for a variable that is not the model's.
        """
        return self._variable_paths.get(id(variable), str(variable.path))

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
            path = self._claim(getattr(layer, "path", None), parent_path, layer.name)
            self._paths[id(layer)] = path
            entries.append(LayerEntry(layer, path, self._entries(layer, path)))
        return tuple(entries)

    def _claim(self, path: str | None, parent_path: str, name: str) -> str:
        below_parent = f"{parent_path}/{name}" if parent_path else name
        for candidate in (path or below_parent, below_parent):
            if candidate not in self._taken:
                self._taken.add(candidate)
                return candidate
        number = 2
        while f"{below_parent}#{number}" in self._taken:
            number += 1
        self._taken.add(f"{below_parent}#{number}")
        return f"{below_parent}#{number}"

    def _name_variables(self) -> dict[int, str]:
        paths: dict[int, str] = {}
        taken: set[str] = set()

        def claim(variable: keras.Variable, owner: str) -> None:
            if id(variable) in paths:
                return
            below = f"{owner}/{variable.name}" if owner else variable.name
            candidates = [variable.path, below]
            candidates += [f"{below}#{i}" for i in range(2, 2 + len(taken))]
            path = next(c for c in [*candidates, f"{below}#"] if c not in taken)
            taken.add(path)
            paths[id(variable)] = path

        for entry in self.walk():
            for variable in own_variables(entry):
                claim(variable, entry.path)
        for variable in self.model.weights:
            claim(variable, "")
        return paths


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
    """Weights of a layer without those of its children."""
    below = {id(v) for child in entry.children for v in _weights(child.layer)}
    return [v for v in _weights(entry.layer) if id(v) not in below]


def _weights(layer: Operation) -> list[keras.Variable]:
    weights: list[keras.Variable] = getattr(layer, "weights", [])
    return weights
