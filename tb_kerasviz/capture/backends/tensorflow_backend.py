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

MAX_FACTORS = 16


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

    def create_tap(
        self,
        optimizer: keras.optimizers.Optimizer,
        get_variables: Callable[[], Sequence[keras.Variable]],
        capacity: int,
        *,
        built: bool,
    ) -> DynamicsTap:
        """See the base class."""
        strategies = [
            tf.distribute.get_strategy(),
            # `fit` calls callbacks outside of the scope of its strategy.
            getattr(optimizer, "_distribution_strategy", None),
        ]
        if any(s is not None and s.num_replicas_in_sync > 1 for s in strategies):
            raise UnsupportedError(
                "gradient and update norms are not read under tf.distribute with "
                "more than one replica; everything else is logged"
            )
        return _TensorFlowTap(optimizer, get_variables, capacity, built=built)


class _Ring:
    """The last measurements of the variables, on the device.

    They live in variables that neither the optimizer nor the model tracks, so
    that no checkpoint ever holds them.
    """

    def __init__(self, variables: Sequence[keras.Variable], capacity: int) -> None:
        self.variables = list(variables)
        self.index = {id(v): i for i, v in enumerate(variables)}
        self.capacity = capacity
        shape = (capacity, len(variables), len(TAP_COLUMNS))
        self.rows = tf.Variable(tf.zeros(shape), trainable=False)
        self.steps = tf.Variable(
            tf.fill([capacity], tf.constant(-1, tf.int64)), trainable=False
        )

    def values(self) -> list[Any]:
        return [tf.convert_to_tensor(v.value) for v in self.variables]

    def write(self, step: Any, rows: Any) -> None:
        slot = tf.reshape(step % self.capacity, [1, 1])
        self.rows.scatter_nd_update(slot, rows[tf.newaxis])
        self.steps.scatter_nd_update(slot, tf.reshape(step, [1]))


