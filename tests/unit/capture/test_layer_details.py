from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import layers, ops

from tb_kerasviz.analysis.layer_costs import multiply_adds
from tb_kerasviz.capture.model_graph import create_model_graph
from tb_kerasviz.wire import codec, schema
from tests.unit.analysis.test_layer_costs import call_of


def node_of(graph: schema.ModelGraph, name: str) -> schema.LayerNode:
    (node,) = [node for node in graph.walk() if node.name == name]
    return node


def single(layer: Any, *shape: int | None) -> schema.LayerNode:
    """A layer as it is recorded, in a model of nothing else."""
    model = keras.Sequential([keras.Input(shape), layer])
    return node_of(create_model_graph(model), layer.name)


def test_shared_layers_cost_what_their_calls_do() -> None:
    a, b = keras.Input((4,)), keras.Input((4,))
    shared = layers.Dense(3, name="shared")
    graph = create_model_graph(keras.Model([a, b], [shared(a), shared(b)]))

    assert node_of(graph, "shared").multiply_adds == 2 * 12
    assert node_of(graph, "shared").activation_bytes == 2 * 3 * 4
    costs = [n.multiply_adds for n in graph.nodes if n.layer == "shared"]
    assert costs == [12, 12]
    assert graph.multiply_adds == 24
    assert graph.activation_bytes == 2 * (4 + 3) * 4


def test_a_nested_model_costs_what_is_in_it() -> None:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="inner")
    x = keras.Input((4,))
    graph = create_model_graph(keras.Model(x, inner(inner(x)[:, :1] * x)))

    node = node_of(graph, "inner")
    assert node.multiply_adds == node.children[-1].multiply_adds == 2 * 12
    # What it is called with is counted where it is made.
    assert node.activation_bytes == 2 * 3 * 4
    assert graph.unknown_multiply_adds == graph.unknown_activation_bytes == 0


def test_the_matrix_of_a_product_may_be_a_constant() -> None:
    x = keras.Input((10, 8))
    y = ops.matmul(x, ops.ones((8, 8)))
    y = ops.matmul(ops.ones((10, 10)), y)
    y = ops.einsum("bij,jk->bik", y, ops.ones((8, 5)))
    graph = create_model_graph(keras.Model(x, y))

    costs = [n.multiply_adds for n in graph.nodes]
    assert costs == [0, 10 * 8 * 8, 10 * 8 * 10, 10 * 8 * 5]


