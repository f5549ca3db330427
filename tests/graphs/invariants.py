"""What holds of every logged graph, whatever the model."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras

from tb_kerasviz.wire import schema

LOOPS = {"ConvLSTM2D", "GRU", "LSTM", "RNN", "SimpleRNN", "TimeDistributed"}
"""Layers of Keras that call a layer of theirs at each step of a sequence."""


def check_graph(graph: schema.ModelGraph, model: keras.Model) -> None:
    """Asserts all that must hold of a graph of a model.

    Args:
        graph: As it was read back from the log.
        model: The model that it is of.
    """
    _check_names(graph)
    _check_tree_of_calls(graph)
    _check_edges(graph)
    _check_reachable(graph)
    _check_outputs(graph, model)
    _check_params(graph, model)
    _check_costs(graph)


def check_history(graph: schema.ModelGraph, model: keras.Model) -> None:
    """Asserts that the edges of a functional model are those of its tensors.

    Found another way than that of the code: from consumers to producers, by
    Keras's history of each tensor.

    Args:
        graph: As it was read back from the log.
        model: A functional model; nested models in it are called once.
    """
    names = names_of(graph)
    wanted: set[tuple[str, str]] = set()

    def source(tensor: Any, above: str) -> str:
        maker, _, output = tensor._keras_history
        inner = _function_of(maker)
        if inner is None:
            return f"{above}{maker.name}"
        return source(inner.outputs[output], f"{above}{maker.name}/")

    def visit(function: keras.Function, above: str) -> None:
        for node in itertools.chain(*function._nodes_by_depth.values()):
            name = f"{above}{node.operation.name}"
            inner = _function_of(node.operation)
            targets: Iterator[str] = itertools.repeat(name)
            if inner is not None:
                visit(inner, f"{name}/")
                inputs = [t._keras_history.operation.name for t in inner.inputs]
                targets = (f"{name}/{each}" for each in inputs)
            if not node.is_input:
                wanted.update(
                    (source(tensor, above), target)
                    for tensor, target in zip(node.input_tensors, targets, strict=False)
                )

    function = _function_of(model)
    assert function is not None
    visit(function, "")
    assert {(names[a], names[b]) for a, b in graph.edges} == wanted


def _function_of(layer: Any) -> keras.Function | None:
    if isinstance(layer, keras.Sequential):
        return layer._functional
    return layer if isinstance(layer, keras.Function) else None


def names_of(graph: schema.ModelGraph) -> dict[str, str]:
    """Names of a layer and of all that hold it, joined, by path."""
    names: dict[str, str] = {}
    stack = [("", layer) for layer in graph.layers]
    while stack:
        above, layer = stack.pop()
        names[layer.path] = f"{above}{layer.name}"
        stack += [(f"{names[layer.path]}/", child) for child in layer.children]
    return names


def leaves(graph: schema.ModelGraph) -> list[schema.CallNode]:
    """Calls that make no calls themselves."""
    parents = {node.parent for node in graph.nodes}
    return [node for node in graph.nodes if node.id not in parents]


def _check_names(graph: schema.ModelGraph) -> None:
    paths = [layer.path for layer in graph.walk()]
    assert len(paths) == len(set(paths)), _repeated(paths)
    variables = [v.path for layer in graph.walk() for v in layer.variables]
    assert len(variables) == len(set(variables)), _repeated(variables)
    assert {node.layer for node in graph.nodes} <= set(paths)


def _check_tree_of_calls(graph: schema.ModelGraph) -> None:
    kinds = {layer.path: layer.kind for layer in graph.walk()}
    calls: dict[str, int] = {}
    for position, node in enumerate(graph.nodes):
        assert node.id == position
        assert node.parent is None or 0 <= node.parent < node.id, node
        assert len(node.input_dtypes) == len(node.input_shapes), node
        assert len(node.output_dtypes) == len(node.output_shapes), node
        assert len(node.inputs) == len(node.input_shapes), node
        assert node.call == calls.get(node.layer, 0) or node.untraced, node
        calls[node.layer] = calls.get(node.layer, 0) + 1
        if node.parent is not None:
            parent = graph.nodes[node.parent]
            assert kinds[parent.layer] in {"layer", "model"}, parent
    for layer in graph.walk():
        if layer.calls:
            assert layer.calls == calls.get(layer.path, 0), layer.path
    first = {node.layer: node for node in reversed(graph.nodes)}
    for layer in graph.walk():
        if layer.calls:
            node = first[layer.path]
            assert layer.input_shapes == node.input_shapes, layer.path
            assert layer.input_dtypes == node.input_dtypes, layer.path
            assert layer.output_shapes == node.output_shapes, layer.path
            assert layer.output_dtypes == node.output_dtypes, layer.path


def _check_edges(graph: schema.ModelGraph) -> None:
    ends = {node.id for node in leaves(graph)}
    classes = {layer.path: layer.class_name for layer in graph.walk()}
    wanted: set[tuple[int, int]] = set()
    for node in graph.nodes:
        for place, source in enumerate(node.inputs):
            if source is None:
                continue
            made_by, output = source
            assert made_by in ends, f"{node} takes from {made_by}, which is no leaf"
            maker = graph.nodes[made_by]
            assert 0 <= output < len(maker.output_shapes), (maker, node)
            assert _fits(
                maker.output_shapes[output],
                node.input_shapes[place],
                _loops(graph, classes, maker) - _loops(graph, classes, node),
                _loops(graph, classes, node) - _loops(graph, classes, maker),
            ), (maker, node)
            assert maker.output_dtypes[output] == node.input_dtypes[place], (
                maker,
                node,
            )
            if node.id in ends:
                wanted.add((made_by, node.id))
    assert len(graph.links) == len(set(graph.links))
    assert set(graph.links) == wanted
    for earlier, later in wanted:
        # No self-loop, and nothing is used before it is made.
        assert earlier < later, (graph.nodes[earlier], graph.nodes[later])


def _loops(
    graph: schema.ModelGraph, classes: Mapping[str, str], node: schema.CallNode
) -> set[int]:
    """Calls that go through a sequence step by step, around a call."""
    around = list(_up(graph, node))[1:]
    return {n.id for n in around if classes[n.layer] in LOOPS}


def _fits(
    made: schema.Shape, taken: schema.Shape, out_of: set[int], into: set[int]
) -> bool:
    """Whether two ends of an edge have the same shape.

    An edge out of a loop, or into it, may lack the axis of time on that side.
    """
    if made[:1] != taken[:1]:
        return False
    lacking = len(taken) - len(made)
    if lacking >= 0:
        return lacking <= len(out_of) and taken[1 + lacking :] == made[1:]
    return -lacking <= len(into) and made[1 - lacking :] == taken[1:]


def _check_reachable(graph: schema.ModelGraph) -> None:
    kinds = {layer.path: layer.kind for layer in graph.walk()}
    reached: set[int] = set()
    constant: set[int] = set()
    sources: dict[int, list[int]] = {}
    for source, target in graph.links:
        sources.setdefault(target, []).append(source)
    for node in leaves(graph):
        made_by = sources.get(node.id, [])
        is_input = kinds[node.layer] == "input" and node.parent is None
        marked = any(n.untraced for n in _up(graph, node))
        if is_input or marked or reached.intersection(made_by):
            reached.add(node.id)
        elif constant.issuperset(made_by):
            # Depends on no input of the model: such as an embedding of positions.
            assert not node.input_shapes or None in node.inputs or made_by, node
            constant.add(node.id)
        else:
            raise AssertionError(f"{node} is not reached from any input")


def _up(graph: schema.ModelGraph, node: schema.CallNode) -> Iterable[schema.CallNode]:
    yield node
    while node.parent is not None:
        node = graph.nodes[node.parent]
        yield node


def _check_outputs(graph: schema.ModelGraph, model: keras.Model) -> None:
    ends = {node.id for node in leaves(graph)}
    names = [output.name for output in graph.outputs]
    assert len(names) == len(set(names)), _repeated(names)
    for output in graph.outputs:
        assert output.node in ends, output
        assert 0 <= output.output < len(graph.nodes[output.node].output_shapes)
    if isinstance(model, keras.Function) and isinstance(model, keras.Model):
        assert len(graph.outputs) == len(model.outputs)
        classes = {layer.path: layer.class_name for layer in graph.walk()}
        for output, tensor in zip(graph.outputs, model.outputs, strict=True):
            maker = graph.nodes[output.node]
            made = maker.output_shapes[output.output]
            loops = _loops(graph, classes, maker)
            assert _fits(made, tuple(tensor.shape), loops, set()), maker


def _check_params(graph: schema.ModelGraph, model: keras.Model) -> None:
    below = {id(v) for layer in _all_layers(model) for v in layer.weights}
    own = sum(math.prod(v.shape) for v in model.weights if id(v) not in below)
    known = sum(v.params for layer in graph.walk() for v in layer.variables)
    assert own + known == graph.params
    if model.built:
        assert graph.params == model.count_params()
    trainable = sum(math.prod(v.shape) for v in model.trainable_weights)
    assert graph.trainable_params == trainable
    assert graph.non_trainable_params == graph.params - trainable
    for layer in graph.walk():
        for variable in layer.variables:
            assert variable.params == math.prod(variable.shape), variable
        inside = sum(v.params for v in layer.variables)
        inside += sum(v.params for child in _below(layer) for v in child.variables)
        # More, where a layer is shared and shown below another one.
        assert layer.params >= inside, layer.path
        assert layer.trainable_params <= layer.params, layer.path
    shown = [n for n in graph.walk() if n.kind in {"layer", "model"} and n.params]
    held = [layer for layer in _all_layers(model) if layer.weights]
    assert sorted((n.name, n.params) for n in shown) == sorted(
        (layer.name, layer.count_params()) for layer in held
    )


def _all_layers(model: keras.Model) -> Sequence[Any]:
    every = model._flatten_layers(include_self=False, recursive=True)
    return list({id(layer): layer for layer in every}.values())


def _below(layer: schema.LayerNode) -> list[schema.LayerNode]:
    found: list[schema.LayerNode] = []
    stack = list(layer.children)
    while stack:
        child = stack.pop()
        found.append(child)
        stack.extend(child.children)
    return found


def _check_costs(graph: schema.ModelGraph) -> None:
    known: dict[str, list[int]] = {layer.path: [0, 0, 0, 0] for layer in graph.walk()}
    total = [0, 0, 0, 0]
    for node in leaves(graph):
        costs = [
            node.multiply_adds or 0,
            int(node.multiply_adds is None),
            node.activation_bytes or 0,
            int(node.activation_bytes is None),
        ]
        assert min(costs) >= 0, node
        total = [a + b for a, b in zip(total, costs, strict=True)]
        for path in {above.layer for above in _up(graph, node)}:
            known[path] = [a + b for a, b in zip(known[path], costs, strict=True)]
    assert total == [
        graph.multiply_adds,
        graph.unknown_multiply_adds,
        graph.activation_bytes,
        graph.unknown_activation_bytes,
    ]
    for layer in graph.walk():
        assert known[layer.path] == [
            layer.multiply_adds,
            layer.unknown_multiply_adds,
            layer.activation_bytes,
            layer.unknown_activation_bytes,
        ], layer.path


def _repeated(names: Sequence[str]) -> str:
    return f"not unique: {sorted({n for n in names if names.count(n) > 1})[:5]}"
