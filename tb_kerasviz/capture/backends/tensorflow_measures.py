"""Sums over gradients and weights on TensorFlow, in few operations.

What a small variable costs is the start of each operation on it, some
microseconds, not its elements. So small ones are measured together: they are
put one after the other into rows of `LANES` elements, the rows are summed up,
and then the rows of each variable.

Only what XLA compiles too: a train step may be compiled as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

SMALL = 1 << 13
"""Elements up to which variables are measured together."""

LANES = 64

Array = np.ndarray[Any, Any]

_NONE = (np.nan, 0.0, np.nan)


class MeasuredVariables:
    """V variables, by how they are measured.

    Args:
        shapes: Their shapes.
    """

    def __init__(self, shapes: Sequence[Sequence[int]]) -> None:
        self._sizes = [math.prod(shape) for shape in shapes]
        packed, _ = self._by_size(range(len(self._sizes)))
        self._padding = np.zeros(len(self._sizes), np.float32)
        self._padding[packed.at] = packed.padding

    def zero_shares(self, counts: Array) -> Array:
        """Shares of zeros, of what `measure_gradients` counted.

        Not in the graph, where TensorFlow would multiply by the inverse.

        Args:
            counts: float32 `[T, V]`.
        """
        shares: Array = (counts - self._padding) / np.maximum(1, self._sizes)
        return shares.astype(np.float32)

    def measure_gradients(self, grads: Sequence[Any]) -> Any:
        """Measures gradients.

        Args:
            grads: V dense gradients, None where a variable has none.

        Returns:
            float32 `[V, 3]`: sum of squares, elements that are not finite,
            zeros, with those that fill rows: `zero_shares` makes shares of them.
        """
        there = [i for i, grad in enumerate(grads) if grad is not None]
        packed, single = self._by_size(there)
        parts = []
        if packed.at:
            parts.append(packed.sums(_terms_of_gradients, packed.join(grads)))
        if single:
            large = [tf.cast(grads[i], tf.float32) for i in single]
            squares = tf.stack([square_sum(grad) for grad in large])
            zeros = [tf.reduce_sum(_indicate(tf.equal(grad, 0))) for grad in large]
            columns = [squares, _count_nonfinite(large, squares), tf.stack(zeros)]
            parts.append(tf.stack(columns, axis=1))
        none = [i for i, grad in enumerate(grads) if grad is None]
        if none:
            parts.append(tf.constant([_NONE] * len(none), tf.float32))
        return _ordered(_concatenated(parts), [*packed.at, *single, *none])

    def read_weights(self, values: Sequence[Any]) -> Any:
        """What `measure_weights` needs of the weights before a step.

        Args:
            values: V tensors.
        """
        packed, single = self._by_size(range(len(values)))
        # Where they are not copied, the step does it, which writes elsewhere.
        joined = packed.join(values) if packed.at else None
        return joined, [tf.cast(values[i], tf.float32) for i in single]

    def measure_weights(self, before: Any, values: Sequence[Any]) -> Any:
        """Measures weights after a step.

        Args:
            before: What `read_weights` gave before it.
            values: V tensors.

        Returns:
            float32 `[V, 3]`: sum of squares of the change and of the weights,
            weights that are not finite.
        """
        packed, single = self._by_size(range(len(values)))
        (joined, singles), (new_joined, large) = before, self.read_weights(values)
        parts = []
        if packed.at:
            parts.append(packed.sums(_terms_of_weights, joined, new_joined))
        if single:
            squares = tf.stack([square_sum(new) for new in large])
            changes = [
                square_sum(new - old) for old, new in zip(singles, large, strict=True)
            ]
            columns = [tf.stack(changes), squares, _count_nonfinite(large, squares)]
            parts.append(tf.stack(columns, axis=1))
        return _ordered(_concatenated(parts), [*packed.at, *single])

    def _by_size(self, there: Sequence[int]) -> tuple[_Packed, list[int]]:
        single = [i for i in there if self._sizes[i] > SMALL]
        at = [i for i in there if self._sizes[i] <= SMALL]
        return _Packed(at, [self._sizes[i] for i in at]), single


class _Packed:
    """Small variables, one after the other in rows of `LANES` elements.

    Args:
        at: Which of all variables they are.
        sizes: Their elements.

    Attributes:
        at: As given.
        padding: Zeros that fill the last row of each.
    """

    def __init__(self, at: list[int], sizes: Sequence[int]) -> None:
        self.at = at
        rows = [-(-size // LANES) for size in sizes]
        self.padding = [
            LANES * count - size for count, size in zip(rows, sizes, strict=True)
        ]
        self._owners = np.repeat(np.arange(len(rows), dtype=np.int32), rows)

    def join(self, tensors: Sequence[Any]) -> Any:
        """The rows, float32 `[R, LANES]`, of those of all variables."""
        flat: list[Any] = []
        for i, padding in zip(self.at, self.padding, strict=True):
            flat.append(tf.reshape(tf.cast(tensors[i], tf.float32), [-1]))
            if padding:
                flat.append(np.zeros(padding, np.float32))
        return tf.reshape(tf.concat(flat, 0), [-1, LANES])

    def sums(self, terms: Callable[..., Sequence[Any]], *rows: Any) -> Any:
        """Sums of what `terms` makes of rows, for each variable, as columns."""
        of_rows = [tf.reduce_sum(term, axis=1) for term in terms(*rows)]
        return tf.math.unsorted_segment_sum(
            tf.stack(of_rows, axis=1), self._owners, len(self.at)
        )


def square_sum(tensor: Any) -> Any:
    """Sum of squares of a tensor: a float32 scalar."""
    return tf.cast(2 * tf.nn.l2_loss(tensor), tf.float32)


def _terms_of_gradients(rows: Any) -> list[Any]:
    bad = _indicate(tf.logical_not(tf.math.is_finite(rows)))
    return [tf.square(rows), bad, _indicate(tf.equal(rows, 0))]


def _terms_of_weights(old: Any, new: Any) -> list[Any]:
    bad = _indicate(tf.logical_not(tf.math.is_finite(new)))
    return [tf.math.squared_difference(new, old), tf.square(new), bad]


def _indicate(condition: Any) -> Any:
    return tf.cast(condition, tf.float32)


def _count_nonfinite(tensors: Sequence[Any], squares: Any) -> Any:
    """How many elements of each are NaN or infinite, as one float32 vector.

    A tensor whose sum of squares is finite has none, so that they are looked
    at only once there are some.
    """

    def count() -> Any:
        bad = [_indicate(tf.logical_not(tf.math.is_finite(t))) for t in tensors]
        return tf.stack([tf.reduce_sum(one) for one in bad])

    finite = tf.reduce_all(tf.math.is_finite(squares))
    return tf.cond(finite, lambda: tf.zeros(len(tensors)), count)


def _concatenated(parts: Sequence[Any]) -> Any:
    return parts[0] if len(parts) == 1 else tf.concat(parts, 0)


def _ordered(rows: Any, at: Sequence[int]) -> Any:
    """Rows, of which each is told its place, in their places."""
    places = np.argsort(at)
    if np.array_equal(places, np.arange(len(at))):
        return rows
    return tf.gather(rows, places)
