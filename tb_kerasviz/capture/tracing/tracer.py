"""Records one symbolic call: every layer, and the operations between them."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras

from tb_kerasviz.capture.identity import LayerTree, Operation
from tb_kerasviz.capture.tracing import loops
from tb_kerasviz.capture.tracing.calls import (
    Call,
    Wire,
    output_names,
    outputs_like,
    take_inside,
    wire_like,
)
from tb_kerasviz.capture.tracing.errors import TracingError, describe
from tb_kerasviz.capture.tracing.frames import MADE_INSIDE, Frame, Pending, Scope
from tb_kerasviz.capture.tracing.function_graph import (
    enter_graph,
    feeds_of,
    fits,
    graph_of,
    record_function,
)
from tb_kerasviz.capture.tracing.open_axes import batch_sizes, trace_lengths
from tb_kerasviz.capture.tracing.recorder import Recorder
from tb_kerasviz.capture.tracing.symbols import (
    Lengths,
    exact_outputs,
    filled,
    is_symbol,
    symbols,
)

_Needs = list[tuple[Any, Wire]]
"""Tensors that are read inside of a call, with the wires they have there."""


@dataclasses.dataclass(frozen=True)
class _Methods:
    """A layer's own methods, which others take the place of."""

    layer: keras.layers.Layer
    call: Callable[..., Any]
    symbolic_call: Callable[..., Any]


