"""The variables of a model, and a scope in which none of them changes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state

from tb_kerasviz.capture.backends.interface import StateValues


class ModelState:
    """All variables that a forward pass of a model may read or change.

    Among them are those that Keras does not track, such as the states of
    recurrent layers, and those that no attribute leads to, once a forward
    pass in `scope` has met them.

    Args:
        model: A Keras model.
    """

    def __init__(self, model: keras.Model) -> None:
        self.layers: list[keras.layers.Layer] = [
            model,
            *model._flatten_layers(include_self=False, recursive=True),
        ]
        self._found: dict[int, keras.Variable] = {
            id(v): v for layer in self.layers for v in _variables_of(layer)
        }

    def variables(self) -> list[keras.Variable]:
        """The variables that are known by now."""
        return list(self._found.values())

    @contextlib.contextmanager
    def scope(self, state: StateValues) -> Iterator[None]:
        """Variables are read from `state`, and no assignment to one lasts.

        Args:
            state: Values to use; other variables have those that they have.
        """
        # Keras asks for regularised weights as if they all were here.
        mapped = {id(variable) for variable, _ in state}
        missing = [
            (variable, variable.value)
            for variable in self._found.values()
            if id(variable) not in mapped and variable.regularizer is not None
        ]
        with _Scope([*state, *missing], self._found):
            yield

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Puts back the variables that changed, for what fails in a `scope`.

        What runs inside must do so in `open_state`.
        """
        before = [(v, np.array(_read(v))) for v in self.variables()]
        losses = [(layer, list(layer._losses)) for layer in self.layers]
        try:
            yield
        finally:
            for variable, value in before:
                if not np.array_equal(value, _read(variable)):
                    variable.assign(value)
            for layer, kept in losses:
                layer._losses[:] = kept


@contextlib.contextmanager
def open_state() -> Iterator[None]:
    """Lets assignments take place inside of a `keras.StatelessScope`."""
    scope = global_state.get_global_attribute("stateless_scope")
    global_state.set_global_attribute("stateless_scope", None)
    try:
        yield
    finally:
        global_state.set_global_attribute("stateless_scope", scope)


class _Scope(keras.StatelessScope):
    """Notes the variables that are read and were not known."""

    def __init__(self, state: StateValues, found: dict[int, keras.Variable]) -> None:
        # What is created inside must not hold tensors of a trace.
        super().__init__(state_mapping=state, initialize_variables=False)
        self._found = found

    def get_current_value(self, variable: keras.Variable) -> Any:
        if variable._value is not None:  # Else it was only created in here.
            self._found.setdefault(id(variable), variable)
        return super().get_current_value(variable)


def _variables_of(layer: keras.layers.Layer) -> Iterator[keras.Variable]:
    yield from layer._trainable_variables
    yield from layer._non_trainable_variables
    for generator in layer._seed_generators:
        yield generator.state
    # Keras does not track the states of recurrent layers: they are only found
    # in an attribute.
    for value in vars(layer).values():
        yield from _variables_in(value)


def _variables_in(value: Any) -> Sequence[keras.Variable]:
    if isinstance(value, keras.Variable):
        return [value]
    if isinstance(value, (list, tuple)):
        return [variable for item in value for variable in _variables_in(item)]
    return []


def _read(variable: keras.Variable) -> Any:
    return keras.ops.convert_to_numpy(variable.value)
