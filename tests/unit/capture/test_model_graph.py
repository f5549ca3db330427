from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from typing import Any

import keras
import msgspec
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.capture.model_graph import create_model_graph
from tb_kerasviz.wire import codec, schema
from tests.unit.capture import models


@pytest.fixture(params=sorted(models.GRAPHS))
def model(request: pytest.FixtureRequest) -> keras.Model:
    keras.utils.set_random_seed(1)
    return models.GRAPHS[request.param]()


def inner_function(layer: Any) -> Any:
    if isinstance(layer, keras.Sequential):
        return layer._functional
    return layer if isinstance(layer, keras.Model) else None


def walk_edges(model: keras.Model) -> set[tuple[int, int]]:
    """Pairs of ids of leaf layers, by walking back from every tensor.

    Another way than that of the code: from consumers to producers, by Keras's
    history of each tensor. The inputs of a nested model are leaves of it.
    """
    edges: set[tuple[int, int]] = set()

    def source(tensor: Any) -> Any:
        layer, _, tensor_index = tensor._keras_history
        nested = inner_function(layer)
        return layer if nested is None else source(nested.outputs[tensor_index])

    def visit(function: Any) -> None:
        every = itertools.chain.from_iterable(function._nodes_by_depth.values())
        for node in every:
            nested = inner_function(node.operation)
            targets: Iterator[Any] = itertools.repeat(node.operation)
            if nested is not None:
                targets = iter([t._keras_history.operation for t in nested.inputs])
                visit(nested)
            for tensor, target in zip(node.input_tensors, targets, strict=False):
                if not node.is_input:
                    edges.add((id(source(tensor)), id(target)))

    visit(inner_function(model))
    return edges


def edges_outside_of_layers(graph: schema.ModelGraph) -> set[tuple[str, str]]:
    """Edges to layers as a whole, whatever there is inside of them."""
    models = {node.path for node in graph.walk() if node.kind == "model"}

    def outside(node: schema.CallNode) -> schema.CallNode:
        while node.parent is not None and graph.nodes[node.parent].layer not in models:
            node = graph.nodes[node.parent]
        return node

    outermost = [node for node in graph.nodes if outside(node) is node]
    return {
        (outside(graph.nodes[source[0]]).layer, node.layer)
        for node in outermost
        if graph_kind(graph, node) != "model"
        for source in node.inputs
        if source is not None
    }


def graph_kind(graph: schema.ModelGraph, node: schema.CallNode) -> str:
    (kind,) = {layer.kind for layer in graph.walk() if layer.path == node.layer}
    return kind


def paths_by_id(model: keras.Model, graph: schema.ModelGraph) -> dict[int, str]:
    """Matches live layers with recorded ones by their position in the tree."""
    found: dict[int, str] = {}

    def match(live: list[Any], recorded: tuple[schema.LayerNode, ...]) -> None:
        live = [layer for layer in live if id(layer) not in found]
        assert [layer.name for layer in live] == [node.name for node in recorded]
        for layer, node in zip(live, recorded, strict=True):
            found[id(layer)] = node.path
            nested = inner_function(layer)
            if nested is not None:
                match(nested.operations, node.children)

    match(inner_function(model).operations, graph.layers)
    return found


def test_edges_are_those_of_the_history_of_tensors(model: keras.Model) -> None:
    graph = create_model_graph(model)
    paths = paths_by_id(model, graph)

    wanted = {(paths[a], paths[b]) for a, b in walk_edges(model)}
    assert edges_outside_of_layers(graph) == wanted
    assert graph.notices == ()


def test_totals_are_those_of_keras(model: keras.Model) -> None:
    graph = create_model_graph(model)

    text = io.StringIO()
    model.summary(print_fn=lambda line: text.write(line + "\n"), expand_nested=True)
    printed = {
        name: int(count.replace(",", ""))
        for name, count in re.findall(
            r"(\w+|Non-trainable) params: ([\d,]+)", text.getvalue()
        )
    }
    assert graph.params == model.count_params() == printed["Total"]
    assert graph.trainable_params == printed["Trainable"]
    assert graph.non_trainable_params == graph.params - graph.trainable_params


