"""The TensorFlow backend."""

from __future__ import annotations

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

    def is_main_process(self) -> bool:
        """See the base class."""
        resolver = tf.distribute.get_strategy().cluster_resolver
        if resolver is None or resolver.task_type is None:
            return True
        if resolver.task_type == "worker":
            # The first worker is the chief where there is no other.
            chiefs = resolver.cluster_spec().as_dict().get("chief")
            return not chiefs and resolver.task_id == 0
        return bool(resolver.task_type == "chief")

    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """See the base class."""
        if has_replicas(target.optimizer):
            return ReplicasTap(target)
        return TensorFlowTap(target)
