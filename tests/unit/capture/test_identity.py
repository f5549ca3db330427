from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.capture.identity import (
    MAX_PATH,
    LayerEntry,
    LayerTree,
    bounded_text,
    own_variables,
)
from tests.unit.capture import models


def test_paths_are_those_of_keras_where_they_are_set() -> None:
    model = models.sequential()
    tree = LayerTree(model)

    for layer in model.layers:
        assert tree.path_of(layer) == (layer.path or layer.name)
    for variable in model.weights:
        assert tree.variable_path(variable) == variable.path


@pytest.mark.parametrize("name", sorted(models.GRAPHS))
def test_every_path_is_unique(name: str) -> None:
    model = models.GRAPHS[name]()
    tree = LayerTree(model)

    paths = [entry.path for entry in tree.walk()]
    assert len(set(paths)) == len(paths)
    variables = [tree.variable_path(v) for v in model.weights]
    assert len(set(variables)) == len(variables)


def test_what_has_no_path_of_its_own_is_below_its_parent() -> None:
    model = models.nested()
    tree = LayerTree(model)

    for name in ("left", "right"):
        inner = model.get_layer(name)
        assert tree.path_of(inner.operations[-1]) == (
            f"{tree.path_of(inner)}/{inner.operations[-1].name}"
        )


def test_the_same_model_gives_the_same_paths() -> None:
    model = models.nested()
    first, again = LayerTree(model), LayerTree(model)

    assert [e.path for e in first.walk()] == [e.path for e in again.walk()]


def test_variables_of_one_name_in_one_layer_differ() -> None:
    class Twice(layers.Layer):
        def build(self, shape: object) -> None:
            self.one = self.add_weight(shape=(2,), name="w")
            self.two = self.add_weight(shape=(3,), name="w")

        def call(self, x: object) -> object:
            return x

    model = keras.Sequential([keras.Input((2,)), Twice(name="twice")])
    assert len({v.path for v in model.weights}) == 1

    tree = LayerTree(model)
    assert len({tree.variable_path(v) for v in model.weights}) == 2


def test_a_layer_held_by_two_wrappers_is_listed_once() -> None:
    dense = layers.Dense(2, name="dense")
    x = keras.Input((3, 4))
    both = [layers.TimeDistributed(dense, name=n)(x) for n in ("one", "two")]
    model = keras.Model(x, layers.Add()(both))

    tree = LayerTree(model)
    assert [e.layer for e in tree.walk()].count(dense) == 1
    assert len({tree.variable_path(v) for v in model.weights}) == 2


def test_what_is_not_of_the_model_has_no_path() -> None:
    tree = LayerTree(models.sequential())
    other = layers.Dense(1, name="other")
    other.build((None, 1))

    assert tree.path_of(other) is None
    assert tree.variable_path(other.kernel) == other.kernel.path


def test_weights_of_the_model_itself_have_paths() -> None:
    model = models.Subclassed(name="mine")
    model(np.zeros((1, 4), np.float32))

    assert LayerTree(model).variable_path(model.gain).endswith("gain")


def test_long_names_keep_their_end_and_stay_apart() -> None:
    names = [f"{'n' * 10_000}_{end}" for end in "abc"]
    x = keras.Input((2,), name="x")
    model = keras.Model(x, [layers.Dense(2, name=name)(x) for name in names])
    tree = LayerTree(model)

    paths = [tree.path_of(layer) or "" for layer in model.layers[1:]]
    assert [path[-2:] for path in paths] == ["_a", "_b", "_c"]
    assert {len(path) for path in paths} == {MAX_PATH}
    variables = [tree.variable_path(v) for v in model.weights]
    assert len(set(variables)) == 6
    assert max(map(len, variables)) == MAX_PATH


def test_half_a_surrogate_pair_can_be_written() -> None:
    layer = layers.Dense(2, name="dense")
    model = keras.Sequential([keras.Input((2,)), layer])
    layer.name = "half_\ud83d"
    layer._path = "half_\ud83d"

    path = LayerTree(model).path_of(layer)
    assert path == "half_?"
    assert bounded_text("\ud83d" * 5) == "?" * 5


def test_layers_of_one_name_are_numbered() -> None:
    class Held(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.held = [layers.ReLU(name="same") for _ in range(50)]
            # One that has the name that the next would get.
            self.held[1].name = "same#2"

    model = Held()
    tree = LayerTree(model)

    paths = [tree.path_of(layer) for layer in model.held]
    assert paths[:4] == ["same", "same#2", "same#3", "same#4"]
    assert len(set(paths)) == 50


def test_weights_that_cannot_be_read_are_none() -> None:
    class Hostile(layers.Layer):
        def call(self, x: object) -> object:
            return x

        @property
        def weights(self) -> list[object]:
            raise RuntimeError("no weights")

    held = Hostile(name="hostile")
    x = keras.Input((2,))
    tree = LayerTree(keras.Model(x, layers.Dense(2)(x)))
    assert own_variables(LayerEntry(held, "hostile", ())) == []
    assert len(tree.walk()) == 2
