"""Measures the optimizer's steps from inside a TensorFlow graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_kerasviz.analysis.step_measurements import (
    TAP_COLUMNS,
    TAP_STEP_COLUMNS,
    StepMeasurements,
)
from tb_kerasviz.capture.backends.optimizer_tap import Measure, OptimizerTap, Ring

MAX_FACTORS = 16

_NONE = (np.nan, 0.0, np.nan)


class TensorFlowRing(Ring):
    """A ring in variables that neither the optimizer nor the model tracks.

    So no checkpoint ever holds them.

    Args:
        variables: The V variables.
        capacity: Steps to keep.
    """

    def __init__(self, variables: Sequence[keras.Variable], capacity: int) -> None:
        super().__init__(variables)
        self.capacity = capacity
        shape = (capacity, len(self.variables), len(TAP_COLUMNS))
        # Also while a step is traced: they belong to no graph.
        with tf.init_scope():
            self.rows = tf.Variable(tf.zeros(shape), trainable=False)
            self.totals = tf.Variable(
                tf.zeros((capacity, len(TAP_STEP_COLUMNS))), trainable=False
            )
            self.steps = tf.Variable(
                tf.fill([capacity], tf.constant(-1, tf.int64)), trainable=False
            )
            self.attempts = tf.Variable(0.0, trainable=False)

    def write(self, step: Any, rows: Any, totals: Any) -> None:
        """See the base class."""
        slot = tf.reshape(step % self.capacity, [1, 1])
        self.rows.scatter_nd_update(slot, rows[tf.newaxis])
        self.totals.scatter_nd_update(slot, totals[tf.newaxis])
        self.steps.scatter_nd_update(slot, tf.reshape(step, [1]))

    def read(self) -> StepMeasurements:
        """See the base class."""
        steps = self.steps.numpy()
        return StepMeasurements(steps, self.rows.numpy(), self.totals.numpy())


class TensorFlowTap(OptimizerTap):
    """Becomes a part of the train step, compiled or not."""

    def create_ring(self, variables: Sequence[keras.Variable]) -> Ring:
        """See the base class."""
        return TensorFlowRing(variables, self.target.capacity)

    def to_dense(self, grads: Sequence[Any]) -> list[Any]:
        """See the base class."""
        return [_dense(grad) for grad in grads]

    def measure_gradients(self, grads: Sequence[Any]) -> Any:
        """See the base class."""
        there = [grad for grad in grads if grad is not None]
        squares = [square_sum(grad) for grad in there]
        counts = _count_nonfinite(there, squares)
        zeros = [
            tf.reduce_mean(tf.cast(tf.equal(grad, 0), tf.float32)) for grad in there
        ]
        found = iter(zip(squares, counts, zeros, strict=True))
        nothing = tf.constant(_NONE, tf.float32)
        return tf.stack(
            [nothing if grad is None else tf.stack(next(found)) for grad in grads]
        )

    def read_weights(self, variables: Sequence[keras.Variable]) -> Any:
        """See the base class."""
        return [tf.convert_to_tensor(variable.value) for variable in variables]

    def measure_weights(self, before: Any, variables: Sequence[keras.Variable]) -> Any:
        """See the base class."""
        after = [tf.cast(value, tf.float32) for value in self.read_weights(variables)]
        squares = [square_sum(new) for new in after]
        changes = [
            square_sum(new - tf.cast(old, tf.float32))
            for old, new in zip(before, after, strict=True)
        ]
        counts = _count_nonfinite(after, squares)
        rows = zip(changes, squares, counts, strict=True)
        return tf.stack([tf.stack(row) for row in rows])

    def readable(self, tensor: Any) -> Any:
        """See the base class."""
        return _readable(tensor)

    def known_loss(self, loss: Any) -> Any:
        """See the base class."""
        if tf.executing_eagerly():
            return loss if isinstance(loss, tf.Tensor) else None
        # Of another graph, or of none, it is what another step left behind.
        graph = getattr(loss, "graph", None) if not _is_eager(loss) else None
        inside = tf.compat.v1.get_default_graph()
        while inside is not None and inside is not graph:
            inside = getattr(inside, "outer_graph", None)
        return loss if graph is not None and inside is graph else None

    def when(self, condition: Any, action: Measure) -> None:
        """See the base class."""
        tf.cond(condition, action, lambda: None)

    def count_attempt(self) -> None:
        """See the base class."""
        self._attempts().assign_add(1.0)

    def count_applied(self) -> None:
        """See the base class."""
        if self.outer is not self.optimizer:
            self._attempts().assign_sub(1.0)

    def take_skipped(self) -> Any:
        """See the base class."""
        if self.outer is self.optimizer:
            return 0.0
        skipped = self._attempts().read_value()
        with tf.control_dependencies([skipped]):
            self._attempts().assign(0.0)
        return skipped

    def _attempts(self) -> Any:
        ring: Any = self.open_ring()
        return ring.attempts


def _count_nonfinite(tensors: Sequence[Any], squares: Sequence[Any]) -> list[Any]:
    """How many elements of each are NaN or infinite, as float32 scalars.

    A tensor whose sum of squares is finite has none, so that they are looked
    at only once there are some.
    """
    if not tensors:
        return []

    def count() -> Any:
        return tf.stack(
            [
                tf.reduce_sum(tf.cast(tf.logical_not(tf.math.is_finite(t)), tf.float32))
                for t in tensors
            ]
        )

    finite = tf.reduce_all(tf.math.is_finite(tf.stack(squares)))
    counts = tf.cond(finite, lambda: tf.zeros(len(tensors)), count)
    return list(tf.unstack(counts, num=len(tensors)))


def square_sum(tensor: Any) -> Any:
    """Sum of squares of a tensor: a float32 scalar."""
    return tf.cast(tf.reduce_sum(tf.square(tensor)), tf.float32)


def _is_eager(tensor: Any) -> bool:
    return hasattr(tensor, "numpy")


def _dense(grad: Any) -> Any:
    """A gradient as a dense tensor to read, rows of one index summed up."""
    if grad is None:
        return None
    if isinstance(grad, tf.IndexedSlices):
        return tf.math.unsorted_segment_sum(
            _readable(grad.values), grad.indices, grad.dense_shape[0]
        )
    return _readable(grad)


def _readable(tensor: Any) -> Any:
    """The same values, read so that the step is computed as without us.

    TensorFlow's graph optimizer reorders a product of several factors, such
    as (a * b) * learning_rate, unless somebody else reads the inner product,
    and so the last bits would change. So an inner product is not read but
    computed again, in float64, which it does not take for the same one.
    """
    if isinstance(tensor, tf.Tensor) and not tf.executing_eagerly():
        factors = _factors(tensor)
        if len(factors) > 1:
            product = tf.cast(factors[0], tf.float64)
            for factor in factors[1:]:
                product *= tf.cast(factor, tf.float64)
            return product
    return tf.cast(tensor, tf.float32)


def _factors(tensor: Any) -> list[Any]:
    factors: list[Any] = []
    products = [tensor]
    while products:
        factor = products.pop()
        # Bounded, since a product of equal products has many factors.
        if factor.op.type == "Mul" and len(factors) + len(products) < MAX_FACTORS:
            products.extend(factor.op.inputs)
        else:
            factors.append(factor)
    return factors
