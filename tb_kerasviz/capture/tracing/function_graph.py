"""Records the graphs of functional models, which Keras keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from tb_kerasviz.capture.identity import LayerTree, Operation, function_of
from tb_kerasviz.capture.tracing.calls import Call, Wire, outputs_like, wire_like
from tb_kerasviz.capture.tracing.frames import Frame, Scope

OpenNode = Callable[[Call, Any, Scope], None]
"""Records what happens inside of a call, given Keras's node for it and the
tensors known around it."""


def graph_of(layer: Operation) -> keras.Function | None:
    """The graph that a layer's `call` runs, or None if it runs other code."""
    function = function_of(layer)
    if function is None:
        return None
    # A subclass may have a graph and a `call` of its own, which then counts.
    owner = next(cls for cls in type(layer).__mro__ if "call" in vars(cls))
    return function if owner.__module__.startswith("keras.") else None


def record_function(
    tree: LayerTree,
    function: keras.Function,
    parent: Call,
    feeds: Sequence[Wire],
    open_node: OpenNode,
) -> list[Wire]:
    """Records the calls of a graph, and those of the graphs in it.

    Args:
        tree: The model's layers.
        function: The graph.
        parent: The call that this graph is the inside of.
        feeds: What each of the graph's inputs is fed with; none for a model
            whose inputs come from nowhere.
        open_node: Records what happens inside of other layers.

    Returns:
        The graph's outputs.
    """
    scope = Scope()
    fed = {id(t): wire for t, wire in zip(function.inputs, feeds, strict=False)}
    # The order in which Keras runs the graph, so that the n-th call here is the
    # n-th call when activations are recorded.
    by_depth = function._nodes_by_depth
    for depth in sorted(by_depth, reverse=True):
        for node in by_depth[depth]:
            operation = node.operation
            if tree.path_of(operation) is None:
                continue
            call = parent.add(operation)
            if node.is_input:
                call.inputs = [fed[id(t)] for t in node.outputs if id(t) in fed]
                call.outputs = outputs_like(call, node.outputs)
            else:
                call.inputs = [_wire(t, scope, fed) for t in node.input_tensors]
                call.outputs = outputs_like(call, node.outputs)
                graph = graph_of(operation)
                arguments = node.arguments
                inner = (
                    feeds_of(graph, arguments.args, arguments.kwargs) if graph else []
                )
                if graph is not None and fits(graph, inner):
                    wires = [_wire(t, scope, fed) for t in inner]
                    made = record_function(tree, graph, call, wires, open_node)
                    for wire, origin in zip(call.outputs, made, strict=False):
                        wire.origin = origin
                else:
                    open_node(call, node, scope)
            for tensor, wire in zip(node.outputs, call.outputs, strict=False):
                scope.set(tensor, wire)
    return [_wire(tensor, scope, fed) for tensor in function.outputs]


def feeds_of(
    function: keras.Function, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[Any]:
    """The tensors that a call gives to each of a graph's inputs, in their order.

    Args:
        function: The graph.
        args: Arguments of a call of the model that has it.
        kwargs: The same by name.
    """
    inputs = args[0] if args else kwargs.get("inputs")
    if isinstance(inputs, dict) and not isinstance(function._inputs_struct, dict):
        # Keras finds them by the names of the inputs.
        names = [tensor.name for tensor in function.inputs]
        if all(name in inputs for name in names):
            return [inputs[name] for name in names]
    return list(keras.tree.flatten(inputs))


def fits(function: keras.Function, feeds: Sequence[Any]) -> bool:
    """Whether the shapes that Keras keeps with a graph hold for a call of it.

    Args:
        function: The graph.
        feeds: The tensors that it is called with.
    """

    def fit(given: Any, declared: Any) -> bool:
        pairs = zip(given[1:], declared[1:], strict=True)
        return (
            len(given) == len(declared)
            and all(n == m for n, m in pairs)
            and (declared[:1] in ((), (None,)) or given[0] == declared[0])
        )

    return len(feeds) == len(function.inputs) and all(
        len(t.shape) == len(ref.shape) and fit(t.shape, ref.shape)
        for t, ref in zip(feeds, function.inputs, strict=True)
    )


def enter_graph(
    frame: Frame, function: keras.Function, feeds: Sequence[Any]
) -> list[tuple[Any, Wire]]:
    """Begins a call of a graph whose code is run, with its input layers.

    Args:
        frame: The call, with a scope of its own.
        function: The graph.
        feeds: The tensors that it is called with.

    Returns:
        The tensors with the wires by which they come from outside.
    """
    needs = []
    for tensor, reference in zip(feeds, function.inputs, strict=False):
        wire = wire_like(tensor)
        needs.append((tensor, wire))
        operation = reference._keras_history.operation
        if isinstance(operation, keras.layers.InputLayer):
            call = frame.call.add(operation)
            call.inputs = [wire]
            call.outputs = outputs_like(call, [tensor])
            wire = call.outputs[0]
        frame.scope.set(tensor, wire)
    return needs


def _wire(tensor: Any, scope: Scope, fed: dict[int, Wire]) -> Wire:
    # A graph may begin at a tensor that no input layer made.
    known = scope.get(tensor) or fed.get(id(tensor))
    if known is None:
        known = wire_like(tensor)
        scope.set(tensor, known)
    return known
