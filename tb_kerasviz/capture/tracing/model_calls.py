"""Finds every call of a model by the best way that there is for it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable
from typing import Any

import keras

from tb_kerasviz.capture.identity import (
    LayerEntry,
    LayerTree,
    Operation,
    function_of,
)
from tb_kerasviz.capture.tracing.assembly import Assembled, assemble
from tb_kerasviz.capture.tracing.calls import (
    Call,
    Wire,
    output_names,
    outputs_like,
)
from tb_kerasviz.capture.tracing.errors import TracingError, describe
from tb_kerasviz.capture.tracing.function_graph import graph_of
from tb_kerasviz.capture.tracing.inputs import (
    CallInputs,
    built_inputs,
    symbolic_inputs,
)
from tb_kerasviz.capture.tracing.tracer import Tracer
from tb_kerasviz.capture.tracing.undisturbed import undisturbed


@dataclasses.dataclass(frozen=True)
class ModelCalls:
    """The calls of a model, and what could not be found out about them."""

    assembled: Assembled
    notices: tuple[str, ...]


def find_calls(tree: LayerTree, inputs: Any) -> ModelCalls:
    """Finds every call of a model, without changing it.

    Keras keeps the graph of a functional model. Any other is called: on
    symbolic tensors; where its code cannot take those, on tensors of the
    backend that have no values; and where it needs values, on those of
    `inputs`. What nothing helps for is listed without connections.

    Args:
        tree: The model's layers; operations that are found are added to it.
        inputs: `CallInputs`, or what `model(...)` takes, or None.
    """
    tracer = Tracer(tree)
    root = Call(tree.model, None)
    graph = graph_of(tree.model)
    layers = [entry.layer for entry in tree.walk()]
    runs_code = graph is None or any(_runs_code(tracer, layer) for layer in layers)
    guard = undisturbed([tree.model, *layers])
    notices: list[str] = []
    with guard if runs_code else contextlib.nullcontext():
        if graph is not None:
            root.outputs = tracer.record_graph(graph, root, [])
            root.names = output_names(graph._outputs_struct)
        else:
            try:
                root = _call_model(tracer, tree, _known_inputs(tree.model, inputs))
            except Exception as error:  # noqa: BLE001 - it runs the user's code
                root = Call(tree.model, None)
                if layers:
                    notices.append(_why_untraced(tree.model, describe(error)))
                _list_layers(tracer, root, tree.roots)
    assembled = assemble(tree, root)
    tree.place_operations()
    notices += [
        f"{tree.path_of(call.operation)} ({type(call.operation).__name__}) is shown "
        f"from outside only: {call.untraced}"
        for call in root.walk()
        if call.untraced
    ]
    unknown = len(root.outputs) - len(assembled.outputs)
    if unknown:
        notices.append(
            f"{unknown} of {len(root.outputs)} outputs of the model come from code "
            "that is not Keras's, so they are not shown."
        )
    return ModelCalls(assembled, tuple(dict.fromkeys(notices)))


def _runs_code(tracer: Tracer, layer: Operation) -> bool:
    return graph_of(layer) is None and tracer.has_inside(layer)


def _call_model(tracer: Tracer, tree: LayerTree, inputs: CallInputs) -> Call:
    model = tree.model
    training = {"training": False} if model._call_has_training_arg else {}
    kwargs = {**inputs.kwargs, **training}
    named = inputs.named_tensors(model)
    calls = [Call(_input_layer(name, tensor), None) for name, tensor in named]
    wires: dict[int, Wire] = {}
    for call, (_, tensor) in zip(calls, named, strict=True):
        call.outputs = outputs_like(call, [tensor])
        wires[id(tensor)] = call.outputs[0]
    try:
        root = tracer.trace(model, inputs.args, kwargs, lambda t: wires.get(id(t)))
    except TracingError:
        if inputs.values is None:
            raise
        flat = keras.tree.flatten((inputs.args, kwargs))
        args, named_args = inputs.values
        root = tracer.record_values(
            model, args, {**named_args, **training}, [wires.get(id(t)) for t in flat]
        )
    for call, (name, _) in zip(calls, named, strict=True):
        call.parent = root
        tree.add_operation(call.operation, "", name, first=True)
    root.children[:0] = calls
    return root


def _known_inputs(model: keras.Model, inputs: Any) -> CallInputs:
    if not model.built:
        raise TracingError("it is not built yet")
    if isinstance(inputs, CallInputs):
        return inputs
    if inputs is not None:
        return symbolic_inputs(inputs)
    function = function_of(model)
    known = built_inputs(model)
    if function is not None:
        known = symbolic_inputs(function._inputs_struct)
    if known is None:
        raise TracingError("what it is called with is not known; give inputs=")
    return known


def _input_layer(name: str, tensor: keras.KerasTensor) -> keras.layers.InputLayer:
    return keras.layers.InputLayer(
        batch_shape=tuple(tensor.shape),
        dtype=tensor.dtype,
        sparse=tensor.sparse,
        name=name.replace("/", "_") or "input",
    )


def _list_layers(tracer: Tracer, parent: Call, entries: Iterable[LayerEntry]) -> None:
    """Adds layers whose calls are not known, without connections."""
    for entry in entries:
        call = parent.add(entry.layer)
        call.called = False
        graph = graph_of(entry.layer)
        if graph is not None:
            tracer.record_graph(graph, call, [])
        else:
            _list_layers(tracer, call, entry.children)


def _why_untraced(model: keras.Model, reason: str) -> str:
    if isinstance(model, keras.Sequential) and not model.built:
        return (
            f"{model.name} (Sequential) is not built yet, so its shapes and "
            "edges are unknown. Give it an Input, or log it after its first batch."
        )
    if type(model).call is keras.Model.call:
        return (
            f"{model.name} ({type(model).__name__}) has no call(), so its parts are "
            "shown as they are, without connections between them."
        )
    return (
        f"{model.name} ({type(model).__name__}) could not be traced, so its layers "
        "and parameters are shown, but not how its call() connects them: "
        f"{reason}"
    )
