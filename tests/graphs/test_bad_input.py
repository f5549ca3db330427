"""Names, configurations and models that nobody should make, and some do."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import tb_kerasviz
from tb_kerasviz.wire import schema
from tests.graphs.invariants import check_graph, leaves
from tests.graphs.log import log_model

NAMES = {
    "quotes": 'it\'s "quoted" \\ `so`',
    "markup": "<img src=x onerror=alert(1)>&amp;",
    "unicode": "größe_层_\N{SNOWMAN}_\N{GRINNING FACE}",
    "right_to_left": "\N{RIGHT-TO-LEFT OVERRIDE}dense",
    "control": "line\nbreak\ttab\x07bell",
    "format": "%s {0} ${x} #{y}",
}
REFUSED = {"slashes": "../../etc", "empty": "", "half_a_pair": "half_\ud83d"}
LONG = "n" * 10_000


def chain(names: list[str]) -> keras.Model:
    x = y = keras.Input((2,), name="x")
    for name in names:
        y = layers.Dense(2, name=name)(y)
    return keras.Model(x, y, name="chain")


def renamed_chain(names: list[str]) -> keras.Model:
    """With names that Keras or a backend refuses while a layer is built."""
    model = chain([f"dense_{i}" for i in range(len(names))])
    for layer, name in zip(model.layers[1:], names, strict=True):
        layer.name = name
    return model


def dense_layers(graph: schema.ModelGraph) -> list[schema.LayerNode]:
    return [layer for layer in graph.walk() if layer.class_name == "Dense"]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_hostile_name_is_kept_as_text(name: str, tmp_path: pathlib.Path) -> None:
    model = chain([name, "after"])

    graph = log_model(tmp_path, model)

    check_graph(graph, model)
    assert [layer.name for layer in dense_layers(graph)] == [name, "after"]
    assert len(graph.links) == 2


def test_names_of_10_000_characters_are_told_apart(tmp_path: pathlib.Path) -> None:
    model = chain([f"{LONG}_a", f"{LONG}_b"])

    graph = log_model(tmp_path, model)

    first, second = dense_layers(graph)
    assert first.name.startswith("n" * 100)
    assert second.name.startswith("n" * 100)
    assert first.path != second.path
    assert first.variables[0].path != second.variables[0].path
    assert len(graph.links) == 2
    assert graph.params == model.count_params()


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_a_name_that_keras_refuses_is_kept(name: str, tmp_path: pathlib.Path) -> None:
    model = renamed_chain([name, "after"])

    graph = log_model(tmp_path, model)

    first, second = dense_layers(graph)
    # What UTF-8 cannot hold is replaced.
    assert first.name == name.encode("utf-8", "replace").decode()
    assert second.name == "after"
    assert len({layer.path for layer in graph.walk()}) == 3
    assert graph.links == ((0, 1), (1, 2))


class SameNames(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="same_names")
        self.one = layers.Dense(4, name="dense")
        self.two = layers.Dense(4, name="dense")
        self.three = layers.Dense(4, name="dense")

    def call(self, x: Any) -> Any:
        return self.three(self.two(self.one(x)))


def test_layers_of_one_name_stay_apart(tmp_path: pathlib.Path) -> None:
    model = SameNames()

    graph = log_model(tmp_path, model, np.ones((2, 4), np.float32))

    check_graph(graph, model)
    same = dense_layers(graph)
    assert [layer.name for layer in same] == ["dense"] * 3
    assert len({layer.path for layer in same}) == 3
    assert [layer.calls for layer in same] == [1, 1, 1]
    assert graph.params == 60
    order = [node.layer for node in graph.nodes][1:]
    assert order == [layer.path for layer in same]
    assert graph.links == ((0, 1), (1, 2), (2, 3))


class Odd(layers.Layer):
    """Its configuration is whatever it was given."""

    def __init__(self, give: Callable[[], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Not the configuration itself: Keras would follow it into its depths.
        self._give = give

    def call(self, x: Any) -> Any:
        return x * 2

    def get_config(self) -> Any:
        config = self._give()
        if isinstance(config, Exception):
            raise config
        return config


def _cyclic() -> Any:
    config: dict[str, Any] = {}
    config["self"] = config
    return config


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    "config",
    [
        {"object": object(), "set": {1, 2}, "bytes": b"\xff", "complex": 1j},
        {"nan": float("nan"), "infinite": float("inf"), "array": np.zeros(3)},
        {1: "a number as a key", None: "none as a key"},
        {"unprintable": Unprintable()},
        {"long": "x" * 1_000_000},
        {"many": list(range(1_000_000))},
        _cyclic(),
        ["not a dict"],
        RuntimeError("no configuration"),
    ],
    ids=str.split("objects floats keys unprintable long many cyclic no_dict raises"),
)
def test_any_configuration_is_held(config: Any, tmp_path: pathlib.Path) -> None:
    x = keras.Input((4,), name="x")
    y = Odd(lambda: config, name="odd")(x)
    model = keras.Model(x, layers.Dense(2, name="out")(y))

    graph = log_model(tmp_path, model)

    check_graph(graph, model)
    (odd,) = [layer for layer in graph.layers if layer.name == "odd"]
    assert odd.config or odd.config_notes
    assert graph.params == 10


class Failing(keras.Model):
    """Its `call` cannot run at all."""

    def __init__(self) -> None:
        super().__init__(name="failing")
        self.body = keras.Sequential(
            [keras.Input((4,), name="in"), layers.Dense(3, name="inner")], name="body"
        )
        self.head = layers.Dense(2, name="head")
        self.head.build((None, 3))

    def call(self, x: Any) -> Any:
        raise RuntimeError("not today")


def test_a_model_that_cannot_be_traced_says_so(tmp_path: pathlib.Path) -> None:
    model = Failing()
    model.built = True

    graph = log_model(tmp_path, model)

    check_graph(graph, model)
    assert {layer.name for layer in graph.walk()} >= {"body", "inner", "head"}
    assert graph.params == 23
    assert graph.notices
    assert any("failing" in notice for notice in graph.notices)
    names = {layer.path: layer.name for layer in graph.walk()}
    called = {names[node.layer] for node in leaves(graph) if node.inputs}
    assert "head" not in called


@pytest.mark.parametrize(
    "thing", [None, "model", layers.Dense(2), keras.Model, {"layers": []}], ids=repr
)
def test_what_is_no_model_is_named(thing: Any, tmp_path: pathlib.Path) -> None:
    with (
        tb_kerasviz.Writer(tmp_path) as writer,
        pytest.raises(TypeError, match=type(thing).__name__),
    ):
        writer.write_model(0, thing)