def test_what_is_unknown_is_counted_as_such() -> None:
    class Mine(layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    x = keras.Input((None, 4), name="x")
    y = Mine(name="mine")(layers.Dense(3)(x))
    y = layers.Dense(2, name="last")(layers.GlobalAveragePooling1D()(y))
    graph = create_model_graph(keras.Model(x, y))

    assert node_of(graph, "mine").unknown_multiply_adds == 1
    assert graph.unknown_multiply_adds == 2
    assert graph.multiply_adds == node_of(graph, "last").multiply_adds == 6
    assert graph.unknown_activation_bytes == 3
    assert graph.activation_bytes == (3 + 2) * 4


def test_bytes_follow_from_the_dtype() -> None:
    assert single(layers.Dense(3, dtype="mixed_float16"), 4).activation_bytes == 6
    assert single(layers.Dense(3, dtype="float64"), 4).activation_bytes == 24


@pytest.mark.parametrize(
    ("make", "shape", "published"),
    [
        # Sandler et al., "MobileNetV2", table 4.
        (keras.applications.MobileNetV2, (224, 224, 3), 300e6),
        # Howard et al., "MobileNets", table 4.
        (keras.applications.MobileNet, (224, 224, 3), 569e6),
        # Tan and Le, "EfficientNet", table 2: B0.
        (keras.applications.EfficientNetB0, (224, 224, 3), 0.39e9),
        # He et al., "Deep Residual Learning", table 1: 50 layers.
        (keras.applications.ResNet50, (224, 224, 3), 3.8e9),
    ],
    ids=["MobileNetV2", "MobileNet", "EfficientNetB0", "ResNet50"],
)
def test_totals_are_those_that_were_published(
    make: Any, shape: tuple[int, ...], published: float
) -> None:
    graph = create_model_graph(make(weights=None, input_shape=shape))

    # The papers leave the normalisations out.
    norms = sum(
        node.multiply_adds
        for node in graph.walk()
        if node.class_name == "BatchNormalization"
    )
    assert 0 < norms < 0.04 * graph.multiply_adds
    assert graph.multiply_adds - norms == pytest.approx(published, rel=0.02)
    assert graph.unknown_multiply_adds == 0


OPENED: dict[str, tuple[Any, list[tuple[int, ...]]]] = {
    "attention": (layers.MultiHeadAttention(3, 4, value_dim=5), [(4, 6), (9, 7)]),
    "attention, dropout": (
        layers.MultiHeadAttention(3, 4, value_dim=5, dropout=0.1),
        [(4, 6), (9, 7)],
    ),
    "attention, gate": (
        layers.MultiHeadAttention(3, 4, use_gate=True),
        [(4, 6), (4, 6)],
    ),
    "grouped queries": (layers.GroupQueryAttention(4, 6, 2), [(5, 8), (9, 8)]),
    "rnn": (layers.RNN([layers.GRUCell(5), layers.LSTMCell(4)]), [(7, 3)]),
    "lstm": (layers.LSTM(5), [(7, 3)]),
    "both directions": (layers.Bidirectional(layers.GRU(5)), [(7, 3)]),
    "maps": (layers.ConvLSTM1D(5, 3, strides=2), [(7, 9, 2)]),
    "every step": (layers.TimeDistributed(layers.Conv1D(5, 3)), [(7, 9, 2)]),
}


@pytest.mark.parametrize("name", OPENED)
def test_what_is_inside_of_a_layer_adds_up_to_its_formula(name: str) -> None:
    layer, shapes = OPENED[name]
    inputs = [keras.Input(shape) for shape in shapes]
    graph = create_model_graph(keras.Model(inputs, layer(*inputs)))

    whole = call_of(layer, *((None, *shape) for shape in shapes))
    node = node_of(graph, layer.name)
    assert node.multiply_adds == multiply_adds(whole)
    assert node.unknown_multiply_adds == 0


def test_initializers_and_regularizers_are_of_the_layer_that_owns_them() -> None:
    node = single(
        layers.Bidirectional(
            layers.LSTM(
                3,
                kernel_initializer=keras.initializers.RandomNormal(stddev=0.5, seed=1),
                recurrent_regularizer="l2",
            ),
            name="both",
        ),
        5,
        4,
    )
    forward, backward = [c for c in node.children if c.kind == "layer"]
    for direction in (forward, backward):
        (cell,) = [c for c in direction.children if c.kind == "layer"]
        texts = {v.name: (v.initializer, v.regularizer) for v in cell.variables}
        assert texts == {
            "kernel": ("RandomNormal(seed=1, mean=0.0, stddev=0.5)", ""),
            "recurrent_kernel": ("Orthogonal(gain=1.0)", "L2(l2=0.01)"),
            "bias": ("Zeros()", ""),
        }
        assert node.variables == direction.variables == ()


@pytest.mark.parametrize(
    ("layer", "shape", "names"),
    [
        (layers.BatchNormalization(), (4,), {"Ones()", "Zeros()"}),
        (layers.Embedding(9, 4), (4,), {"RandomUniform(minval=-0.05, maxval=0.05)"}),
        (layers.DepthwiseConv1D(3), (9, 4), {"GlorotUniform()", "Zeros()"}),
        (layers.SeparableConv1D(3, 3), (9, 4), {"GlorotUniform()", "Zeros()"}),
        (layers.PReLU(), (4,), {"Zeros()"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_of_initializer_is_found(
    layer: Any, shape: tuple[int, ...], names: set[str]
) -> None:
    assert {v.initializer for v in single(layer, *shape).variables} == names


def test_an_initializer_of_the_users_may_fail() -> None:
    class Bad(keras.initializers.Initializer):
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return ops.zeros(shape, dtype)

        def get_config(self) -> dict[str, Any]:
            raise RuntimeError("no")

    class Twice(layers.Layer):
        def build(self, shape: Any) -> None:
            self.w = self.add_weight(shape=(2,), name="w")

        def call(self, x: Any) -> Any:
            return x

    node = single(layers.Dense(3, kernel_initializer=Bad()), 4)
    assert [v.initializer for v in node.variables] == ["", "Zeros()"]
    assert [v.initializer for v in single(Twice(), 2).variables] == [""]
    long = single(layers.Dense(3, bias_initializer="zeros"), 4)
    assert all(len(v.initializer) <= 201 for v in long.variables)


class Hostile(layers.Layer):
    """Says nothing of itself without an error."""

    def call(self, x: Any) -> Any:
        return x

    def get_config(self) -> dict[str, Any]:
        raise RuntimeError("no configuration")

    def __repr__(self) -> str:
        raise RuntimeError("no text")


def test_a_layer_that_fails_to_describe_itself_is_described() -> None:
    x = keras.Input((4,))
    hostile = Hostile(name="hostile")
    model = keras.Model(x, layers.Dense(2)(hostile(x)))

    def fail(self: Any) -> Any:
        raise RuntimeError("no")

    for name in ("trainable", "dtype_policy", "trainable_weights"):
        setattr(Hostile, name, property(fail))
    try:
        node = node_of(create_model_graph(model), "hostile")
    finally:
        for name in ("trainable", "dtype_policy", "trainable_weights"):
            delattr(Hostile, name)
    assert node.config == {}
    assert node.config_notes == ("get_config() failed: no configuration",)
    assert (node.trainable, node.dtype_policy) == (False, "")
    assert node.output_shapes == ((None, 4),)
    assert node.source_file == __file__


def test_a_long_name_is_cut_and_said_to_be() -> None:
    name = "n" * 9_999 + "!"
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2, name=name)])
    (node,) = [n for n in create_model_graph(model).walk() if n.class_name == "Dense"]

    assert len(node.name) == len(node.path) == 1_000
    assert node.name[-1] == "!"
    assert "name of 10000 characters cut to 1000" in node.config_notes


def test_many_layers_of_long_names_fit_a_record() -> None:
    x = keras.Input((4,))
    made = [layers.ReLU(name=f"{n:05}{'n' * 9_000}") for n in range(2_000)]
    model = keras.Model(x, [layer(x) for layer in made])

    member = codec.encode_document(create_model_graph(model), 0)
    assert len(member) < codec.MAX_RECORD_BYTES


def test_a_transformer_costs_what_its_formula_says() -> None:
    width, tokens, depth = 8, 5, 3

    class Block(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.norms = [layers.LayerNormalization() for _ in range(2)]
            self.attention = layers.MultiHeadAttention(2, width // 2)
            self.wide = layers.Dense(4 * width, activation="gelu")
            self.narrow = layers.Dense(width)

        def call(self, x: Any) -> Any:
            y = self.norms[0](x)
            x = x + self.attention(y, y)
            return x + self.narrow(self.wide(self.norms[1](x)))

    x = y = keras.Input((tokens, width))
    for _ in range(depth):
        y = Block()(y)
    graph = create_model_graph(keras.Model(x, y))

    projections = (4 + 2 * 4) * tokens * width * width
    products = 2 * tokens * tokens * width
    norms = 2 * tokens * width
    assert graph.multiply_adds == depth * (projections + products + norms)
    assert graph.unknown_multiply_adds == graph.unknown_activation_bytes == 0


def test_windows_of_an_image_are_all_counted() -> None:
    x = keras.Input((8, 8, 6))
    y = ops.reshape(x, (-1, 2, 4, 2, 4, 6))
    y = ops.reshape(ops.transpose(y, (0, 1, 3, 2, 4, 5)), (-1, 16, 6))
    y = layers.Dense(5, name="in_windows")(y)
    y = ops.reshape(y, (-1, 2, 2, 4, 4, 5))
    y = ops.reshape(ops.transpose(y, (0, 1, 3, 2, 4, 5)), (-1, 8, 8, 5))
    graph = create_model_graph(keras.Model(x, layers.Dense(2, name="after")(y)))

    assert node_of(graph, "in_windows").multiply_adds == 64 * 6 * 5
    assert node_of(graph, "after").multiply_adds == 64 * 5 * 2
    assert node_of(graph, "in_windows").activation_bytes == 4 * 64 * 5