def test_parameters_of_each_layer_are_those_of_keras(model: keras.Model) -> None:
    graph = create_model_graph(model)
    paths = {path: key for key, path in paths_by_id(model, graph).items()}
    live = {id(x): x for x in model._flatten_layers()}
    variables: list[str] = []

    for node in graph.walk():
        variables += [v.path for v in node.variables]
        own = sum(v.params for v in node.variables)
        assert node.params == own + sum(child.params for child in node.children)
        layer = live.get(paths.get(node.path, 0))
        if layer is not None:
            assert node.params == layer.count_params()
            assert node.class_name == type(layer).__name__
    assert len(variables) == len(set(variables)) == len(model.weights)


def test_every_path_and_call_is_unique(model: keras.Model) -> None:
    graph = create_model_graph(model)

    paths = [node.path for node in graph.walk()]
    assert len(paths) == len(set(paths))
    assert {node.layer for node in graph.nodes} <= set(paths)
    assert [node.id for node in graph.nodes] == list(range(len(graph.nodes)))
    for node in graph.nodes:
        assert node.parent is None or node.parent < node.id
    calls: dict[str, int] = {}
    for node in graph.nodes:
        calls[node.layer] = calls.get(node.layer, 0) + 1
        assert node.call == calls[node.layer] - 1
    assert {n.path: n.calls for n in graph.walk() if n.calls} == calls
    assert all(a < b for a, b in graph.links)


def test_a_graph_is_the_same_after_a_round_trip(model: keras.Model) -> None:
    graph = create_model_graph(model)
    member = codec.encode_document(graph, 0)

    again = codec.decode_document(member, schema.ModelGraph, "graph")
    assert msgspec.json.encode(again) == msgspec.json.encode(graph)


def node_of(graph: schema.ModelGraph, name: str) -> schema.LayerNode:
    (node,) = [node for node in graph.walk() if node.name == name]
    return node


def test_shapes_and_settings_of_a_layer() -> None:
    model = models.sequential()
    model.get_layer("norm").trainable = False
    node = node_of(create_model_graph(model), "conv")

    assert node.kind == "layer"
    assert node.module.startswith("keras.")
    assert node.input_shapes == ((None, 8, 8, 1),)
    assert node.output_shapes == ((None, 6, 6, 4),)
    assert node.output_dtypes == ("float32",)
    assert node.dtype_policy == "float32"
    assert node.config["filters"] == 4
    assert [(v.name, v.shape, v.params) for v in node.variables] == [
        ("kernel", (3, 3, 1, 4), 36),
        ("bias", (4,), 4),
    ]
    assert node_of(create_model_graph(model), "norm").trainable_params == 0


def test_the_optimizer_is_counted() -> None:
    model = models.sequential()
    assert create_model_graph(model).optimizer == ""
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)

    graph = create_model_graph(model)
    assert graph.optimizer == "Adam"
    assert graph.optimizer_params == 2 * graph.trainable_params + 2
    arrays = [keras.ops.convert_to_numpy(v.value) for v in model.optimizer.variables]
    assert graph.optimizer_bytes == sum(array.nbytes for array in arrays)
    assert graph.backend == keras.backend.backend()


def test_an_optimizer_without_its_variables_counts_none() -> None:
    model = models.shared()
    model.compile("adam", "mse")

    graph = create_model_graph(model)

    assert graph.optimizer == "Adam"
    assert graph.optimizer_params == 0


def test_a_layer_called_twice_has_two_calls() -> None:
    graph = create_model_graph(models.shared())

    assert [n.name for n in graph.walk()].count("shared") == 1
    assert node_of(graph, "shared").calls == 2
    calls = [node for node in graph.nodes if node.layer == "shared"]
    links = {(graph.nodes[a].layer, b) for a, b in graph.links}
    feeds = [{a for a, b in links if b == call.id} for call in calls]
    assert sorted(map(sorted, feeds)) == [["a"], ["b"]]


def test_keyword_arguments_are_edges() -> None:
    edges = edges_outside_of_layers(create_model_graph(models.attention()))

    assert edges == {("q", "mha"), ("v", "mha"), ("mha", "add"), ("q", "add")}


def test_nested_models_are_opened() -> None:
    graph = create_model_graph(models.nested())
    left, right = node_of(graph, "left"), node_of(graph, "right")

    assert left.kind == right.kind == "model"
    inside = [child.path for node in (left, right) for child in node.children]
    assert len(set(inside)) == len(inside)
    (source,) = [child.path for child in left.children if child.kind == "input"]
    assert ("x", source) in graph.edges
    # Models are no ends of edges: their leaves are.
    ends = {path for edge in graph.edges for path in edge}
    assert not ends & {"left", "right", "tail"}


