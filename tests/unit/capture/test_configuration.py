from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import pytest

from tb_kerasviz.capture import configuration
from tb_kerasviz.capture.configuration import Budget, read_config


class Configured:
    """Stands for a layer with a configuration of the user's making."""

    def __init__(self, config: Any) -> None:
        self.config = config

    def get_config(self) -> Any:
        if isinstance(self.config, Exception):
            raise self.config
        return self.config


def read(config: Any, has_children: bool = False) -> tuple[dict[str, Any], list[str]]:
    plain, notes = read_config(Configured(config), has_children, Budget())
    # What is read is always strict and bounded JSON.
    text = json.dumps(plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode("utf-8")) <= configuration.MAX_BYTES
    assert json.loads(text) == plain
    return plain, notes


def test_plain_values_are_kept_as_they_are() -> None:
    config = {
        "units": 4,
        "rate": 0.5,
        "name": "näme",
        "flag": True,
        "none": None,
        "shape": [1, [2, None]],
        "nested": {"class_name": "GlorotUniform", "config": {"seed": None}},
    }

    assert read(config) == (config, [])


def test_a_real_layer_keeps_its_whole_configuration() -> None:
    layer = keras.layers.Conv2D(4, 3, kernel_regularizer="l2")
    plain, notes = read_config(layer, False, Budget())

    assert notes == []
    assert plain == json.loads(json.dumps(layer.get_config()))


def test_numbers_of_numpy_become_numbers() -> None:
    config = {"i": np.int32(3), "f": np.float32(0.5), "b": np.bool_(True)}
    plain, notes = read(config)

    assert plain == {"i": 3, "f": 0.5, "b": True}
    assert plain["b"] is True
    assert notes == []


def test_numbers_that_json_or_javascript_cannot_hold_become_text() -> None:
    config = {"nan": float("nan"), "inf": -np.inf, "big": 2**60, "huge": 10**5000}
    plain, _ = read(config)

    assert plain == {"nan": "nan", "inf": "-inf", "big": str(2**60), "huge": "<int>"}


def test_other_values_are_recorded_as_their_repr() -> None:
    class Thing:
        def __repr__(self) -> str:
            return "Thing(3)"

    plain, notes = read({"thing": Thing(), "raw": b"\xff", "list": [Thing()]})
    assert plain == {"thing": "Thing(3)", "raw": "b'\\xff'", "list": ["Thing(3)"]}
    assert notes == ["values that JSON cannot hold are recorded as their repr"]


def test_arrays_are_recorded_by_shape() -> None:
    plain, notes = read({"weights": np.zeros((3, 4), np.float16)})

    assert plain == {"weights": "array (3, 4) float16"}
    assert notes == ["arrays are recorded by shape"]


def test_hostile_values_and_keys_do_not_raise() -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    config = {
        "a": Hostile(),
        3: "number",
        None: "none",
        ("t", 1): "tuple",
        Hostile(): "hostile",
        "\ud800": "\udfff",
        "": "empty",
    }
    plain, _ = read(config)

    assert plain["a"] == "<Hostile>"
    assert plain["3"] == "number"
    assert plain["<Hostile>"] == "hostile"
    assert plain["?"] == "?"


def test_a_mapping_that_raises_is_noted() -> None:
    class Broken(Mapping[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise RuntimeError("broken item")

        def __iter__(self) -> Any:
            return iter(["a"])

        def __len__(self) -> int:
            return 1

    for config in (Broken(), {"inner": Broken()}):
        plain, notes = read(config)
        assert plain == {}
        assert "broken item" in notes[-1]


@pytest.mark.parametrize(
    ("config", "note"),
    [
        (RuntimeError("my layer"), "get_config() failed: my layer"),
        ([1], "get_config() returned list, not a dict"),
        (None, "get_config() returned NoneType, not a dict"),
    ],
)
def test_a_failing_get_config_is_noted(config: Any, note: str) -> None:
    assert read(config) == ({}, [note])


def test_long_texts_and_collections_are_shortened_and_noted() -> None:
    plain, notes = read({"text": "x" * 5000, "list": list(range(100))})

    assert plain["text"] == "x" * configuration.MAX_TEXT + "…"
    assert plain["list"] == list(range(configuration.MAX_ITEMS))
    assert notes == [
        "texts cut to 1000 characters",
        "collections cut to 64 entries",
    ]


def test_deep_and_cyclic_collections_end() -> None:
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    plain, notes = read({"cyclic": cyclic})

    assert "…" in json.dumps(plain, ensure_ascii=False)
    assert notes == ["deeper than 8 levels left out"]


def test_a_collection_that_branches_without_end_is_left_out() -> None:
    # 64**8 values, in a few lines of somebody's get_config().
    cyclic: list[Any] = []
    cyclic += [cyclic] * 64
    plain, notes = read({"cyclic": cyclic, "units": 3})

    assert "cut to 4096 values in all" in notes
    assert plain == {} or len(plain["cyclic"]) == 64


def test_a_large_configuration_is_left_out() -> None:
    plain, notes = read({f"k{i}": "x" * 900 for i in range(60)})

    assert plain == {}
    assert notes[-1].startswith("configuration of ")
    assert notes[-1].endswith(" bytes left out")


def test_many_keys_are_cut() -> None:
    plain, notes = read({f"k{i}": i for i in range(10_000)})

    assert len(plain) == configuration.MAX_ITEMS
    assert notes == ["collections cut to 64 entries"]


def test_the_graph_of_a_model_is_not_repeated() -> None:
    config = {"name": "m", "layers": [1], "input_layers": [2], "trainable": True}

    assert read(config, True) == ({"name": "m", "trainable": True}, [])
    assert read(config, False) == (config, [])


def test_the_configurations_of_a_model_share_a_budget() -> None:
    budget = Budget(20_000)
    large = Configured({"text": ["x" * 900] * 10})
    kept = [read_config(large, False, budget) for _ in range(4)]
    small = read_config(Configured({"units": 3}), False, budget)

    assert [bool(plain) for plain, _ in kept] == [True, True, False, False]
    assert [notes for _, notes in kept[2:]] == [
        ["configuration of 9040 bytes left out"]
    ] * 2
    assert small == ({"units": 3}, [])
