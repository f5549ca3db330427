"""Runs a forward pass on TensorFlow, and what it must leave as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_kerasviz.capture.backends.interface import CompiledForward, Forward, RawState


def _to_tensor(leaf: Any) -> Any:
    if leaf is None or isinstance(leaf, (tf.RaggedTensor, tf.SparseTensor)):
        return leaf
    return tf.convert_to_tensor(leaf)


class TensorFlowForward(CompiledForward):
    """A `tf.function`, traced once; op by op where that fails as it runs."""

    def __init__(self, function: Forward, inputs: Any) -> None:
        self._inputs = inputs
        self._tensors: Any = None
        self._concrete: Any = None
        self._runs = True

        def call(tensors: Any) -> Any:
            return function(tensors, ())

        self._call = call
        self._function = tf.function(call, autograph=False)

    def __call__(self) -> list[Any]:
        """See the base class."""
        if not self._runs:
            return self._run_eagerly()
        if self._concrete is None:
            self._tensors = keras.tree.map_structure(_to_tensor, self._inputs)
            # Traced by itself: TensorFlow warns of functions that are traced
            # often, and takes those of several fits for one.
            self._concrete = self._function.get_concrete_function(self._tensors)
        try:
            outputs: list[Any] = self._concrete(self._tensors)
        except tf.errors.OpError:
            # Such as of an id beyond an embedding. Op by op, the error comes out
            # of the layer that makes it.
            self._runs = False
            self._concrete = None
            return self._run_eagerly()
        return outputs

    def _run_eagerly(self) -> list[Any]:
        outputs: list[Any] = self._call(self._tensors)
        return outputs


class VariableState(RawState):
    """TensorFlow's own variables that layers hold as attributes."""

    def __init__(self, variables: Sequence[tf.Variable]) -> None:
        self._variables = variables

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """See the base class."""
        kept = [(variable, variable.numpy()) for variable in self._variables]
        try:
            yield
        finally:
            for variable, value in kept:
                if not np.array_equal(variable.numpy(), value):
                    variable.assign(value)


def raw_variables(layer: keras.layers.Layer) -> Iterator[tf.Variable]:
    """TensorFlow's own variables that a layer holds."""
    waiting = list(vars(layer).values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, tf.Variable):
            yield value
        elif isinstance(value, tf.random.Generator):
            yield value.state
        elif type(value) in (list, tuple):
            waiting += value
        elif isinstance(value, tf.Module) and not isinstance(value, keras.layers.Layer):
            yield from value.variables
