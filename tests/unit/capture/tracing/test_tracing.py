"""What the catalogue of `tests/graphs` does not hold: the ways of tracing."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import tb_kerasviz
from tb_kerasviz.capture.model_graph import create_model_graph
from tb_kerasviz.capture.tracing.inputs import symbolic_call, symbolic_inputs
from tb_kerasviz.wire import schema


@pytest.fixture
def mixed_precision() -> Iterator[None]:
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


def edges(graph: schema.ModelGraph) -> list[tuple[str, str]]:
    """Edges between calls, by the last part of their paths."""
    names = [node.layer.rpartition("/")[2] for node in graph.nodes]
    return [(names[a], names[b]) for a, b in graph.links]


def shapes(graph: schema.ModelGraph) -> dict[str, tuple[schema.Shape, ...]]:
    return {n.layer.rpartition("/")[2]: n.output_shapes for n in graph.nodes}


class Block(layers.Layer):
    """Returns something beside its tensor."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = layers.Dense(4, name="dense")

    def call(self, x: Any) -> Any:
        return self.dense(x) + x, None


class Holder(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="holder")
        self.block = Block(name="block")
        self.out = layers.Dense(2, name="out")

    def call(self, x: Any) -> Any:
        y, _ = self.block(x)
        return {"y": self.out(ops.relu(y)), "none": None}


def test_other_things_may_be_returned_beside_tensors() -> None:
    model = Holder()
    model(np.ones((2, 4), np.float32))

    graph = create_model_graph(model, np.ones((2, 4), np.float32))

    assert edges(graph) == [
        ("x", "dense"),
        ("x", "add"),
        ("dense", "add"),
        ("add", "relu"),
        ("relu", "out"),
    ]
    assert [output.name for output in graph.outputs] == ["y"]
    assert graph.notices == ()


@pytest.mark.usefixtures("mixed_precision")
def test_casts_by_keras_are_no_operations() -> None:
    model = Holder()
    model(np.ones((2, 4), np.float32))

    graph = create_model_graph(model, np.ones((2, 4), np.float32))

    assert len(graph.nodes) == 6
    assert ("x", "dense") in edges(graph)
    assert ("x", "add") in edges(graph)
    (dense,) = [node for node in graph.nodes if node.layer.endswith("/dense")]
    assert dense.output_dtypes == ("float16",)


class Positions(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="positions")
        self.tokens = layers.Embedding(9, 4, name="tokens")
        self.places = layers.Embedding(5, 4, name="places")

    def call(self, ids: Any) -> Any:
        places = self.places(ops.arange(ops.shape(ids)[1]))
        return self.tokens(ids) + ops.expand_dims(places, 0)


def test_a_layer_called_on_constants_is_connected_to_what_reads_it() -> None:
    model = Positions()
    model(np.ones((2, 5), np.int32))

    graph = create_model_graph(model, np.ones((2, 5), np.int32))

    assert set(edges(graph)) == {
        ("ids", "tokens"),
        ("places", "expand_dims"),
        ("tokens", "add"),
        ("expand_dims", "add"),
    }
    (places,) = [node for node in graph.nodes if node.layer.endswith("/places")]
    assert places.inputs == (None,)
    assert "made by the code of call()" in places.untraced
    assert shapes(graph)["add"] == ((None, 5, 4),)


