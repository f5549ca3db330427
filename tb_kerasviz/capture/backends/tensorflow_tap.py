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
from tb_kerasviz.capture.backends.gradient_histograms import GradientHistograms
from tb_kerasviz.capture.backends.optimizer_tap import Measure, OptimizerTap, Ring
from tb_kerasviz.capture.backends.tensorflow_histograms import TensorFlowHistograms
from tb_kerasviz.capture.backends.tensorflow_measures import MeasuredVariables

MAX_FACTORS = 16

STEP_BASE = 1 << 24
"""Below this, float32 holds every integer."""

_ZEROS = TAP_COLUMNS.index("grad_zero_fraction")


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
        self.measured = MeasuredVariables([v.shape for v in self.variables])
        width = len(self.variables) * len(TAP_COLUMNS) + len(TAP_STEP_COLUMNS) + 2
        # Also while a step is traced: they belong to no graph.
        with tf.init_scope():
            # One variable, since every one costs the step. The last numbers of
            # a row are the step, which one float32 does not hold.
            self.rows = tf.Variable(tf.fill([capacity, width], -1.0), trainable=False)
            self.attempts = tf.Variable(0.0, trainable=False)

    def write(self, step: Any, rows: Any, totals: Any) -> None:
        """See the base class."""
        digits = tf.cast([step // STEP_BASE, step % STEP_BASE], tf.float32)
        row = tf.concat([tf.reshape(rows, [-1]), totals, digits], 0)
        slot = tf.reshape(step % self.capacity, [1])
        self.rows.scatter_update(tf.IndexedSlices(row[tf.newaxis], slot))

    def read(self) -> StepMeasurements:
        """See the base class."""
        rows = self.rows.numpy()
        high, low = rows[:, -2:].astype(np.int64).T
        steps = np.where(high < 0, -1, high * STEP_BASE + low)
        split = len(self.variables) * len(TAP_COLUMNS)
        variables = rows[:, :split].reshape(len(rows), -1, len(TAP_COLUMNS))
        variables[..., _ZEROS] = self.measured.zero_shares(variables[..., _ZEROS])
        return StepMeasurements(steps, variables, rows[:, split:-2])


class TensorFlowTap(OptimizerTap):
    """Becomes a part of the train step, compiled or not."""

    def create_ring(self, variables: Sequence[keras.Variable]) -> Ring:
        """See the base class."""
        return TensorFlowRing(variables, self.target.capacity)

    def create_histograms(self, ring: Ring) -> GradientHistograms:
        """See the base class."""
        return TensorFlowHistograms(ring.variables)

    def to_dense(self, grads: Sequence[Any]) -> list[Any]:
        """See the base class."""
        return [_dense(grad) for grad in grads]

    def measure_gradients(self, grads: Sequence[Any]) -> Any:
        """See the base class; with zeros as `MeasuredVariables` counts them."""
        return self._measured().measure_gradients(grads)

    def read_weights(self, variables: Sequence[keras.Variable]) -> Any:
        """See the base class."""
        return self._measured().read_weights(_values(variables))

    def measure_weights(self, before: Any, variables: Sequence[keras.Variable]) -> Any:
        """See the base class."""
        return self._measured().measure_weights(before, _values(variables))

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

    def _measured(self) -> MeasuredVariables:
        ring: Any = self.open_ring()
        measured: MeasuredVariables = ring.measured
        return measured


def _values(variables: Sequence[keras.Variable]) -> list[Any]:
    return [tf.convert_to_tensor(variable.value) for variable in variables]


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