def test_a_nested_model_called_twice_is_listed_once_and_drawn_twice() -> None:
    graph = create_model_graph(models.nested_twice())

    block = node_of(graph, "block")
    assert block.calls == 2
    assert all(child.calls == 2 for child in block.children)
    for call in (node for node in graph.nodes if node.layer == "block"):
        inside = [node for node in graph.nodes if node.parent == call.id]
        assert len(inside) == len(block.children)


def test_wrapped_layers_are_children() -> None:
    graph = create_model_graph(models.wrappers())

    bi, timed = node_of(graph, "bi"), node_of(graph, "timed")
    assert [c.class_name for c in bi.children] == [
        "LSTM",
        "LSTM",
        "Flip",
        "Concatenate",
    ]
    assert [c.name for c in timed.children] == ["step"]
    assert bi.params == sum(child.params for child in bi.children)
    assert bi.variables == ()


def test_a_subclassed_model_is_traced() -> None:
    model = models.Subclassed(name="mine")
    model(np.zeros((2, 4), np.float32))
    graph = create_model_graph(model)

    names = [n.name for n in graph.layers]
    assert names == ["x", "first", "dense", "dense", "tail", "multiply"]
    assert len({n.path for n in graph.walk()}) == len(list(graph.walk()))
    assert graph.params == model.count_params() == 4 * 20 + 1
    assert sum(node.params for node in graph.layers) == graph.params - 1
    first, second = [n.path for n in graph.layers if n.name == "dense"]
    start, dense, add = [n.path for n in node_of(graph, "tail").children]
    assert set(graph.edges) == {
        ("x", "mine/first"),
        ("mine/first", first),
        (first, second),
        (second, start),
        (start, dense),
        (dense, add),
        (start, add),
        (add, "multiply"),
    }
    assert [(o.name, graph.nodes[o.node].layer) for o in graph.outputs] == [
        ("0", "multiply")
    ]
    assert graph.notices == ()


def test_a_subclassed_model_inside_of_a_graph() -> None:
    x = keras.Input((4,), name="x")
    part = models.Subclassed(name="part")
    model = keras.Model(x, layers.Dense(2, name="end")(part(x)))
    graph = create_model_graph(model)

    assert ("x", "part/first") in graph.edges
    assert ("part/multiply", "end") in graph.edges
    assert graph.notices == ()


@pytest.mark.parametrize(
    "model",
    [
        keras.Sequential([layers.Dense(2, name="d")], name="unbuilt"),
        keras.Sequential(name="unbuilt"),
        models.Subclassed(name="unbuilt"),
    ],
)
def test_an_unbuilt_model_gives_what_is_known(model: keras.Model) -> None:
    graph = create_model_graph(model)

    assert [n.name for n in graph.layers] == [n.name for n in model.layers]
    assert graph.links == () or isinstance(model, models.Subclassed)
    # Of a model without layers nothing is missing.
    assert bool(graph.notices) == bool(model.layers)
    assert all("unbuilt" in notice for notice in graph.notices)


def test_an_empty_but_built_sequential_model() -> None:
    graph = create_model_graph(keras.Sequential([keras.Input((3,), name="x")]))

    assert graph.params == 0
    assert graph.edges == ()


def test_names_with_quotes_and_other_scripts() -> None:
    name = 'näme "quoted" \\ 日本 \U0001f600 <b>'
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name=name)])
    graph = create_model_graph(model)

    member = codec.encode_document(graph, 0)
    again = codec.decode_document(member, schema.ModelGraph, "graph")
    assert node_of(again, name).params == 8


@pytest.mark.parametrize("wrong", [None, "model", 3, layers.Dense(2), keras.Model])
def test_something_else_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"must be a keras\.Model; received "):
        create_model_graph(wrong)


def test_a_model_with_layers_beside_its_graph() -> None:
    class Extra(keras.Model):
        def __init__(self) -> None:
            x = keras.Input((4,), name="x")
            super().__init__(x, layers.Dense(2, name="main")(x), name="extra")
            self.critic = layers.Dense(1, name="critic")
            self.critic.build((None, 2))

    graph = create_model_graph(Extra())
    assert graph.params == 10 + 3
    assert node_of(graph, "critic").params == 3
    assert graph.edges == (("x", "main"),)
