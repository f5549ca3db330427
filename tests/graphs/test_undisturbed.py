"""Logging a graph leaves the model, and Keras, as they were."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tests.graphs.log import log_model
from tests.graphs.test_catalogue import CASES

NUMBERED = (layers.Dense, layers.Add, layers.Multiply, layers.Concatenate)
"""Layers that Keras numbers, some together with the operations of their names."""


def every_layer(model: keras.Model) -> list[Any]:
    held = model._flatten_layers(include_self=True, recursive=True)
    functions = [layer for layer in held if isinstance(layer, keras.Function)]
    operations = [each for function in functions for each in function.operations]
    return list({id(each): each for each in [*held, *operations]}.values())


def state(model: keras.Model) -> list[Any]:
    """All that a trace could leave behind in a model."""
    found = [
        (
            layer.name,
            sorted(vars(layer)),
            getattr(layer, "built", None),
            len(layer._inbound_nodes),
            len(layer._outbound_nodes),
            len(getattr(layer, "losses", ())),
        )
        for layer in every_layer(model)
    ]
    values = {v.path: keras.ops.convert_to_numpy(v).tobytes() for v in variables(model)}
    return [found, values]


def variables(model: keras.Model) -> list[Any]:
    return [v for layer in every_layer(model) for v in getattr(layer, "variables", ())]


def next_numbers() -> list[int]:
    names = [make(1).name if make is layers.Dense else make().name for make in NUMBERED]
    return [int((re.findall(r"_(\d+)$", name) or ["0"])[0]) for name in names]


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_logged_model_is_as_it_was(name: str, tmp_path: pathlib.Path) -> None:
    wanted = CASES[name]
    model = wanted.build()
    inputs = wanted.inputs and wanted.inputs()
    if inputs is not None:
        model(inputs)
    before = state(model)
    numbers = next_numbers()

    log_model(tmp_path, model, inputs)

    assert state(model) == before
    assert next_numbers() == [number + 1 for number in numbers]


def test_an_unbuilt_model_stays_unbuilt(tmp_path: pathlib.Path) -> None:
    model = keras.Sequential([layers.Dense(3, name="hidden")])

    log_model(tmp_path, model)

    assert not model.built
    assert not model.layers[0].built
    assert model(np.ones((2, 7), np.float32)).shape == (2, 3)
