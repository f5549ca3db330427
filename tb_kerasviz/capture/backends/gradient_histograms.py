"""Counts the gradients of the one optimizer step that is wanted."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tb_kerasviz.analysis.octave_histogram import (
    LARGEST,
    MOMENTS,
    NONFINITE_EXPONENT,
    RAW_BINS,
    SMALLEST_NORMAL,
    ZERO_BIN,
    CountedGradients,
)

LANES = 128
"""Values that are reduced together before those of a variable are."""


class GradientHistograms(abc.ABC):
    """Waits in the train step until a step's gradients are wanted, then counts them.

    Between two such steps nothing is computed. The first step is always wanted.

    In the step, `offer` comes before the optimizer changes anything, and `write`
    after it, if it made a step. No error in them reaches the step.

    Args:
        variables: The V variables.

    Attributes:
        error: Why gradients could not be counted; None if they could.
    """

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        self.variables = list(variables)
        self.error: Exception | None = None
        self._sizes = [math.prod(variable.shape) for variable in self.variables]
        self._fill = [-size % LANES for size in self._sizes]
        self._pending = True
        self._last_step = -1

    # Outside of the step -----------------------------------------------------

    def want(self) -> None:
        """Asks for the next step."""
        self._pending = True
        self.ask()

    def take(self) -> CountedGradients | None:
        """The step that was wanted, once; None if it was not made yet."""
        if not self._pending:
            return None
        step = self.read_step()
        if step <= self._last_step:
            return None
        self._pending, self._last_step = False, step
        read, moments = self.read_counts()
        counts = np.array(read, np.int64)
        there = counts.any(axis=1)
        counts[there, NONFINITE_EXPONENT] -= np.array(self._fill)[there]
        return CountedGradients(step, counts, moments)

    @abc.abstractmethod
    def ask(self) -> None:
        """Tells the train step to count its next gradients."""

    @abc.abstractmethod
    def read_step(self) -> int:
        """The last step that was counted; -1 if none was."""

    @abc.abstractmethod
    def read_counts(self) -> tuple[Any, Any]:
        """What `count` gave of it."""

    # Inside of it ------------------------------------------------------------

    def offer(self, grads: Sequence[Any]) -> None:
        """Takes the gradients that the optimizer is given.

        Args:
            grads: V dense gradients, None where a variable has none.
        """
        self._guard(lambda: self.keep(grads))

    def write(self, step: Any) -> None:
        """Counts what was offered, if it is wanted.

        Args:
            step: Number of the step, an integer scalar of the backend.
        """
        self._guard(lambda: self.count_wanted(step))

    def _guard(self, action: Callable[[], None]) -> None:
        # The norms are measured whether or not this can be done.
        try:
            action()
        except Exception as error:  # noqa: BLE001 - whoever takes them tells of it
            self.error = error

    @abc.abstractmethod
    def keep(self, grads: Sequence[Any]) -> None:
        """Does what `offer` says."""

    @abc.abstractmethod
    def count_wanted(self, step: Any) -> None:
        """Does what `write` says."""

    @abc.abstractmethod
    def bits_of(self, tensor: Any) -> Any:
        """The bits of float32 values as int32."""

    def count(self, grads: Sequence[Any]) -> tuple[Any, Any]:
        """Counts gradients, all in one go: compilers are slow with many small ones.

        Returns:
            int32 `[V, RAW_BINS]`, and float32 `[V, 5]`, columns `MOMENTS`; zeros,
            and anything, where there is no gradient. What fills up the last lanes
            of a variable is counted as positive NaN.
        """
        total = len(self.variables)
        there = [
            at
            for at, grad in enumerate(grads)
            if grad is not None and self._sizes[at] > 0
        ]
        if not there:
            zeros = ops.zeros((total, RAW_BINS), "int32")
            return zeros, ops.zeros((total, len(MOMENTS)))
        table = ops.concatenate([self._lanes(at, grads[at]) for at in there])
        rows = [(self._sizes[at] + self._fill[at]) // LANES for at in there]
        ids = ops.convert_to_tensor(np.repeat(there, rows).astype(np.int32))
        bits = self.bits_of(table)
        # Without the mask, the shift would spread the sign over all that is left.
        places = ops.bitwise_and(ops.right_shift(bits, 23), 511)
        # By the bits, since many processors take subnormal values for zeros.
        is_zero = ops.equal(ops.bitwise_and(bits, 2**31 - 1), 0)
        finite = ops.not_equal(ops.bitwise_and(places, 255), NONFINITE_EXPONENT)
        bins = ops.where(is_zero, ZERO_BIN, places) + ids[:, None] * RAW_BINS
        counts = ops.segment_sum(
            ops.reshape(ops.ones_like(bits), (-1,)),
            ops.reshape(bins, (-1,)),
            total * RAW_BINS,
        )
        moments = _moments(table, finite, ids, total)
        return ops.reshape(counts, (total, RAW_BINS)), moments

    def _lanes(self, at: int, grad: Any) -> Any:
        """A gradient as float32 `[rows, LANES]`, filled up with NaN."""
        values = ops.reshape(grad, (self._sizes[at],))
        # A wide gradient of a narrow variable is the narrow one, before rounding.
        if keras.backend.standardize_dtype(self.variables[at].dtype) == "float64":
            values = _within_float32(values)
        values = ops.cast(values, "float32")
        if self._fill[at]:
            fill = ops.full((self._fill[at],), np.nan, "float32")
            values = ops.concatenate([values, fill])
        return ops.reshape(values, (-1, LANES))


def _moments(table: Any, finite: Any, ids: Any, total: int) -> Any:
    """`MOMENTS` of the finite values of each variable.

    Args:
        table: float32 `[R, LANES]`.
        finite: bool `[R, LANES]`.
        ids: int32 `[R]`: whose a row is.
        total: Number of variables, V.

    Returns:
        float32 `[V, 5]`.
    """

    def sums(values: Any) -> Any:
        return ops.segment_sum(ops.sum(values, axis=1), ids, total)

    def largest(values: Any) -> Any:
        known = ops.where(finite, values, np.float32(-np.inf))
        return ops.segment_max(ops.max(known, axis=1), ids, total)

    high, low = largest(table), -largest(-table)
    # Squares of gradients overflow, and those of small ones vanish.
    scale = ops.maximum(ops.maximum(high, -low), SMALLEST_NORMAL)
    unit = ops.where(finite, table, 0.0) / ops.take(scale, ids)[:, None]
    size = sums(ops.cast(finite, "float32"))
    mean = sums(unit) / size
    centred = ops.where(finite, unit - ops.take(mean, ids)[:, None], 0.0)
    return ops.stack(
        [
            low,
            high,
            mean * scale,
            ops.sqrt(sums(ops.square(centred)) / size) * scale,
            ops.sqrt(sums(ops.square(unit))) * scale,
        ],
        axis=1,
    )


def _within_float32(values: Any) -> Any:
    """Float64 values as the nearest ones, not zero, that float32 can hold."""
    size = ops.clip(ops.abs(values), SMALLEST_NORMAL, LARGEST)
    kept = ops.logical_and(ops.isfinite(values), ops.not_equal(values, 0))
    return ops.where(kept, ops.sign(values) * size, values)
