"""The TensorFlow backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_kerasviz.capture.backends.interface import (
    TAP_COLUMNS,
    Array,
    Backend,
    DynamicsTap,
    UnsupportedError,
)


def create_backend() -> Backend:
    """The TensorFlow backend."""
    return TensorFlowBackend()


class TensorFlowBackend(Backend):
    """Compiles with `tf.function`, measures with a `tf.Variable`."""

    def compile_forward(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """See the base class."""
        compiled = tf.function(function, autograph=False)

        def run(arrays: Any) -> Any:
            return compiled(keras.tree.map_structure(tf.convert_to_tensor, arrays))

        return run

    def is_readable(self, value: Any) -> bool:
        """See the base class."""
        if not isinstance(value, tf.Tensor) or value.dtype in (tf.string, tf.variant):
            return False
        if tf.executing_eagerly():
            return True
        # A layer that runs inside a loop makes tensors of the loop's graph.
        return value.graph is tf.compat.v1.get_default_graph()

    def create_tap(
        self,
        optimizer: keras.optimizers.Optimizer,
        variables: Sequence[keras.Variable],
        capacity: int,
    ) -> DynamicsTap:
        """See the base class."""
        if tf.distribute.get_strategy().num_replicas_in_sync > 1:
            raise UnsupportedError(
                "gradient and update norms are not read under tf.distribute with "
                "more than one replica; everything else is logged"
            )
        return _TensorFlowTap(optimizer, variables, capacity)


class _TensorFlowTap(DynamicsTap):
    """Wraps `optimizer.apply` on the instance.

    The measurements live in variables that neither the optimizer nor the
    model tracks, so that no checkpoint ever holds them.
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        variables: Sequence[keras.Variable],
        capacity: int,
    ) -> None:
        # A loss scale optimizer unscales the gradients, skips bad steps, and
        # then calls the optimizer inside of it.
        self._optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        self._index = {id(v): i for i, v in enumerate(variables)}
        self._variables = list(variables)
        self._capacity = capacity
        shape = (capacity, len(self._variables), len(TAP_COLUMNS))
        self._rows = tf.Variable(tf.zeros(shape), trainable=False)
        self._steps = tf.Variable(
            tf.fill([capacity], tf.constant(-1, tf.int64)), trainable=False
        )
        self._last_read = -1
        self.error: Exception | None = None
        self._active = True
        # Another callback's wrapper, if there is one.
        self._previous = self._optimizer.__dict__.get("apply")
        self._wrapper = self._create_wrapper(self._optimizer.apply)
        # Straight into __dict__: the optimizer tracks what is assigned to its
        # attributes, and must not come to hold anything of ours.
        self._optimizer.__dict__["apply"] = self._wrapper

    @property
    def capacity(self) -> int:
        """See the base class."""
        return self._capacity

    def remove(self) -> None:
        """See the base class."""
        self._active = False
        attributes = self._optimizer.__dict__
        if attributes.get("apply") is not self._wrapper:
            return  # Somebody wrapped it again and will put it back.
        if self._previous is None:
            del attributes["apply"]
        else:
            attributes["apply"] = self._previous

    def read(self) -> tuple[Array, Array]:
        """See the base class."""
        if self.error is not None:
            error, self.error = self.error, None
            raise UnsupportedError(
                f"the optimizer's step could not be measured: {error}"
            ) from error
        steps = self._steps.numpy()
        fresh = np.flatnonzero(steps > self._last_read)
        fresh = fresh[np.argsort(steps[fresh], kind="stable")]
        if not fresh.size:
            return steps[fresh], np.zeros((0, *self._rows.shape[1:]), np.float32)
        self._last_read = int(steps[fresh[-1]])
        return steps[fresh], self._rows.numpy()[fresh]

    def _create_wrapper(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def apply(grads: Any, trainable_variables: Any = None) -> Any:
            if not self._active:
                return original(grads, trainable_variables)
            grads = list(grads)
            if trainable_variables is not None:
                trainable_variables = list(trainable_variables)
            before = self._values()
            result = original(grads, trainable_variables)
            try:
                known = trainable_variables
                if known is None:
                    known = self._optimizer._trainable_variables
                self._measure(grads, known, before)
            except Exception as error:  # noqa: BLE001, training goes on
                # While tracing: the step itself is already in the graph.
                self.error = error
            return result

        wrapper: Callable[..., Any] = tf.autograph.experimental.do_not_convert(apply)
        return wrapper

    def _values(self) -> list[Any]:
        return [tf.convert_to_tensor(v.value) for v in self._variables]

    def _measure(
        self, grads: Sequence[Any], known: Sequence[keras.Variable], before: list[Any]
    ) -> None:
        by_index = {
            self._index[id(v)]: g
            for g, v in zip(grads, known, strict=True)
            if id(v) in self._index
        }
        rows = []
        for i, (old, new) in enumerate(zip(before, self._values(), strict=True)):
            weights = tf.cast(new, tf.float32)
            update = weights - tf.cast(old, tf.float32)
            grad = _dense(by_index.get(i))
            if grad is None:
                square, bad = tf.constant(np.nan, tf.float32), tf.constant(0.0)
            else:
                square = _square_sum(grad)
                bad = tf.reduce_sum(
                    tf.cast(tf.logical_not(tf.math.is_finite(grad)), tf.float32)
                )
            rows.append(
                tf.stack([square, _square_sum(update), _square_sum(weights), bad])
            )
        step = tf.cast(tf.convert_to_tensor(self._optimizer.iterations.value), tf.int64)
        slot = tf.reshape(step % self._capacity, [1, 1])
        self._rows.scatter_nd_update(slot, tf.stack(rows)[tf.newaxis])
        self._steps.scatter_nd_update(slot, tf.reshape(step, [1]))


def _square_sum(tensor: Any) -> Any:
    return tf.reduce_sum(tf.square(tensor))


def _dense(grad: Any) -> Any:
    """A gradient as a dense float32 tensor, rows of one index summed up."""
    if grad is None:
        return None
    if isinstance(grad, tf.IndexedSlices):
        grad = tf.math.unsorted_segment_sum(
            grad.values, grad.indices, grad.dense_shape[0]
        )
    return tf.cast(grad, tf.float32)