class Native(layers.Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.before = layers.Dense(4, name="before")
        self.after = layers.Dense(4, name="after")

    def call(self, x: Any) -> Any:
        return self.after(tf.nn.relu(self.before(x)))


def test_only_the_layer_with_native_code_is_recorded_more_coarsely() -> None:
    x = keras.Input((4,), name="x")
    y = ops.tanh(Native(name="native")(x))
    graph = create_model_graph(keras.Model(x, y))

    assert edges(graph) == [("x", "before"), ("after", "tanh")]
    (after,) = [node for node in graph.nodes if node.layer.endswith("/after")]
    assert after.inputs == (None,)
    assert "not Keras's" in after.untraced


class Pooled(keras.Model):
    """Has a model that Keras built for the shape of the first batch."""

    def __init__(self) -> None:
        super().__init__(name="pooled")
        self.body = keras.Sequential(
            [layers.Conv2D(2, 3, name="conv"), layers.GlobalMaxPooling2D(name="pool")],
            name="body",
        )

    def call(self, x: Any) -> Any:
        batch = ops.shape(x)[0]
        return ops.concatenate([self.body(x), ops.zeros((batch, 1))], -1)


def test_shapes_are_those_of_the_call_with_the_batch_open() -> None:
    model = Pooled()
    model(np.ones((2, 9, 9, 1), np.float32))

    found = shapes(create_model_graph(model, np.ones((3, 7, 7, 1), np.float32)))

    assert found["conv"] == ((None, 5, 5, 2),)
    assert found["pool"] == ((None, 2),)
    assert found["concatenate"] == ((None, 3),)


class Hourglass(layers.Layer):
    """Joins maps of several sizes, so that not every size fits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.down = [layers.MaxPooling2D(name=f"down_{i}") for i in range(4)]
        self.up = [layers.UpSampling2D(name=f"up_{i}") for i in range(4)]

    def call(self, x: Any) -> Any:
        kept = []
        for down in self.down:
            kept.append(x)
            x = down(x)
        for up in self.up:
            x = ops.concatenate([up(x), kept.pop()], axis=-1)
        return x


def test_open_axes_are_halved_and_joined_again() -> None:
    x = keras.Input((None, None, 1), name="x")
    graph = create_model_graph(keras.Model(x, Hourglass(name="hourglass")(x)))

    assert ("up_3", "concatenate_3") in edges(graph)
    assert shapes(graph)["concatenate_3"] == ((None, None, None, 5),)
    assert graph.notices == ()


class Broken(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="broken")
        self.dense = layers.Dense(4, name="dense")
        self.broken = False

    def call(self, x: Any) -> Any:
        if self.broken:
            raise RuntimeError("it is broken")
        return self.dense(x)


def test_what_cannot_be_called_is_listed_with_the_reason() -> None:
    model = Broken()
    model(np.ones((2, 4), np.float32))
    model.broken = True

    graph = create_model_graph(model, np.ones((2, 4), np.float32))

    assert [layer.name for layer in graph.layers] == ["dense"]
    assert graph.params == 20
    assert graph.links == ()
    (notice,) = graph.notices
    assert notice.endswith("RuntimeError: it is broken")


def test_arguments_are_named_by_their_place() -> None:
    array = np.ones((2, 4), np.float32)
    given = symbolic_call((array, [array, array]), {"extra": {"mask": array}})

    class Many(keras.Model):
        def call(self, query: Any, others: Any, extra: Any = None) -> Any:
            return query

    names = [name for name, _ in given.named_tensors(Many())]
    assert names == ["query", "others_0", "others_1", "mask"]


def test_the_batch_is_open_and_other_axes_are_not() -> None:
    given = symbolic_inputs(
        {"a": np.ones((3, 4)), "b": np.ones((5, 3), np.int8), "c": np.array(["x"] * 3)}
    )

    tensors = {name: (t.shape, t.dtype) for name, t in given.args[0].items()}
    assert tensors == {
        "a": ((None, 4), "float32"),
        "b": ((5, 3), "int8"),
        "c": ((None,), "string"),
    }


@pytest.mark.parametrize("with_probe", [True, False])
def test_a_fit_logs_the_graph_of_a_subclassed_model(
    with_probe: bool, tmp_path: pathlib.Path
) -> None:
    model = Positions()
    model.compile("sgd", "mse")
    x = np.ones((8, 5), np.int32)
    probe = x[:2] if with_probe else None

    callback = tb_kerasviz.KerasViz(tmp_path, probe, activations=None)
    model.fit(x, np.zeros((8, 5, 4)), verbose=0, callbacks=[callback])

    (run,) = tb_kerasviz.load(tmp_path).values()
    graph = run.model_graph()
    assert ("ids", "tokens") in edges(graph)
    assert graph.nodes[0].output_shapes == ((None, 5),)
    assert graph.notices == ()
    assert "call" not in vars(model)
