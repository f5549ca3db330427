"""Connects the calls that happen directly inside of one call.

Keras records every symbolic call as a node: of layers, and of the operations
between them, which are objects made on the spot. Layers are seen when they are
called. The operations are found afterwards, by following the history of the
tensors that layers read back to tensors that are known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from tb_kerasviz.capture.tracing.calls import Call, Wire, outputs_like, wire_like

MADE_INSIDE = "it is made by the code of call(), from nothing that was recorded"


class Scope:
    """The wires of live tensors, which it keeps alive."""

    def __init__(self) -> None:
        self._wires: dict[int, tuple[Any, Wire]] = {}

    def get(self, tensor: Any) -> Wire | None:
        """The wire of a tensor, or None if it is not known."""
        known = self._wires.get(id(tensor))
        return known[1] if known is not None else None

    def set(self, tensor: Any, wire: Wire) -> None:
        """Makes a tensor known."""
        self._wires[id(tensor)] = (tensor, wire)


@dataclasses.dataclass(eq=False)
class Pending:
    """A call whose inputs are connected when the call around it ends.

    Attributes:
        call: The call.
        node: Which of the layer's nodes Keras makes of this call.
        args: Its arguments as they reached the layer's `call`.
        kwargs: The same by name.
        needs: Tensors among its arguments that were read inside of it.
    """

    call: Call
    node: int
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    needs: list[tuple[Any, Wire]]

    def arguments(self) -> tuple[list[Any], list[Any]]:
        """The arguments as they were given, and as they arrived, in flat lists.

        Keras casts some on the way, and adds masks, which are not among these.
        """
        nodes = self.call.operation._inbound_nodes
        if self.node < len(nodes):
            # Without one where the layer's `call` was called by itself.
            given = nodes[self.node].arguments
            named = {k: v for k, v in self.kwargs.items() if k in given.kwargs}
            flat = keras.tree.flatten((given.args, given.kwargs))
            arrived = keras.tree.flatten((self.args, named))
            if len(flat) == len(arrived):
                return flat, arrived
        arrived = keras.tree.flatten((self.args, self.kwargs))
        return arrived, arrived


class Frame:
    """One call while the calls inside of it are recorded.

    Args:
        call: The call.
        scope: The tensors known in it.
        arguments: The tensors it was called with.
        nodes_before: By id, how many nodes the model's layers and operations
            had before anything was traced; what is not in it is new.
    """

    def __init__(
        self,
        call: Call,
        scope: Scope,
        arguments: Iterable[Any],
        nodes_before: Mapping[int, int],
    ) -> None:
        self.call = call
        self.scope = scope
        self.pending: list[Pending] = []
        self.needs: dict[int, tuple[Any, Wire]] = {}
        self._arguments = {id(tensor): tensor for tensor in arguments}
        self._nodes_before = nodes_before

    def settle(self) -> None:
        """Connects the calls inside."""
        for item in self.pending:
            given, arrived = item.arguments()
            item.call.inputs = [
                self.wire_of(tensor, item.call)
                for tensor in given
                if self._is_tensor(tensor)
            ]
            # What Keras casts on the way is the same tensor to the reader.
            for before, after in zip(given, arrived, strict=True):
                if after is not before and isinstance(after, keras.KerasTensor):
                    self.scope.set(after, self.wire_of(before, item.call))
            for tensor, wire in item.needs:
                if wire.origin is None:
                    found = self.wire_of(tensor, item.call)
                    if found is not wire:
                        wire.origin = found
        self.pending.clear()

    def wire_of(self, tensor: Any, before: Call | None) -> Wire:
        """The wire of a tensor, with the operations that made it recorded.

        Args:
            tensor: A tensor that is read inside of this call.
            before: The call that reads it; None for this call's end.
        """
        stack = [tensor]
        while stack:
            top = stack[-1]
            if self._find(top) is not None:
                stack.pop()
                continue
            node = self._node_of(top)
            if node is None:
                wire = wire_like(top)
                wire.why = MADE_INSIDE
                self.scope.set(top, wire)
                stack.pop()
                continue
            sources = [t for t in _flat_arguments(node) if self._is_tensor(t)]
            unknown = [t for t in sources if self._find(t) is None]
            if unknown:
                stack.extend(reversed(unknown))
                continue
            if _changes_nothing(node):
                self.scope.set(top, self.wire_of(sources[0], before))
                stack.pop()
                continue
            call = self.call.add(node.operation, before)
            call.inputs = [w for t in sources if (w := self._find(t)) is not None]
            call.outputs = outputs_like(call, node.outputs)
            for output, wire in zip(node.outputs, call.outputs, strict=True):
                if self._find(output) is None:
                    self.scope.set(output, wire)
            stack.pop()
        wire_found = self._find(tensor)
        if wire_found is None:  # Only if the tensor is none.
            raise TypeError(f"no tensor: {type(tensor).__name__}")
        return wire_found

    def _find(self, tensor: Any) -> Wire | None:
        wire = self.scope.get(tensor)
        if wire is not None:
            return wire
        needed = self.needs.get(id(tensor))
        if needed is not None:
            return needed[1]
        if id(tensor) in self._arguments:
            # From outside: whoever called this call connects it.
            wire = wire_like(tensor)
            self.needs[id(tensor)] = (tensor, wire)
            return wire
        return None

    def _is_tensor(self, value: Any) -> bool:
        return isinstance(value, keras.KerasTensor) or self.scope.get(value) is not None

    def _node_of(self, tensor: Any) -> Any:
        history = getattr(tensor, "_keras_history", None)
        operation = getattr(history, "operation", None)
        if history is None or operation is None:
            return None
        nodes = operation._inbound_nodes
        first = self._nodes_before.get(id(operation), 0)
        if not first <= history.node_index < len(nodes):
            return None
        node = nodes[history.node_index]
        made = any(output is tensor for output in node.outputs)
        return node if made else None


def _flat_arguments(node: Any) -> list[Any]:
    return list(keras.tree.flatten((node.arguments.args, node.arguments.kwargs)))


def _changes_nothing(node: Any) -> bool:
    """Whether an operation makes what it is given what that is already."""
    name = type(node.operation).__name__
    if name not in ("Cast", "ConvertToTensor") or len(node.outputs) != 1:
        return False
    sources = node.input_tensors
    return len(sources) == 1 and sources[0].dtype == node.outputs[0].dtype