class _TensorFlowTap(DynamicsTap):
    """Wraps `optimizer.apply` on the instance."""

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        get_variables: Callable[[], Sequence[keras.Variable]],
        capacity: int,
        *,
        built: bool,
    ) -> None:
        # A loss scale optimizer unscales the gradients, skips bad steps, and
        # then calls the optimizer inside of it.
        self._optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        self._get_variables = get_variables
        self._capacity = capacity
        self._ring = _Ring(get_variables(), capacity) if built else None
        self._last_read = -1
        self.error: Exception | None = None
        self.active = True
        # Another tap's wrapper, if there is one.
        self._previous = self._optimizer.__dict__.get("apply")
        # Straight into __dict__: the optimizer tracks what is assigned to its
        # attributes, and must not come to hold anything of ours.
        self._optimizer.__dict__["apply"] = self._create_wrapper(self._optimizer.apply)

    def remove(self) -> None:
        """See the base class."""
        self.active = False
        attributes = self._optimizer.__dict__
        # Two callbacks end in the order in which they began: the first one's
        # wrapper can only go when the second one's, around it, does.
        while True:
            tap = getattr(attributes.get("apply"), "kerasviz_tap", None)
            if tap is None or tap.active:
                return
            if tap._previous is None:
                del attributes["apply"]
            else:
                attributes["apply"] = tap._previous

    def read(self) -> tuple[Array, Array]:
        """See the base class."""
        if self.error is not None:
            error, self.error = self.error, None
            raise UnsupportedError(
                f"the optimizer's step could not be measured: {error}"
            ) from error
        if self._ring is None:  # No step was traced yet.
            return np.zeros(0, np.int64), np.zeros((0, 0, len(TAP_COLUMNS)), np.float32)
        steps = self._ring.steps.numpy()
        fresh = np.flatnonzero(steps > self._last_read)
        fresh = fresh[np.argsort(steps[fresh], kind="stable")]
        if not fresh.size:
            shape = (0, *self._ring.rows.shape[1:])
            return steps[fresh], np.zeros(shape, np.float32)
        self._last_read = int(steps[fresh[-1]])
        return steps[fresh], self._ring.rows.numpy()[fresh]

    def _create_wrapper(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def apply(grads: Any, trainable_variables: Any = None) -> Any:
            if not self.active:
                return original(grads, trainable_variables)
            grads = list(grads)
            if trainable_variables is not None:
                trainable_variables = list(trainable_variables)
            # Errors happen while tracing. The step itself must go on.
            measure = None
            try:
                measure = self._prepare(grads, trainable_variables)
            except Exception as error:  # noqa: BLE001 - read() tells of it
                self.error = error
            result = original(grads, trainable_variables)
            try:
                if measure is not None:
                    measure()
            except Exception as error:  # noqa: BLE001 - read() tells of it
                self.error = error
            return result

        wrapped: Any = tf.autograph.experimental.do_not_convert(apply)
        wrapped.kerasviz_tap = self
        wrapper: Callable[..., Any] = wrapped
        return wrapper

    def _prepare(
        self, grads: Sequence[Any], known: Sequence[keras.Variable] | None
    ) -> Callable[[], None]:
        """Reads what the optimizer is about to change.

        Args:
            grads: The gradients.
            known: Their variables; None for all of the optimizer's.

        Returns:
            What measures the step after it was made.
        """
        optimizer = self._optimizer
        if self._ring is None:
            # Models without declared inputs are built by their first step.
            with tf.init_scope():
                self._ring = _Ring(self._get_variables(), self._capacity)
        ring = self._ring
        if known is None:
            known = optimizer._trainable_variables
        dense = [_dense(g) for g in grads]
        every = optimizer.gradient_accumulation_steps
        if every:
            dense = self._accumulated(dense, known, every)
        elif optimizer.loss_scale_factor is not None:
            dense = [g if g is None else g / optimizer.loss_scale_factor for g in dense]
        by_index = {
            ring.index[id(v)]: g
            for g, v in zip(dense, known, strict=True)
            if id(v) in ring.index
        }
        before = ring.values()

        def measure() -> None:
            rows = [
                _measure_variable(by_index.get(i), old, new)
                for i, (old, new) in enumerate(zip(before, ring.values(), strict=True))
            ]
            step = tf.cast(tf.convert_to_tensor(optimizer.iterations), tf.int64)
            if not every:
                ring.write(step, tf.stack(rows))
                return
            counter = tf.convert_to_tensor(optimizer._iterations.value)
            # A step of the optimizer is one that applies what it accumulated.
            tf.cond(
                tf.equal(counter % every, 0),
                lambda: ring.write(step, tf.stack(rows)),
                lambda: None,
            )

        return measure

    def _accumulated(
        self, grads: Sequence[Any], known: Sequence[keras.Variable], every: int
    ) -> list[Any]:
        """The gradients as they are applied when this is the last batch."""
        optimizer = self._optimizer
        if not optimizer.built:
            # As `apply` does itself, which comes too late for us.
            with keras.name_scope(optimizer.name, caller=optimizer):
                optimizer.build(known)
            optimizer.built = True
        factor = every * (optimizer.loss_scale_factor or 1.0)
        accumulated: list[Any] = []
        for grad, variable in zip(grads, known, strict=True):
            sums = optimizer._accumulated_gradients[
                optimizer._get_variable_index(variable)
            ]
            if grad is None or sums is None:
                accumulated.append(grad)
                continue
            value = tf.cast(tf.convert_to_tensor(sums.value), grad.dtype)
            accumulated.append(grad / factor + value / every)
        return accumulated


def _measure_variable(grad: Any, old: Any, new: Any) -> Any:
    """One variable's row of a step: float32 `[4]`, see `TAP_COLUMNS`."""
    new, old = tf.cast(new, tf.float32), tf.cast(old, tf.float32)
    if grad is None:
        square, bad = tf.constant(np.nan, tf.float32), tf.constant(0.0)
    else:
        square = _square_sum(grad)
        finite = tf.math.is_finite(grad)
        bad = tf.reduce_sum(tf.cast(tf.logical_not(finite), tf.float32))
    return tf.stack([square, _square_sum(new - old), _square_sum(new), bad])


def _square_sum(tensor: Any) -> Any:
    return tf.cast(tf.reduce_sum(tf.square(tensor)), tf.float32)


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
