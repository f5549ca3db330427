"""Records the layers of a call that runs on the backend's own tensors.

What lies between two layers is not seen there: a layer is connected to
another only where it reads the very tensor that the other returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import keras

from tb_kerasviz.capture.identity import Operation
from tb_kerasviz.capture.tracing import loops
from tb_kerasviz.capture.tracing.calls import (
    Call,
    Wire,
    merge_shapes,
    output_names,
    outputs_like,
    take_inside,
    wire_like,
)
from tb_kerasviz.capture.tracing.errors import describe
from tb_kerasviz.capture.tracing.frames import Scope
from tb_kerasviz.capture.tracing.function_graph import feeds_of, fits, graph_of

UNSEEN = "it comes from code between the layers that is not Keras's"


class InsideTracer(loops.LayerTracer, Protocol):
    """What a recorder needs of the tracer."""

    def has_inside(self, operation: Operation) -> bool:
        """Whether there are layers in a layer whose calls can be recorded."""

    def record_graph(
        self, function: keras.Function, parent: Call, feeds: Sequence[Wire]
    ) -> list[Wire]:
        """Records the calls of a functional model."""


class Recorder:
    """Records one call of a layer, and the calls inside of it.

    The layer may be called more than once, as Keras does to find out which
    axes are open: the last call counts, with the axes open in which it differs
    from those before.

    Args:
        tracer: Opens what is not called as it is.
        operation: The layer.
        inputs: Wires of its arguments, flat; None for what is no tensor.
    """

    def __init__(
        self, tracer: InsideTracer, operation: Operation, inputs: Sequence[Wire | None]
    ) -> None:
        self._tracer = tracer
        self._operation = operation
        self._inputs = inputs
        self._runs: list[Call] = []
        self._parent: Call | None = None
        self._scope = Scope()
        self._paused = False

    def on_call(
        self,
        layer: Operation,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Calls a layer's own `call` and records it."""
        if self._paused:
            return function(*args, **kwargs)
        if layer is self._operation and self._parent is None:
            return self._begin(layer, function, args, kwargs)
        if self._parent is None:
            return function(*args, **kwargs)
        call = self._parent.add(layer)
        call.inputs = [
            self._wire_of(t) for t in _explicit(args, kwargs) if _is_tensor(t)
        ]
        graph = graph_of(layer)
        if (
            graph is None
            and not loops.is_loop(layer)
            and self._tracer.has_inside(layer)
        ):
            outputs = self._call_inside(call, function, args, kwargs)
        else:
            outputs = _distinct(self._call_closed(function, args, kwargs), args, kwargs)
            call.outputs = outputs_like(call, _tensors(outputs))
            if graph is not None:
                self._open_graph(call, graph, feeds_of(graph, args, kwargs))
            elif loops.is_loop(layer):
                loops.try_open_loop(self._tracer, call, call.inputs)
        for tensor, wire in zip(_tensors(outputs), call.outputs, strict=True):
            if self._scope.get(tensor) is None:
                self._scope.set(tensor, wire)
        return outputs

    def finish(self, call: Call) -> None:
        """Gives the recorded inside to the call that it is the inside of."""
        if not self._runs:
            return
        last = self._runs[-1]
        for run in self._runs[:-1]:
            merge_shapes(last, run)
        call.children = last.children
        for inner in call.children:
            inner.parent = call
        call.outputs, call.names = last.outputs, last.names
        if not call.children:
            call.untraced = "none of its layers was seen to be called"

    def _begin(
        self,
        layer: Operation,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        self._runs.append(Call(layer, None))
        self._scope = Scope()
        flat = keras.tree.flatten((args, kwargs))
        if len(flat) == len(self._inputs):
            for tensor, wire in zip(flat, self._inputs, strict=True):
                if wire is not None:
                    self._scope.set(tensor, wire)
        return self._call_inside(self._runs[-1], function, args, kwargs)

    def _call_inside(
        self,
        call: Call,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        before, self._parent = self._parent, call
        try:
            outputs = function(*args, **kwargs)
        finally:
            self._parent = before
        tensors = _tensors(outputs)
        call.names = output_names(outputs, _is_tensor)
        if call.children:
            wires = [self._wire_of(t) for t in tensors]
            call.outputs = [
                wire_like(t, w) for t, w in zip(tensors, wires, strict=True)
            ]
        else:
            call.outputs = outputs_like(call, tensors)
        return outputs

    def _open_graph(
        self, call: Call, graph: keras.Function, feeds: Sequence[Any]
    ) -> None:
        wires = [self._wire_of(tensor) for tensor in feeds]
        given = [keras.KerasTensor(wire.shape, wire.dtype) for wire in wires]
        if fits(graph, given):
            made = self._tracer.record_graph(graph, call, wires)
            for wire, origin in zip(call.outputs, made, strict=False):
                wire.origin = origin
            return
        origins = {id(t): wire for t, wire in zip(given, wires, strict=True)}
        inputs = given[0] if len(given) == 1 else given
        if len(given) > 1:
            inputs = keras.tree.pack_sequence_as(graph._inputs_struct, given)
        try:
            traced = self._tracer.trace(
                call.operation, (inputs,), {}, lambda t: origins.get(id(t))
            )
        except Exception as error:  # noqa: BLE001 - it runs the user's code
            call.untraced = describe(error)
            return
        take_inside(call, traced)

    def _call_closed(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Any
    ) -> Any:
        self._paused = True
        try:
            return function(*args, **kwargs)
        finally:
            self._paused = False

    def _wire_of(self, tensor: Any) -> Wire:
        wire = self._scope.get(tensor)
        if wire is None:
            wire = wire_like(tensor)
            wire.why = UNSEEN
            self._scope.set(tensor, wire)
        return wire


def _explicit(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """The arguments without the masks that Keras hands on by itself."""
    given = keras.tree.flatten((args, kwargs))
    masks = {id(m) for t in given if (m := getattr(t, "_keras_mask", None)) is not None}
    return [t for t in given if id(t) not in masks]


def _distinct(outputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Outputs none of which is an input: a layer may return what it is given."""
    given = {id(tensor) for tensor in keras.tree.flatten((args, kwargs))}

    def other(value: Any) -> Any:
        if id(value) not in given or not _is_tensor(value):
            return value
        copy = keras.ops.copy(value)
        mask = getattr(value, "_keras_mask", None)
        if mask is not None:
            copy._keras_mask = mask
        return copy

    return keras.tree.map_structure(other, outputs)


def _is_tensor(value: Any) -> bool:
    return bool(keras.ops.is_tensor(value))


def _tensors(structure: Any) -> list[Any]:
    return [leaf for leaf in keras.tree.flatten(structure) if _is_tensor(leaf)]
