"""A live Keras model as a `schema.ModelGraph`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import msgspec

from tb_kerasviz.capture.identity import (
    LayerEntry,
    LayerTree,
    Operation,
    bounded_text,
    function_of,
)
from tb_kerasviz.capture.layer_details import count_elements, describe
from tb_kerasviz.wire import schema
from tb_kerasviz.wire.metadata import WIRE_VERSION


def create_model_graph(model: keras.Model, inputs: Any = None) -> schema.ModelGraph:
    """Reads the architecture of a model.

    Functional and built sequential models give every call and every edge,
    with nested models opened. Of other models the layers are known but not
    how they are called; a notice says so.

    Args:
        model: A Keras model; unbuilt ones give what is known.
        inputs: What `model(...)` takes, for models that declare no inputs: a
            structure of arrays, tensors or `keras.KerasTensor`, whose shapes
            and dtypes are used. Not needed for functional models.

    Raises:
        TypeError: `model` is not a Keras model.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"model must be a keras.Model; received {type(model).__name__}."
        )
    del inputs  # Used once subclassed models are traced.
    tree = LayerTree(model)
    calls = _CallRecorder(tree)
    function = function_of(model)
    notices: list[str] = []
    if function is not None:
        calls.record_function(function, None, [()] * len(function.inputs))
    else:
        calls.record_untraced(tree.roots)
        notices.append(_why_untraced(model))
    notices.extend(
        _why_untraced(entry.layer)
        for entry in tree.walk()
        if isinstance(entry.layer, keras.Model) and function_of(entry.layer) is None
    )
    details = describe(tree, calls.nodes, calls.calls)
    params = count_elements(model.weights)
    trainable = count_elements(model.trainable_weights)
    graph = schema.ModelGraph(
        version=WIRE_VERSION,
        name=bounded_text(model.name),
        class_name=bounded_text(type(model).__name__),
        layers=details.layers,
        nodes=details.nodes,
        links=tuple(sorted(calls.links)),
        params=params,
        trainable_params=trainable,
        non_trainable_params=params - trainable,
        optimizer_params=0,
        optimizer="",
        backend=keras.backend.backend(),
        keras_version=keras.__version__,
        notices=tuple(dict.fromkeys(notices)),
        **dataclasses.asdict(details.total),
    )
    return with_optimizer(graph, model)


def with_optimizer(graph: schema.ModelGraph, model: keras.Model) -> schema.ModelGraph:
    """A graph with the optimizer that its model has now."""
    optimizer = getattr(model, "optimizer", None)
    return msgspec.structs.replace(
        graph,
        optimizer=type(optimizer).__name__ if optimizer is not None else "",
        optimizer_params=_optimizer_params(optimizer),
    )


class _CallRecorder:
    """Collects every call of a functional graph, nested models opened.

    A *producer* is the id of the leaf call that made a tensor.
    """

    def __init__(self, tree: LayerTree) -> None:
        self.nodes: list[schema.CallNode] = []
        self.links: set[tuple[int, int]] = set()
        self.calls: dict[str, int] = {}
        self._tree = tree

    def record_function(
        self,
        function: keras.Function,
        parent: int | None,
        feeds: Sequence[tuple[int, ...]],
    ) -> list[tuple[int, ...]]:
        """Records the calls of a graph.

        Args:
            function: The graph.
            parent: Id of the call that this graph is the inside of.
            feeds: Producers of each of the graph's inputs.

        Returns:
            Producers of each of the graph's outputs.
        """
        producers: dict[int, tuple[int, ...]] = {}
        fed = {id(t): feed for t, feed in zip(function.inputs, feeds, strict=False)}
        # The order in which Keras runs the graph, so that the n-th call here
        # is the n-th call when activations are recorded.
        by_depth = function._nodes_by_depth
        for depth in sorted(by_depth, reverse=True):
            for node in by_depth[depth]:
                self._record_node(node, parent, producers, fed)
        for tensor_id, feed in fed.items():
            # A graph may begin at a tensor that no input layer made.
            producers.setdefault(tensor_id, feed)
        return [producers.get(id(tensor), ()) for tensor in function.outputs]

    def record_untraced(
        self, entries: Iterable[LayerEntry], parent: int | None = None
    ) -> None:
        """Adds layers whose calls are unknown, without edges."""
        for entry in entries:
            node = self._add(entry.path, parent, (), (), called=False)
            function = function_of(entry.layer)
            if function is not None:
                self.record_function(function, node.id, [()] * len(function.inputs))
            else:
                self.record_untraced(entry.children, node.id)

    def _record_node(
        self,
        node: Any,
        parent: int | None,
        producers: dict[int, tuple[int, ...]],
        fed: dict[int, tuple[int, ...]],
    ) -> None:
        operation: Operation = node.operation
        path = self._tree.path_of(operation)
        if path is None:
            return
        inputs = [] if node.is_input else list(node.input_tensors)
        call = self._add(path, parent, inputs, node.outputs)
        sources = [producers.get(id(t), fed.get(id(t), ())) for t in inputs]
        if node.is_input:
            sources = [fed.get(id(t), ()) for t in node.outputs]
        function = function_of(operation)
        if function is not None:
            made = self.record_function(function, call.id, sources)
        else:
            self.links.update((s, call.id) for source in sources for s in source)
            made = [(call.id,)] * len(node.outputs)
        for tensor, producer in zip(node.outputs, made, strict=False):
            producers[id(tensor)] = producer

    def _add(
        self,
        path: str,
        parent: int | None,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        called: bool = True,
    ) -> schema.CallNode:
        number = self.calls.get(path, 0)
        node = schema.CallNode(
            id=len(self.nodes),
            layer=path,
            call=number,
            parent=parent,
            input_shapes=tuple(_shape(t) for t in inputs),
            output_shapes=tuple(_shape(t) for t in outputs),
            input_dtypes=tuple(_dtype(t) for t in inputs),
            output_dtypes=tuple(_dtype(t) for t in outputs),
        )
        self.nodes.append(node)
        if called:
            self.calls[path] = number + 1
        return node


def _shape(tensor: Any) -> schema.Shape:
    return tuple(None if n is None else int(n) for n in tensor.shape)


def _dtype(tensor: Any) -> str:
    return str(keras.backend.standardize_dtype(tensor.dtype))


def _optimizer_params(optimizer: Any) -> int:
    # Before it is built it has its counters only: a 2 would be misread.
    if optimizer is None or not getattr(optimizer, "built", False):
        return 0
    return count_elements(optimizer.variables)


def _why_untraced(model: keras.Model) -> str:
    if isinstance(model, keras.Sequential):
        return (
            f"{model.name} (Sequential) is not built yet, so its shapes and "
            "edges are unknown. Give it an Input, or log it after its first batch."
        )
    return (
        f"{model.name} ({type(model).__name__}) is a subclassed model: its "
        "layers and parameters are shown, but not how its call() connects them."
    )
