"""Keeps a model's state as it was around a forward pass of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np


@contextlib.contextmanager
def unchanged_state(model: keras.Model) -> Iterator[None]:
    """Puts back whatever a forward pass changes in the model.

    Stateful RNNs keep their state, and a layer may draw random seeds, count
    or add losses even in inference mode. Values that did not change are not
    written.

    Args:
        model: The model that is called inside.
    """
    layers = [model, *model._flatten_layers(include_self=False, recursive=True)]
    state = {id(v): v for layer in layers for v in _state_of(layer)}
    before = {key: np.array(_read(v)) for key, v in state.items()}
    losses = [(layer, list(layer._losses)) for layer in layers]
    try:
        yield
    finally:
        for key, variable in state.items():
            if not np.array_equal(before[key], _read(variable), equal_nan=False):
                variable.assign(before[key])
        for layer, kept in losses:
            layer._losses[:] = kept


def _state_of(layer: keras.layers.Layer) -> list[keras.Variable]:
    # Not `non_trainable_variables`: that holds frozen weights too, which no
    # forward pass changes and which may be all of a large model.
    weights = {id(variable) for variable in layer._trainable_variables}
    seeds = [generator.state for generator in layer._seed_generators]
    # Keras does not track the states of recurrent layers: they are only found
    # in an attribute.
    untracked = [v for value in vars(layer).values() for v in _variables_in(value)]
    state = [*layer._non_trainable_variables, *seeds, *untracked]
    return [variable for variable in state if id(variable) not in weights]


def _variables_in(value: Any) -> Iterator[keras.Variable]:
    if isinstance(value, keras.Variable):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _variables_in(item)


def _read(variable: keras.Variable) -> Any:
    return keras.ops.convert_to_numpy(variable.value)
