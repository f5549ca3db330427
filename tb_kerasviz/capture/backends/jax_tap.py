"""Measures the optimizer's steps on JAX, where a step is a pure function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import keras
import numpy as np
from jax import numpy as jnp
from keras import ops

from tb_kerasviz.analysis.step_measurements import (
    TAP_COLUMNS,
    TAP_STEP_COLUMNS,
    StepMeasurements,
)
from tb_kerasviz.capture.backends.gradient_histograms import GradientHistograms
from tb_kerasviz.capture.backends.interface import TapTarget
from tb_kerasviz.capture.backends.jax_histograms import KEY, JaxHistograms
from tb_kerasviz.capture.backends.jax_measures import (
    measure_gradients,
    measure_weights,
)
from tb_kerasviz.capture.backends.method_hook import MethodHook
from tb_kerasviz.capture.backends.optimizer_tap import OptimizerTap, Ring

State = dict[str, Any]

_LOSS = TAP_STEP_COLUMNS.index("loss")
_LOSS_NONFINITE = TAP_STEP_COLUMNS.index("loss_nonfinite")


class JaxRing(Ring):
    """A ring that the train step takes and gives back.

    Neither the model nor the optimizer knows of it, and reading it waits for
    the last step, but brings nothing back into the model's variables.

    Args:
        variables: The V variables.
        capacity: Steps to keep.

    Attributes:
        state: Arrays `rows` float32 `[capacity, V, 6]`, `totals` float32
            `[capacity, 6]`, `steps` int32 `[capacity]`, and `skipped`, the
            batches that were left out since the last step.
    """

    def __init__(self, variables: Sequence[keras.Variable], capacity: int) -> None:
        super().__init__(variables)
        self.capacity = capacity
        shape = (capacity, len(self.variables), len(TAP_COLUMNS))
        self.state: State = {
            "rows": jnp.zeros(shape),
            "totals": jnp.zeros((capacity, len(TAP_STEP_COLUMNS))),
            "steps": jnp.full((capacity,), -1, jnp.int32),
            "skipped": jnp.zeros(()),
        }
        self._histograms: JaxHistograms | None = None
        self._traced: State = {}
        self._written: list[tuple[Any, Any, Any]] = []

    def add_histograms(self) -> JaxHistograms:
        """Makes what counts gradients, with its state in this one's."""
        self._histograms = JaxHistograms(self.variables, lambda: self.state)
        self.state[KEY] = self._histograms.first_state()
        return self._histograms

    def begin(self, state: State) -> None:
        """Takes the state as the step was given it."""
        self._traced = dict(state)
        self._written = []
        if self._histograms is not None:
            self._histograms.begin(state[KEY])

    def count_skipped(self, skipped: Any) -> None:
        """Counts a batch if it was left out, a boolean scalar."""
        self._traced["skipped"] += jnp.asarray(skipped, jnp.float32)

    def write(self, step: Any, rows: Any, totals: Any) -> None:
        """See the base class; a step of -1 is none.

        Args:
            step: As there.
            rows: As there.
            totals: As there, without the last one, `[5]`.
        """
        skipped = self._traced["skipped"]
        self._traced["skipped"] = jnp.where(step < 0, skipped, 0.0)
        totals = jnp.append(totals, skipped)
        self._written.append((jnp.asarray(step, jnp.int32), rows, totals))

    def finish(self, loss: Any) -> State:
        """The state after the step.

        Args:
            loss: Its loss, None if that is not known.
        """
        state, self._traced = self._traced, {}
        written, self._written = self._written, []
        for step, rows, known in written:
            totals = known
            if loss is not None:
                bad = ~jnp.isfinite(loss)
                totals = known.at[_LOSS].set(loss).at[_LOSS_NONFINITE].set(bad)
            # Beyond the last place, and so nowhere, if no step was made.
            slot = jnp.where(step < 0, self.capacity, step % self.capacity)
            new = {"rows": rows, "totals": totals, "steps": step}
            for name, value in new.items():
                state[name] = state[name].at[slot].set(value, mode="drop")
        if self._histograms is not None:
            state[KEY] = self._histograms.finish()
        return state

    def read(self) -> StepMeasurements:
        """See the base class."""
        # A copy: the next step is given these arrays' memory.
        state = self.state
        return StepMeasurements(
            np.array(state["steps"], np.int64),
            np.array(state["rows"]),
            np.array(state["totals"]),
        )


