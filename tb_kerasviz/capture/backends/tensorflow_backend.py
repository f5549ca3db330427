"""The TensorFlow backend."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from tb_kerasviz.capture.backends.interface import (
    Array,
    Backend,
    CompiledForward,
    DynamicsTap,
    Forward,
    Processes,
    RawState,
    StateValues,
    TapTarget,
)
from tb_kerasviz.capture.backends.tensorflow_forward import (
    TensorFlowForward,
    VariableState,
    raw_variables,
)
from tb_kerasviz.capture.backends.tensorflow_ragged import dense_sequence
from tb_kerasviz.capture.backends.tensorflow_replicas_tap import (
    ReplicasTap,
    has_replicas,
)
from tb_kerasviz.capture.backends.tensorflow_tap import TensorFlowTap

_CHIEFS = ("chief", "master")
"""What TensorFlow calls the first of the processes; the latter in older versions."""


def create_backend() -> Backend:
    """The TensorFlow backend."""
    return TensorFlowBackend()


class TensorFlowBackend(Backend):
    """Compiles with `tf.function`, measures with a `tf.Variable`."""

    def compile_forward(
        self,
        function: Forward,
        inputs: Any,
        get_variables: Callable[[], Sequence[keras.Variable]],
    ) -> CompiledForward:
        """See the base class."""
        return TensorFlowForward(function, inputs)

    def is_readable(self, value: Any) -> bool:
        """See the base class."""
        unreadable = (tf.string, tf.variant, tf.resource)
        kinds = (tf.Tensor, tf.Variable)
        return isinstance(value, kinds) and value.dtype not in unreadable

    def dense_sequence(self, value: Any) -> tuple[Any, Any] | str:
        """See the base class."""
        if isinstance(value, tf.RaggedTensor):
            return dense_sequence(value)
        if isinstance(value, tf.Tensor) and value.dtype == tf.string:
            return "its output is texts, which are not shown"
        return super().dense_sequence(value)

    def tracing_place(self) -> object:
        """See the base class."""
        if tf.executing_eagerly():
            return None
        # A layer that runs inside a loop makes tensors of the loop's graph.
        return id(tf.compat.v1.get_default_graph())

    def detach(self, values: list[Any], state: StateValues) -> list[Any]:
        """See the base class.

        Variables are read; the memory of what was read is never written into.
        """
        return [tf.convert_to_tensor(value) for value in values]

    def wait_for(self, values: Sequence[Any]) -> None:
        """See the base class."""
        kinds = (tf.Tensor, tf.Variable, tf.IndexedSlices)
        devices = [str(value.device) for value in values if isinstance(value, kinds)]
        if any("GPU" in device for device in devices):
            tf.test.experimental.sync_devices()

    def to_host(self, tensor: Any) -> Array:
        """See the base class."""
        array: Array = tensor.numpy()
        return array

    def raw_state(self, layers: Sequence[keras.layers.Layer]) -> RawState:
        """See the base class."""
        variables = {id(v): v for layer in layers for v in raw_variables(layer)}
        return VariableState(list(variables.values())) if variables else RawState()

    def find_processes(self) -> Processes:
        """See the base class."""
        resolver = tf.distribute.get_strategy().cluster_resolver
        if resolver is None and "TF_CONFIG" in os.environ:
            # Outside of the scope of its strategy, such as between two steps.
            resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
        try:
            if resolver is None or not resolver.task_type:
                return Processes()
            cluster = resolver.cluster_spec().as_dict()
        except ValueError:  # There is no JSON in the variable.
            return Processes()
        count = sum(len(cluster.get(kind, ())) for kind in (*_CHIEFS, "worker"))
        if resolver.task_type == "worker":
            # The first worker is the chief where there is no other.
            is_main = resolver.task_id == 0 and not any(map(cluster.get, _CHIEFS))
        else:
            is_main = resolver.task_type in _CHIEFS
        return Processes(max(1, count), is_main)

    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """See the base class."""
        if has_replicas(target.optimizer):
            return ReplicasTap(target)
        return TensorFlowTap(target)
