"""Calls of layers and the tensors between them, while they are recorded."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras

from tb_kerasviz.capture.identity import Operation
from tb_kerasviz.wire import schema


@dataclasses.dataclass(eq=False, slots=True)
class Wire:
    """One tensor on its way from the call that makes it to those that read it.

    Attributes:
        shape: Its shape, None where an axis is open.
        dtype: Its dtype.
        origin: The call that makes it and which of its outputs it is; or the
            wire that it is the same tensor as; or None where that is unknown.
        why: Why its origin is not known.
        hidden: Whether it is no data flow to show, like the state that a
            recurrent layer hands from step to step.
    """

    shape: schema.Shape
    dtype: str
    origin: tuple[Call, int] | Wire | None = None
    why: str = ""
    hidden: bool = False

    def end(self) -> Wire:
        """The wire that this one is the same tensor as, followed to its end."""
        wire = self
        while isinstance(wire.origin, Wire):
            wire = wire.origin
        return wire


@dataclasses.dataclass(eq=False, slots=True)
class Call:
    """One call of a layer or an operation.

    Attributes:
        operation: What is called.
        parent: The call of the layer or model that it happens in.
        inputs: The tensors it is called with.
        outputs: The tensors it returns.
        children: The calls inside of it, in their order.
        untraced: Why what happens inside is not known.
        names: Where each output is in what is returned, like "head" of a dict.
        called: Whether it is known to be called at all.
    """

    operation: Operation
    parent: Call | None
    inputs: list[Wire] = dataclasses.field(default_factory=list)
    outputs: list[Wire] = dataclasses.field(default_factory=list)
    children: list[Call] = dataclasses.field(default_factory=list)
    untraced: str = ""
    names: list[str] = dataclasses.field(default_factory=list)
    called: bool = True

    def add(self, operation: Operation, before: Call | None = None) -> Call:
        """A new call inside of this one.

        Args:
            operation: What is called.
            before: The inner call that it comes before; None for the last.
        """
        call = Call(operation, self)
        if before is None:
            self.children.append(call)
        else:
            self.children.insert(_position(self.children, before), call)
        return call

    def walk(self) -> Iterator[Call]:
        """All calls inside, parents before children, in order of execution."""
        stack = list(reversed(self.children))
        while stack:
            call = stack.pop()
            yield call
            stack.extend(reversed(call.children))


def _position(calls: list[Call], call: Call) -> int:
    # From the end: what is looked for was added last.
    for index in range(len(calls) - 1, -1, -1):
        if calls[index] is call:
            return index
    return len(calls)


def wire_like(tensor: Any, origin: tuple[Call, int] | Wire | None = None) -> Wire:
    """A wire with the shape and dtype of a tensor of any kind."""
    return Wire(shape_of(tensor), dtype_of(tensor), origin)


def outputs_like(call: Call, tensors: Iterable[Any]) -> list[Wire]:
    """Wires for what a call returns."""
    return [wire_like(tensor, (call, i)) for i, tensor in enumerate(tensors)]


def output_names(
    structure: Any, is_tensor: Callable[[Any], bool] = lambda _: True
) -> list[str]:
    """Names of outputs by where they are in the structure that is returned.

    Args:
        structure: What is returned.
        is_tensor: Which of its leaves are outputs.
    """
    leaves = keras.tree.flatten_with_path(structure)
    return ["/".join(map(str, path)) or "0" for path, x in leaves if is_tensor(x)]


def shape_of(tensor: Any) -> schema.Shape:
    """A tensor's shape; None for an axis whose length is no plain number."""
    try:
        return tuple(int(n) if isinstance(n, int) else None for n in tensor.shape)
    except (TypeError, ValueError):
        return ()  # TensorFlow's tensors of unknown rank.


def dtype_of(tensor: Any) -> str:
    """A tensor's dtype, in Keras's words; empty if Keras has none for it."""
    if getattr(tensor.dtype, "kind", "") in ("U", "S", "O", "T"):
        return "string"  # NumPy's texts.
    try:
        return str(keras.backend.standardize_dtype(tensor.dtype))
    except (AttributeError, ValueError):
        return ""


def merge_shapes(first: Call, second: Call) -> bool:
    """Opens the axes whose lengths differ between two traces of one call.

    Args:
        first: A trace; its wires are changed in place.
        second: A trace of the same with other lengths of the open axes.

    Returns:
        Whether both traces have the same structure; if not, nothing changed.
    """
    pairs: list[tuple[Wire, Wire]] = []
    stack = [(first, second)]
    while stack:
        a, b = stack.pop()
        same = (
            type(a.operation) is type(b.operation)
            and len(a.children) == len(b.children)
            and len(a.inputs) == len(b.inputs)
            and len(a.outputs) == len(b.outputs)
        )
        if not same:
            return False
        pairs += zip(a.inputs, b.inputs, strict=True)
        pairs += zip(a.outputs, b.outputs, strict=True)
        stack += zip(a.children, b.children, strict=True)
    if any(len(a.shape) != len(b.shape) for a, b in pairs):
        return False
    for wire, other in pairs:
        lengths = zip(wire.shape, other.shape, strict=True)
        wire.shape = tuple(n if n == m else None for n, m in lengths)
    return True


def take_inside(call: Call, traced: Call) -> None:
    """Gives a call the inside of another trace of the same call."""
    call.untraced = traced.untraced
    if not traced.children:
        return
    call.children = traced.children
    for inner in call.children:
        inner.parent = call
    for wire, inner_wire in zip(call.outputs, traced.outputs, strict=False):
        wire.origin = inner_wire