class JaxTap(OptimizerTap):
    """Stands around `optimizer.stateless_apply`, while a step is traced.

    That of a loss scale optimizer too: the one inside of it is called within
    a condition, from which nothing can be taken out.

    Args:
        target: What to measure.
    """

    def __init__(self, target: TapTarget) -> None:
        self.active = True
        super().__init__(target)

    def install(self) -> list[MethodHook]:
        """See the base class; `JaxTrainFunction` does it for each trace."""
        return []

    def remove(self) -> None:
        """See the base class."""
        self.active = False

    def create_ring(self, variables: Sequence[keras.Variable]) -> Ring:
        """See the base class."""
        return JaxRing(variables, self.target.capacity)

    def create_histograms(self, ring: Ring) -> GradientHistograms:
        """See the base class."""
        return cast("JaxRing", ring).add_histograms()

    def get_ring(self) -> JaxRing:
        """The ring."""
        return cast("JaxRing", self.open_ring())

    def around_step(
        self,
        grads: Sequence[Any],
        scope_before: keras.StatelessScope,
    ) -> Callable[[keras.StatelessScope, Any], None]:
        """Measures a step of the optimizer.

        Args:
            grads: The gradients, as the outermost optimizer is given them.
            scope_before: In which the variables are as before the step.

        Returns:
            What measures the step after it was made: takes the scope in which
            the variables are as after it, and the number of steps made by all
            optimizers.
        """
        with scope_before:
            raw, made = self._iterations()
            measure = self.guarded(lambda: self.prepare(grads, None))

        def finish(scope_after: keras.StatelessScope, step: Any) -> None:
            with scope_after:
                raw_after, made_after = self._iterations()
                self._step = jnp.where(made_after > made, step, -1)
                self._skipped = raw_after == raw
                if measure is not None:
                    self.guarded(measure)

        return finish

    def _iterations(self) -> tuple[Any, Any]:
        """How often the inner optimizer was called, and the steps it made."""
        counts = (self.optimizer._iterations, self.optimizer.iterations)
        raw, made = (ops.convert_to_tensor(count) for count in counts)
        return raw, made

    def to_dense(self, grads: Sequence[Any]) -> list[Any]:
        """See the base class; they are dense."""
        return list(grads)

    def as_applied(
        self, grads: Sequence[Any], known: Sequence[keras.Variable]
    ) -> list[Any]:
        """See the base class."""
        if self.outer is not self.optimizer:
            scale = ops.convert_to_tensor(self.outer.dynamic_scale)
            grads = [grad if grad is None else grad / scale for grad in grads]
        return super().as_applied(grads, known)

    def measure_gradients(self, grads: Sequence[Any]) -> Any:
        """See the base class."""
        return measure_gradients(list(grads))

    def read_weights(self, variables: Sequence[keras.Variable]) -> Any:
        """See the base class; None for those of other optimizers."""
        mine = {id(variable) for variable in self.optimizer._trainable_variables}
        return [v.value if id(v) in mine else None for v in variables]

    def measure_weights(self, before: Any, variables: Sequence[keras.Variable]) -> Any:
        """See the base class."""
        return measure_weights(before, self.read_weights(variables))

    def known_loss(self, loss: Any) -> Any:
        """See the base class; here it is known after the step."""
        return None

    def write(self, ring: Ring, of_grads: Any, of_weights: Any, totals: Any) -> None:
        """See the base class."""
        mine = self.get_ring()
        if self.outer is not self.optimizer:
            mine.count_skipped(self._skipped)
        mine.write(self._step, self.join_rows(of_grads, of_weights), totals)
        if self.histograms is not None:
            self.histograms.write(self._step)