class Tracer:
    """Records calls of the layers of one model.

    `call` and `symbolic_call` are replaced on the instances. Nothing here puts
    them back: it must be used inside of `undisturbed`.

    Args:
        tree: The model's layers.
    """

    def __init__(self, tree: LayerTree) -> None:
        self._tree = tree
        self._composites = {id(e.layer) for e in tree.walk() if e.children}
        self._composites.add(id(tree.model))
        self._frame: Frame | None = None  # None while nothing is recorded.
        self._recorder: Recorder | None = None
        self._failed: dict[int, str] = {}
        # Nodes of before are of graphs that the user made.
        self._nodes_before = {
            id(e.layer): len(e.layer._inbound_nodes) for e in tree.walk()
        }
        self._installed = False

    # From outside ------------------------------------------------------------

    def record_graph(
        self, function: keras.Function, parent: Call, feeds: Sequence[Wire]
    ) -> list[Wire]:
        """Records the calls of a functional model; see `record_function`."""
        return record_function(self._tree, function, parent, feeds, self._open_node)

    def has_inside(self, operation: Operation) -> bool:
        """Whether there are layers in a layer whose calls can be recorded."""
        return id(operation) in self._composites

    def trace(
        self,
        layer: Operation,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        origins: Callable[[keras.KerasTensor], Wire | None],
    ) -> Call:
        """Calls a layer symbolically.

        Args:
            layer: A built layer or model.
            args: What it is called with; open axes are traced with a length.
            kwargs: The same by name.
            origins: Gives the wire of a tensor among them, or None.

        Returns:
            The call, without a parent.

        Raises:
            TracingError: It cannot be called.
        """

        def run(lengths: Lengths) -> Call:
            frame = self._new_frame(Call(None, None), Scope(), [])

            def enter(value: Any) -> Any:
                if not is_symbol(value):
                    return value
                tensor = filled(value, lengths)
                frame.scope.set(tensor, wire_like(tensor, origins(value)))
                mask = getattr(value, "_keras_mask", None)
                if is_symbol(mask):
                    tensor._keras_mask = filled(mask, lengths)
                    wire = wire_like(tensor._keras_mask, origins(mask))
                    frame.scope.set(tensor._keras_mask, wire)
                return tensor

            with self.recording(frame):
                entered = keras.tree.map_structure(enter, (args, kwargs))
                try:
                    layer(*entered[0], **entered[1])
                except Exception as error:
                    raise TracingError(describe(error)) from error
                frame.settle()
            call = frame.call.children[-1]
            call.parent = None
            return call

        return trace_lengths(run, keras.tree.flatten((args, kwargs)))

    def record_values(
        self,
        model: keras.Model,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        wires: Sequence[Wire | None],
    ) -> Call:
        """Calls a model with values, and records its layers.

        Args:
            model: A built model.
            args: Arrays or tensors, `[N, ...]`.
            kwargs: The same by name.
            wires: Of each argument, flat; None for what is no tensor.

        Returns:
            The call, without a parent.

        Raises:
            TracingError: It cannot be called.
        """
        self._install()
        before = self._frame, self._recorder
        self._frame = None
        self._recorder = recorder = Recorder(self, model, wires)
        try:
            for taken in batch_sizes(args, kwargs):
                given = keras.tree.map_structure(taken, (args, kwargs))
                model(*given[0], **given[1])
        except Exception as error:
            raise TracingError(describe(error)) from error
        finally:
            self._frame, self._recorder = before
        call = Call(model, None)
        recorder.finish(call)
        return call

    @contextlib.contextmanager
    def recording(self, frame: Frame) -> Iterator[None]:
        """Records the symbolic calls inside as happening in a call."""
        before = self._frame, self._recorder
        self._install()
        self._frame, self._recorder = frame, None
        try:
            yield
        finally:
            self._frame, self._recorder = before

    def _new_frame(self, call: Call, scope: Scope, arguments: Sequence[Any]) -> Frame:
        return Frame(call, scope, arguments, self._nodes_before)

    # Inside of layers --------------------------------------------------------

    def _open_node(self, call: Call, node: Any, scope: Scope) -> None:
        """Records what happens inside of a layer of a functional graph."""
        layer = node.operation
        if not self.has_inside(layer):
            return
        masks: list[tuple[Any, Wire]] = []

        def origin(tensor: Any) -> Wire | None:
            known = scope.get(tensor)
            if known is None:
                known = wire_like(tensor)
                masks.append((tensor, known))
            return known

        arguments = node.arguments
        try:
            traced = self.trace(layer, arguments.args, arguments.kwargs, origin)
        except Exception as error:  # noqa: BLE001 - it runs the user's code
            call.untraced = describe(error)
            return
        take_inside(call, traced)
        # Masks are computed beside the graph: only what reads one shows it.
        read = {id(w) for inner in call.walk() for w in map(Wire.end, inner.inputs)}
        if call.parent is None:
            return
        frame = self._new_frame(call.parent, scope, [])
        for tensor, wire in masks:
            if id(wire) in read:
                wire.origin = frame.wire_of(tensor, call)

    def _install(self) -> None:
        if self._installed:
            return
        self._installed = True
        for layer in [self._tree.model, *(e.layer for e in self._tree.walk())]:
            if not isinstance(layer, keras.layers.Layer):
                continue
            attributes = vars(layer)
            methods = _Methods(layer, layer.call, layer.symbolic_call)
            attributes["call"] = functools.wraps(methods.call)(
                functools.partial(self._on_call, methods)
            )
            attributes["symbolic_call"] = functools.partial(
                self._on_symbolic_call, methods
            )
            if not layer.built:
                attributes["_maybe_build"] = functools.partial(_refuse, layer.name)
            if isinstance(layer, keras.layers.Bidirectional):
                # Or both directions are computed by one function of the
                # backend, in which the two layers are not seen.
                for name in ("_can_attempt_fused_lstm", "_can_attempt_fused_gru"):
                    attributes[name] = _never

    def _on_symbolic_call(self, methods: _Methods, *args: Any, **kwargs: Any) -> Any:
        """In the place of a layer's `symbolic_call`."""
        frame, layer = self._frame, methods.layer
        if frame is None or self._recorder is not None:
            return methods.symbolic_call(*args, **kwargs)
        if id(layer) in self._failed:
            raise TracingError(self._failed[id(layer)])
        call = frame.call.add(layer)
        node = len(layer._inbound_nodes)
        try:
            outputs, needs = self._call_inside(call, frame, methods, args, kwargs)
        except Exception:
            frame.call.children.remove(call)
            raise
        frame.pending.append(Pending(call, node, args, kwargs, needs))
        for tensor, wire in zip(symbols(outputs), call.outputs, strict=True):
            if frame.scope.get(tensor) is None:
                frame.scope.set(tensor, wire)
        return outputs

    def _call_inside(
        self,
        call: Call,
        frame: Frame,
        methods: _Methods,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> tuple[Any, _Needs]:
        """Calls a layer; returns its outputs, and the arguments read inside."""
        layer = call.operation
        graph = graph_of(layer)
        if graph is not None:
            feeds = feeds_of(graph, args, kwargs)
            if fits(graph, feeds):
                return self._call_graph(call, feeds, methods, args, kwargs)
        elif not self.has_inside(layer) or loops.is_loop(layer):
            with self._paused():
                outputs = methods.symbolic_call(*args, **kwargs)
            outputs = exact_outputs(layer, outputs, args, kwargs)
            call.outputs = outputs_like(call, symbols(outputs))
            if not loops.is_loop(layer):
                return outputs, []
            explicit = {k: v for k, v in kwargs.items() if k != "mask"}
            needs = [(t, wire_like(t)) for t in symbols((args, explicit))]
            loops.try_open_loop(self, call, [wire for _, wire in needs])
            return outputs, needs
        return self._call_composite(call, frame, methods, args, kwargs)

    def _call_graph(
        self,
        call: Call,
        feeds: list[Any],
        methods: _Methods,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> tuple[Any, _Needs]:
        """Calls a functional model; its inside is the graph that Keras keeps."""
        with self._paused():
            outputs = methods.symbolic_call(*args, **kwargs)
        needs = [(t, wire_like(t)) for t in feeds]
        graph = graph_of(call.operation)
        made = self.record_graph(graph, call, [wire for _, wire in needs])
        _set_outputs(call, outputs, made)
        return outputs, needs

    def _call_composite(
        self,
        call: Call,
        frame: Frame,
        methods: _Methods,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> tuple[Any, _Needs]:
        """Runs a layer's own code on symbolic tensors."""
        tensors = symbols((args, kwargs))
        graph = graph_of(call.operation)
        inner = self._new_frame(call, frame.scope, tensors)
        needs: _Needs = []
        try:
            if graph is not None:
                # Its code sees nothing but its inputs, which are leaves in it.
                inner = self._new_frame(call, Scope(), [])
                needs = enter_graph(inner, graph, feeds_of(graph, args, kwargs))
            with self.recording(inner):
                outputs = methods.call(*args, **kwargs)
                inner.settle()
                made = [inner.wire_of(t, None) for t in symbols(outputs)]
        except Exception as error:  # noqa: BLE001 - it is the user's code
            call.children.clear()
            try:
                return self._call_recorded(call, methods, args, kwargs)
            except Exception as second:
                # Not to be tried again at every level above.
                self._failed[id(call.operation)] = describe(second)
                raise second from error
        _set_outputs(call, outputs, made)
        return outputs, [*needs, *inner.needs.values()]

    def _call_recorded(
        self,
        call: Call,
        methods: _Methods,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> tuple[Any, _Needs]:
        """Lets the backend evaluate the call, which records the layers alone."""
        flat = keras.tree.flatten((args, kwargs))
        wires = [wire_like(t) if is_symbol(t) else None for t in flat]
        recorder = Recorder(self, call.operation, wires)
        before, self._recorder = self._recorder, recorder
        try:
            outputs = methods.symbolic_call(*args, **kwargs)
        finally:
            self._recorder = before
        recorder.finish(call)
        _set_outputs(call, outputs, [wire.origin for wire in call.outputs])
        pairs = zip(flat, wires, strict=True)
        return outputs, [(t, wire) for t, wire in pairs if wire is not None]

    def _on_call(self, methods: _Methods, *args: Any, **kwargs: Any) -> Any:
        """In the place of a layer's `call`."""
        if self._recorder is not None:
            return self._recorder.on_call(methods.layer, methods.call, args, kwargs)
        if self._frame is None:
            return methods.call(*args, **kwargs)
        if symbols((args, kwargs)):
            # Somebody's code calls `layer.call(x)` in the place of `layer(x)`.
            return self._on_symbolic_call(methods, *args, **kwargs)
        return self._call_on_constants(self._frame, methods, args, kwargs)

    def _call_on_constants(
        self,
        frame: Frame,
        methods: _Methods,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Calls a layer on values, like positions to be embedded.

        Its outputs become symbolic, or Keras would not record what reads them.
        """
        call = frame.call.add(methods.layer)
        for tensor in keras.tree.flatten((args, kwargs)):
            if keras.ops.is_tensor(tensor):
                wire = wire_like(tensor)
                wire.why = MADE_INSIDE
                call.inputs.append(wire)
        with self._paused():
            outputs = methods.call(*args, **kwargs)

        def symbol(value: Any) -> Any:
            if not keras.ops.is_tensor(value):
                return value
            made = keras.KerasTensor(tuple(value.shape), wire_like(value).dtype)
            call.outputs.append(wire_like(made, (call, len(call.outputs))))
            frame.scope.set(made, call.outputs[-1])
            return made

        return keras.tree.map_structure(symbol, outputs)

    @contextlib.contextmanager
    def _paused(self) -> Iterator[None]:
        before = self._frame, self._recorder
        self._frame = self._recorder = None
        try:
            yield
        finally:
            self._frame, self._recorder = before


def _set_outputs(call: Call, outputs: Any, made: Sequence[Any]) -> None:
    tensors = symbols(outputs)
    call.names = output_names(outputs, is_symbol)
    if call.children and len(made) == len(tensors):
        call.outputs = [wire_like(t, w) for t, w in zip(tensors, made, strict=True)]
    else:
        call.outputs = outputs_like(call, tensors)


def _refuse(name: str, *_args: Any) -> None:
    raise TracingError(f"{name} is not built yet")


def _never(*_args: Any, **_kwargs: Any) -> bool:
    return False
