"""Layers that call another one once for each time step.

The loop runs inside of the backend, where single steps cannot be told apart,
so one step is traced by itself and stands for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import keras

from tb_kerasviz.capture.identity import Operation
from tb_kerasviz.capture.tracing.calls import Call, Wire
from tb_kerasviz.capture.tracing.errors import describe
from tb_kerasviz.wire import schema


class LayerTracer(Protocol):
    """What is needed of the tracer."""

    def trace(
        self,
        layer: Operation,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        origins: Callable[[keras.KerasTensor], Wire | None],
    ) -> Call:
        """Calls a layer symbolically; returns the call, without a parent."""


def is_loop(layer: Operation) -> bool:
    """Whether a layer is one of those whose steps are traced here."""
    if isinstance(layer, keras.layers.RNN):
        return isinstance(layer.cell, keras.layers.Layer)
    return isinstance(layer, keras.layers.TimeDistributed)


def try_open_loop(tracer: LayerTracer, call: Call, inputs: Sequence[Wire]) -> None:
    """Records one step of a call, or why it could not be.

    Args:
        tracer: Traces the step.
        call: A call of a layer for which `is_loop` is true, with its outputs.
        inputs: What it is called with: `[N, T, ...]`, and of a recurrent layer
            the initial states, if they are given.
    """
    try:
        if isinstance(call.operation, keras.layers.RNN):
            _open_rnn(tracer, call, inputs)
        else:
            _open_time_distributed(tracer, call, inputs)
    except Exception as error:  # noqa: BLE001 - the cell may be the user's
        call.untraced = f"a step could not be traced: {describe(error)}"


def _open_time_distributed(
    tracer: LayerTracer, call: Call, inputs: Sequence[Wire]
) -> None:
    sequence = inputs[0]
    step = keras.KerasTensor(_step_shape(sequence), sequence.dtype)
    inner = tracer.trace(call.operation.layer, (step,), {}, lambda _: sequence)
    _put_inside(call, inner)
    for wire, made in zip(call.outputs, inner.outputs, strict=False):
        wire.origin = made


def _open_rnn(tracer: LayerTracer, call: Call, inputs: Sequence[Wire]) -> None:
    layer = call.operation
    sequence, given = inputs[0], list(inputs[1:])
    dtype = layer.cell.compute_dtype
    step = keras.KerasTensor(_step_shape(sequence), sequence.dtype)
    states = keras.tree.map_shape_structure(
        lambda shape: keras.KerasTensor(shape, dtype), _state_shapes(layer, sequence)
    )
    flat_states = keras.tree.flatten(states)
    # From step to step the state is handed on: only the first may come from
    # elsewhere.
    wires = [Wire(tuple(t.shape), t.dtype, hidden=True) for t in flat_states]
    if len(given) == len(wires):
        wires = given
    origins = {id(t): w for t, w in zip(flat_states, wires, strict=True)}
    origins[id(step)] = sequence
    inner = tracer.trace(
        layer.cell, (step, states), {}, lambda tensor: origins.get(id(tensor))
    )
    _put_inside(call, inner)
    for wire, made in zip(call.outputs, inner.outputs, strict=False):
        wire.origin = made


def _put_inside(call: Call, inner: Call) -> None:
    inner.parent = call
    call.children = [inner]


def _step_shape(sequence: Wire) -> schema.Shape:
    return (*sequence.shape[:1], *sequence.shape[2:])


def _state_shapes(layer: Operation, sequence: Wire) -> Any:
    batch = sequence.shape[0]
    if hasattr(layer.cell, "filters"):
        # Of convolutional ones, states are as large as the maps they return.
        shape = layer.compute_output_shape(sequence.shape)
        shape = shape[0] if layer.return_state else shape
        shape = (batch, *shape[2 if layer.return_sequences else 1 :])
        return [shape, shape]

    def shapes(size: Any) -> Any:
        if isinstance(size, (list, tuple)):
            return [shapes(item) for item in size]
        return (batch, int(size))

    sizes = layer.cell.state_size
    return shapes(sizes if isinstance(sizes, (list, tuple)) else [sizes])
