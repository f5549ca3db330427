"""The TensorFlow backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tb_kerasviz.capture.backends.interface import Backend, DynamicsTap, TapTarget
from tb_kerasviz.capture.backends.tensorflow_replicas_tap import (
    ReplicasTap,
    has_replicas,
)
from tb_kerasviz.capture.backends.tensorflow_tap import TensorFlowTap


def create_backend() -> Backend:
    """The TensorFlow backend."""
    return TensorFlowBackend()


class TensorFlowBackend(Backend):
    """Compiles with `tf.function`, measures with a `tf.Variable`."""

    def compile_forward(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """See the base class."""

        # A function of one argument, whatever `function` is: calling what was
        # traced from a `functools.partial` first fails inside of TensorFlow,
        # which prints the whole tensor into an error that nobody sees.
        def call(tensors: Any) -> Any:
            return function(tensors)

        compiled = tf.function(call, autograph=False)
        # Traced by itself: TensorFlow warns of functions that are traced often,
        # and takes those of several fits for one.
        concrete: list[Any] = []

        def run(arrays: Any) -> Any:
            tensors = keras.tree.map_structure(tf.convert_to_tensor, arrays)
            if not concrete:
                concrete.append(compiled.get_concrete_function(tensors))
            return concrete[0](tensors)

        return run

    def is_readable(self, value: Any) -> bool:
        """See the base class."""
        if not isinstance(value, tf.Tensor) or value.dtype in (tf.string, tf.variant):
            return False
        if tf.executing_eagerly():
            return True
        # A layer that runs inside a loop makes tensors of the loop's graph.
        return value.graph is tf.compat.v1.get_default_graph()

    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """See the base class."""
        if has_replicas(target.optimizer):
            return ReplicasTap(target)
        return TensorFlowTap(target)
