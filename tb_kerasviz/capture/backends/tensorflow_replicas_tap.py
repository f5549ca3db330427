"""Measures the optimizer's steps under `tf.distribute`, where it runs per replica."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from tb_kerasviz.capture.backends.interface import TapTarget, UnsupportedError
from tb_kerasviz.capture.backends.method_hook import MethodHook
from tb_kerasviz.capture.backends.optimizer_tap import Measure
from tb_kerasviz.capture.backends.tensorflow_measures import square_sum
from tb_kerasviz.capture.backends.tensorflow_tap import TensorFlowTap


def has_replicas(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether an optimizer's steps are made in several replicas."""
    strategies = [
        tf.distribute.get_strategy(),
        # `fit` calls callbacks outside of the scope of its strategy.
        getattr(optimizer, "_distribution_strategy", None),
    ]
    return any(s is not None and s.num_replicas_in_sync > 1 for s in strategies)


class ReplicasTap(TensorFlowTap):
    """Only the first replica measures, so a step gives one row.

    It takes the gradients as the optimizer itself sums them over the replicas.
    What is clipped is clipped before that, in each replica; only then they are
    summed once more, as they were before.

    Raises:
        UnsupportedError: The optimizer accumulates gradients.
    """

    def __init__(self, target: TapTarget) -> None:
        self._reduced: dict[int, Any] = {}
        optimizer = getattr(target.optimizer, "inner_optimizer", target.optimizer)
        if optimizer.gradient_accumulation_steps:
            raise UnsupportedError(
                "gradient and update norms are not read where gradients are "
                "accumulated under tf.distribute; everything else is logged"
            )
        super().__init__(target)

    def install(self) -> list[MethodHook]:
        """See the base class."""
        name = "_all_reduce_sum_gradients"
        return [*super().install(), MethodHook(self.optimizer, name, self._reduce)]

    def keep_loss(self, loss: Any) -> Any:
        """See the base class; each replica has its share of it."""
        total = _sum_over_replicas([tf.cast(loss, tf.float32)])[0]
        return total if _is_first() else self._loss

    def count_attempt(self) -> None:
        """See the base class."""
        if _is_first():
            super().count_attempt()

    def prepare(
        self, grads: Sequence[Any], known: Sequence[keras.Variable] | None
    ) -> Measure | None:
        """See the base class."""
        optimizer = self.optimizer
        if known is None:
            known = optimizer._trainable_variables
        clips = any(
            (optimizer.clipnorm, optimizer.global_clipnorm, optimizer.clipvalue)
        )
        given: list[Any] = []
        if clips:
            # Every replica has to take part in it.
            there = self.as_applied(self.to_dense(grads), known)
            given = _sum_over_replicas(there)
        if not _is_first():
            return None
        ring = self.open_ring()
        lasting = self.measure_lasting()
        before = self.read_weights(ring.variables)
        self.count_applied()

        def measure() -> None:
            handles = [id(variable.value) for variable in ring.variables]
            reduced = self.to_dense([self._reduced.get(one) for one in handles])
            by_index, clipped = reduced, float("nan")
            if clips:
                by_variable = dict(zip(map(id, known), given, strict=True))
                by_index = [by_variable.get(id(one)) for one in ring.variables]
                clipped = tf.add_n([square_sum(g) for g in reduced if g is not None])
            self._reduced = {}
            if self.histograms is not None:
                self.histograms.offer(by_index)
            self.write(
                ring,
                self.measure_gradients(by_index),
                self.measure_weights(before, ring.variables),
                self.stack_totals({**lasting, "clipped_square": clipped}),
            )

        return measure

    def _reduce(self, original: Callable[..., Any], grads_and_vars: Any) -> Any:
        result = original(grads_and_vars)
        self.guarded(lambda: self._keep(result))
        return result

    def _keep(self, grads_and_vars: Any) -> None:
        if _is_first():
            self._reduced = {id(variable): grad for grad, variable in grads_and_vars}


def _is_first() -> bool:
    """Whether this is traced for the first of the replicas.

    Raises:
        UnsupportedError: That is only known while the step runs.
    """
    context = tf.distribute.get_replica_context()
    if context is None:
        return True
    number = tf.get_static_value(context.replica_id_in_sync_group)
    if number is None:
        raise UnsupportedError("replicas that share one trace are not measured")
    return int(number) == 0


def _sum_over_replicas(tensors: Sequence[Any]) -> list[Any]:
    """Sums of each over all replicas; None stays None.

    By copies, not by a collective operation: TensorFlow numbers those, and
    takes one more of them for that of another strategy before.
    """
    there = [tensor for tensor in tensors if tensor is not None]
    context = tf.distribute.get_replica_context()
    if context is None or not there:
        return list(tensors)

    def add(strategy: tf.distribute.Strategy, given: Sequence[Any]) -> list[Any]:
        return [tf.add_n(strategy.experimental_local_results(one)) for one in given]

    found = iter(context.merge_call(add, args=(there,)))
    return [None if tensor is None else next(found) for tensor in tensors]
