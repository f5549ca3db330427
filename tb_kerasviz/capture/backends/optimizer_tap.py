"""What the taps of all backends have in common."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tb_kerasviz.analysis.step_measurements import (
    TAP_STEP_COLUMNS,
    StepMeasurements,
)
from tb_kerasviz.capture.backends.gradient_histograms import GradientHistograms
from tb_kerasviz.capture.backends.interface import (
    DynamicsTap,
    TapTarget,
    UnsupportedError,
)
from tb_kerasviz.capture.backends.method_hook import MethodHook

Measure = Callable[[], None]


class Ring(abc.ABC):
    """The last measurements of some variables, on the device.

    Args:
        variables: The V variables.
    """

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        self.variables = list(variables)
        self.index = {id(v): i for i, v in enumerate(self.variables)}

    @abc.abstractmethod
    def write(self, step: Any, rows: Any, totals: Any) -> None:
        """Keeps a step; called inside the train step.

        Args:
            step: Its number, an integer scalar of the backend.
            rows: float32 `[V, 6]`, columns `TAP_COLUMNS`.
            totals: float32 `[6]`, columns `TAP_STEP_COLUMNS`.
        """

    @abc.abstractmethod
    def read(self) -> StepMeasurements:
        """All that is kept, in no order, unused places with step -1."""


class OptimizerTap(DynamicsTap):
    """Stands around `optimizer.apply`, in whichever way the train step runs.

    A loss scale optimizer unscales the gradients, skips bad steps, and then
    calls the optimizer inside of it: that one is measured.

    No error in here reaches the train step: it is kept for `read`.

    Args:
        target: What to measure.
    """

    def __init__(self, target: TapTarget) -> None:
        self.target = target
        self.outer = target.optimizer
        self.optimizer = getattr(self.outer, "inner_optimizer", self.outer)
        self.error: Exception | None = None
        self._ring = self._create_ring() if target.built else None
        self._last_read = -1
        self._loss: Any = None
        self._checked = False
        self._hooks = self.install()

    # What a backend gives ----------------------------------------------------

    @abc.abstractmethod
    def create_ring(self, variables: Sequence[keras.Variable]) -> Ring:
        """Makes the ring; perhaps while the first step is traced."""

    @abc.abstractmethod
    def create_histograms(self, ring: Ring) -> GradientHistograms:
        """Makes what counts gradients, together with the ring."""

    @abc.abstractmethod
    def to_dense(self, grads: Sequence[Any]) -> list[Any]:
        """Gradients as dense tensors that may be read; None stays None."""

    @abc.abstractmethod
    def measure_gradients(self, grads: Sequence[Any]) -> Any:
        """Measures gradients.

        Args:
            grads: V dense gradients, None where a variable has none.

        Returns:
            float32 `[V, 3]`: sum of squares, elements that are not finite,
            share of zeros; NaN, 0 and NaN where there is no gradient.
        """

    @abc.abstractmethod
    def read_weights(self, variables: Sequence[keras.Variable]) -> Any:
        """The weights as they are now, for `measure_weights`."""

    @abc.abstractmethod
    def measure_weights(self, before: Any, variables: Sequence[keras.Variable]) -> Any:
        """Measures weights after a step.

        Args:
            before: What `read_weights` gave before it.
            variables: The V variables.

        Returns:
            float32 `[V, 3]`: sum of squares of the change and of the weights,
            weights that are not finite.
        """

    def readable(self, tensor: Any) -> Any:
        """A number of the train step, read so that it is computed as without us."""
        return tensor

    def keep_loss(self, loss: Any) -> Any:
        """A loss as it may be kept until the step is measured."""
        return loss

    def known_loss(self, loss: Any) -> Any:
        """The loss that was kept; None if it can not be read here."""
        return loss

    def judge_loss(self, loss: Any) -> tuple[Any, Any]:
        """The mean of a loss as float32, and whether that is not finite."""
        mean = ops.mean(ops.cast(loss, "float32"))
        return mean, ops.logical_not(ops.isfinite(mean))

    def when(self, condition: Any, action: Measure) -> None:
        """Runs an action in the train step only where a condition holds."""
        ops.cond(condition, action, lambda: None)

    def count_attempt(self) -> None:
        """Notes that the loss scale optimizer was given gradients."""

    def take_skipped(self) -> Any:
        """How many of those were left out since the last measured step."""
        return 0.0

    def count_applied(self) -> None:
        """Notes that the optimizer was given some of them."""

    # -------------------------------------------------------------------------

    def install(self) -> list[MethodHook]:
        """Puts the hooks where they are called from."""
        hooks = [
            MethodHook(self.optimizer, "apply", self._apply),
            MethodHook(self.outer, "scale_loss", self._scale_loss),
        ]
        if self.outer is not self.optimizer:
            hooks.append(MethodHook(self.outer, "apply", self._attempt))
        return hooks

    def remove(self) -> None:
        """See the base class."""
        for hook in self._hooks:
            hook.remove()

    def read(self) -> StepMeasurements:
        """See the base class."""
        if self.error is not None:
            error, self.error = self.error, None
            raise UnsupportedError(
                f"the optimizer's step could not be measured: {error}"
            ) from error
        if self._ring is None:  # No step was traced yet.
            return StepMeasurements.none()
        kept = self._ring.read()
        fresh = np.flatnonzero(kept.steps > self._last_read)
        fresh = fresh[np.argsort(kept.steps[fresh], kind="stable")]
        if fresh.size:
            self._last_read = int(kept.steps[fresh[-1]])
        return StepMeasurements(
            kept.steps[fresh], kept.variables[fresh], kept.totals[fresh]
        )

    def open_ring(self) -> Ring:
        """The ring; models without declared inputs are built by their first step."""
        if self._ring is None:
            self._ring = self._create_ring()
        return self._ring

    def _create_ring(self) -> Ring:
        ring = self.create_ring(self.target.get_variables())
        if self.target.gradient_histograms:
            self.histograms = self.create_histograms(ring)
        return ring

    def guarded(self, action: Callable[[], Any]) -> Any:
        """Runs an action, and keeps its error; None then."""
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - read() tells of it
            self.error = error
            return None

    def _scale_loss(self, original: Callable[..., Any], loss: Any) -> Any:
        self._loss = self.guarded(lambda: self.keep_loss(loss))
        return original(loss)

    def _attempt(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.guarded(self.count_attempt)
        return original(*args, **kwargs)

    def _apply(
        self,
        original: Callable[..., Any],
        grads: Any,
        trainable_variables: Any = None,
    ) -> Any:
        grads = list(grads)
        if trainable_variables is not None:
            trainable_variables = list(trainable_variables)
        # Most errors happen while tracing. The step itself must go on.
        measure = self.guarded(lambda: self.prepare(grads, trainable_variables))
        result = original(grads, trainable_variables)
        if measure is not None:
            self.guarded(measure)
        return result

    def prepare(
        self, grads: Sequence[Any], known: Sequence[keras.Variable] | None
    ) -> Measure | None:
        """Reads what the optimizer is about to change.

        Args:
            grads: The gradients.
            known: Their variables; None for all of the optimizer's.

        Returns:
            What measures the step after it was made; None if there is nothing
            to measure.
        """
        ring, optimizer = self.open_ring(), self.optimizer
        if known is None:
            known = optimizer._trainable_variables
        if len(grads) != len(known):
            raise UnsupportedError(
                f"it was given {len(grads)} gradients for {len(known)} variables; "
                "it must be given one for each, None where there is none"
            )
        if not self._checked:  # Once: on PyTorch this is every step.
            _check_shapes(grads, known)
            self._checked = True
        applied = self.as_applied(self.to_dense(grads), known)
        by_index: list[Any] = [None] * len(ring.variables)
        for grad, variable in zip(applied, known, strict=True):
            if id(variable) in ring.index:
                by_index[ring.index[id(variable)]] = grad
        of_grads = self.measure_gradients(by_index)
        if self.histograms is not None:
            self.histograms.offer(by_index)
        clipped = self.clipped_square(of_grads, by_index)
        totals = self.stack_totals(
            {**self.measure_lasting(), "clipped_square": clipped}
        )
        before = self.read_weights(ring.variables)
        self.count_applied()

        def measure() -> None:
            of_weights = self.measure_weights(before, ring.variables)
            self.write(ring, of_grads, of_weights, totals)

        return measure

    def as_applied(
        self, grads: Sequence[Any], known: Sequence[keras.Variable]
    ) -> list[Any]:
        """Gradients without a scale, and with those that were accumulated."""
        optimizer = self.optimizer
        if optimizer.gradient_accumulation_steps:
            return self._accumulated(grads, known)
        scale = optimizer.loss_scale_factor
        if scale is None:
            return list(grads)
        return [grad if grad is None else grad / scale for grad in grads]

    def clipped_square(self, of_grads: Any, grads: Sequence[Any]) -> Any:
        """Sum of squares of all gradients as the optimizer clips them.

        By the norms that were measured, so that nothing is computed twice.

        Args:
            of_grads: What `measure_gradients` gave.
            grads: The V gradients.

        Returns:
            A scalar; NaN where nothing is clipped.
        """
        optimizer = self.optimizer
        there = [i for i, grad in enumerate(grads) if grad is not None]
        if not there:
            return float("nan")
        if optimizer.clipnorm and optimizer.clipnorm > 0:
            norms = ops.sqrt(ops.take(of_grads[:, 0], there))
            most = optimizer.clipnorm
            return ops.sum(ops.square(norms * (most / ops.maximum(norms, most))))
        if optimizer.global_clipnorm and optimizer.global_clipnorm > 0:
            most = optimizer.global_clipnorm
            norm = ops.sqrt(ops.sum(ops.take(of_grads[:, 0], there)))
            return ops.square(norm * (most / ops.maximum(norm, most)))
        if optimizer.clipvalue and optimizer.clipvalue > 0:
            most = optimizer.clipvalue
            squares = [
                ops.cast(
                    ops.sum(ops.square(ops.clip(grads[i], -most, most))), "float32"
                )
                for i in there
            ]
            return ops.sum(ops.stack(squares))
        return float("nan")

    def step_number(self) -> Any:
        """Steps that were made, after this one, as an integer scalar."""
        counts = [ops.cast(one.iterations, "int64") for one in self._clocks()]
        return counts[0] if len(counts) == 1 else ops.max(ops.stack(counts))

    def write(self, ring: Ring, of_grads: Any, of_weights: Any, totals: Any) -> None:
        """Puts a step into the ring, if the optimizer made one."""
        rows = self.join_rows(of_grads, of_weights)
        every = self.optimizer.gradient_accumulation_steps

        def store() -> None:
            step = self.step_number()
            ring.write(step, rows, self.finish_totals(totals))
            if self.histograms is not None:
                self.histograms.write(step)

        if not every:
            store()
            return
        # A step of the optimizer is one that applies what it accumulated.
        counter = ops.convert_to_tensor(self.optimizer._iterations)
        self.when(ops.equal(ops.mod(counter, every), 0), store)

    def join_rows(self, of_grads: Any, of_weights: Any) -> Any:
        """Both measurements of the variables: float32 `[V, 6]`, `TAP_COLUMNS`."""
        return ops.concatenate([of_grads, of_weights], axis=1)

    def finish_totals(self, totals: Any) -> Any:
        """What `stack_totals` gave with the last one: float32 `[6]`."""
        skipped = ops.reshape(ops.cast(self.take_skipped(), "float32"), (1,))
        return ops.concatenate([totals, skipped])

    def _clocks(self) -> list[keras.optimizers.Optimizer]:
        return [
            getattr(one, "inner_optimizer", one) for one in self.target.all_optimizers
        ]

    def _accumulated(
        self, grads: Sequence[Any], known: Sequence[keras.Variable]
    ) -> list[Any]:
        """The gradients as they are applied when this is the last batch."""
        optimizer = self.optimizer
        every = optimizer.gradient_accumulation_steps
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
            value = ops.cast(ops.convert_to_tensor(sums.value), grad.dtype)
            accumulated.append(grad / factor + value / every)
        return accumulated

    def measure_lasting(self) -> dict[str, Any]:
        """What holds for a whole step and is known before it, by name."""
        loss, self._loss = self._loss, None
        if loss is not None:
            loss = self.known_loss(loss)
        if loss is None:
            loss, bad = float("nan"), 0.0
        else:
            loss, bad = self.judge_loss(loss)
        scale: Any = self.optimizer.loss_scale_factor
        if self.outer is not self.optimizer:
            scale = self.outer.dynamic_scale
        rate = ops.convert_to_tensor(self.optimizer.learning_rate)
        return {
            "learning_rate": self.readable(rate),
            "loss": loss,
            "loss_nonfinite": bad,
            "loss_scale": float("nan") if scale is None else scale,
        }

    def stack_totals(self, numbers: dict[str, Any]) -> Any:
        """All of `TAP_STEP_COLUMNS` but the last, by name: float32 `[5]`."""
        return ops.stack(
            [ops.cast(numbers[name], "float32") for name in TAP_STEP_COLUMNS[:-1]]
        )


def _check_shapes(grads: Sequence[Any], known: Sequence[keras.Variable]) -> None:
    for grad, variable in zip(grads, known, strict=True):
        # Not all of it is known while TensorFlow traces.
        if grad is None or getattr(grad.shape, "rank", 0) is None:
            continue
        received, wanted = tuple(grad.shape), tuple(variable.shape)
        same_rank = len(received) == len(wanted)
        if not same_rank or any(
            n is not None and n != m for n, m in zip(received, wanted, strict=True)
        ):
            raise UnsupportedError(
                f"it was given a gradient of shape {received} for {variable.path}, "
                f"which has the shape {wanted}"
            )
