from __future__ import annotations

import copy
import pickle
import random
import threading
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tb_kerasviz.capture.model_graph import create_model_graph
from tb_kerasviz.capture.tracing.undisturbed import undisturbed
from tests.unit.capture import models


class Untidy(keras.Model):
    """Leaves all kinds of things behind when it is called."""

    def __init__(self) -> None:
        super().__init__(name="untidy")
        self.dense = layers.Dense(4, name="dense")
        self.norm = layers.BatchNormalization(name="norm")
        self.drop = layers.Dropout(0.5, name="drop", seed=1)
        self.seen = keras.metrics.Mean(name="seen")
        self.called = 0
        self.kept: list[Any] = []
        self.cache: dict[str, Any] = {}

    def call(self, x: Any, training: bool | None = None) -> Any:
        self.called += 1
        y = self.norm(self.dense(x), training=training)
        self.kept.append(y)
        self.cache["y"] = y
        self.last = y
        here = layers.Activation("relu")
        noise = keras.random.uniform((4,)) * random.random() + np.random.rand()  # noqa: NPY002
        self.add_loss(ops.mean(y))
        return self.drop(here(y) + noise, training=training)


def everything(model: keras.Model) -> dict[str, Any]:
    """All that is known of a model's layers, by name and attribute."""
    found = {}
    for layer in [model, *model._flatten_layers(include_self=False)]:
        for name, value in vars(layer).items():
            plain = value
            if isinstance(value, (list, dict, set)):
                plain = (id(value), copy.copy(list(value)))
                if isinstance(value, dict):
                    plain = (id(value), dict(value))
            found[f"{layer.name}.{name}"] = plain
        tracker = layer._tracker
        found[f"{layer.name} tracked"] = {
            name: set(ids) for name, ids in tracker.stored_ids.items()
        }
    return found


def same(a: Any, b: Any) -> bool:
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a is b or bool(np.all(a == b))


@pytest.fixture
def untidy() -> keras.Model:
    model = Untidy()
    model(np.zeros((2, 4), np.float32))
    return model


def test_attributes_are_as_they_were(untidy: keras.Model) -> None:
    before = everything(untidy)

    graph = create_model_graph(untidy, np.zeros((2, 4), np.float32))

    assert len(graph.nodes) > 3
    after = everything(untidy)
    assert list(after) == list(before)
    assert [name for name in before if not same(before[name], after[name])] == []


def test_values_are_as_they_were(untidy: keras.Model) -> None:
    untidy.compile("adam", "mse")
    before = [ops.convert_to_numpy(v) for v in untidy.variables]

    create_model_graph(untidy, np.ones((2, 4), np.float32))

    after = [ops.convert_to_numpy(v) for v in untidy.variables]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert len(untidy.losses) == 1


def test_automatic_names_go_on_as_without_us(untidy: keras.Model) -> None:
    first = int(layers.Dense(1).name.partition("_")[2] or 0)

    create_model_graph(untidy, np.zeros((2, 4), np.float32))
    create_model_graph(models.attention())

    # `models.attention` made no Dense.
    assert layers.Dense(1).name == f"dense_{first + 1}"


def test_random_generators_go_on_as_without_us(untidy: keras.Model) -> None:
    def draw() -> tuple[Any, ...]:
        numbers = keras.random.uniform((2,))
        legacy = np.random.rand()  # noqa: NPY002
        return random.random(), legacy, *ops.convert_to_numpy(numbers)

    keras.utils.set_random_seed(3)
    wanted = draw()
    keras.utils.set_random_seed(3)
    create_model_graph(untidy, np.zeros((2, 4), np.float32))

    assert draw() == wanted


def test_the_record_of_symbolic_calls_is_as_it_was() -> None:
    x = keras.Input((5, 8), name="x")
    layer = layers.MultiHeadAttention(2, 4, name="mha")
    model = keras.Model(x, layer(x, x))
    inside = layer._flatten_layers()
    before = [(len(la._inbound_nodes), len(la._outbound_nodes)) for la in inside]

    create_model_graph(model)

    after = [(len(la._inbound_nodes), len(la._outbound_nodes)) for la in inside]
    assert after == before
    assert keras.Model.from_config(model.get_config()).count_params() == 288


def test_a_model_is_pickled_and_saved_as_before(
    untidy: keras.Model, tmp_path: Any
) -> None:
    model = models.Subclassed(name="mine")
    model(np.zeros((2, 4), np.float32))
    create_model_graph(model, np.zeros((2, 4), np.float32))

    assert "call" not in vars(model)
    assert "symbolic_call" not in vars(model.first)
    model.save_weights(tmp_path / "it.weights.h5")
    functional = models.wrappers()
    create_model_graph(functional)
    again = pickle.loads(pickle.dumps(functional))
    assert again.count_params() == functional.count_params()


def test_an_unbuilt_model_stays_unbuilt() -> None:
    model = models.Subclassed(name="mine")

    graph = create_model_graph(model, np.zeros((2, 4), np.float32))

    assert not model.built
    assert not model.first.built
    assert model.first.weights == []
    assert "is not built yet" in graph.notices[0]


def test_a_layer_that_is_not_built_is_not_built_by_us() -> None:
    class Late(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="late")
            self.dense = layers.Dense(4, name="dense")
            self.built = True

        def call(self, x: Any) -> Any:
            return self.dense(x)

    model = Late()

    graph = create_model_graph(model, np.zeros((2, 4), np.float32))

    assert not model.dense.built
    assert model.dense.weights == []
    assert graph.links == ()
    assert "not built yet" in graph.notices[0]


def test_an_error_in_the_middle_leaves_nothing_either(untidy: keras.Model) -> None:
    before = everything(untidy)

    def fail() -> None:
        with undisturbed([untidy, *untidy._flatten_layers()]):
            untidy(keras.KerasTensor((2, 4)))
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    after = everything(untidy)
    assert [name for name in before if not same(before[name], after[name])] == []
    assert list(after) == list(before)


def test_other_threads_record_as_always() -> None:
    """What is allowed while tracing is not allowed elsewhere."""
    errors: list[Exception] = []

    class Pair(layers.Layer):
        def call(self, x: Any) -> Any:
            return x, None

        def compute_output_spec(self, x: Any) -> Any:
            return keras.KerasTensor(x.shape, x.dtype), None

    def build() -> None:
        try:
            Pair()(keras.KerasTensor((2, 4)))
        except ValueError as error:
            errors.append(error)

    with undisturbed([]):
        thread = threading.Thread(target=build)
        thread.start()
        thread.join()
        Pair()(keras.KerasTensor((2, 4)))

    assert "must be tensors" in str(errors[0])
