"""Follows the optimizer's steps of a model."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence

import keras

from tb_kerasviz.analysis.dynamics_windows import DynamicsRow, WindowAggregator
from tb_kerasviz.analysis.octave_histogram import merge_counted
from tb_kerasviz.analysis.step_measurements import (
    StepMeasurements,
    merge_measurements,
)
from tb_kerasviz.capture.backends import load_backend
from tb_kerasviz.capture.backends.interface import (
    DynamicsTap,
    TapTarget,
    UnsupportedError,
)
from tb_kerasviz.capture.gradients import GradientPlan, GradientSnapshot
from tb_kerasviz.capture.identity import LayerTree
from tb_kerasviz.capture.optimizers import find_optimizers, read_steps

PlanHistograms = Callable[[LayerTree, Sequence[keras.Variable]], GradientPlan]

READ_STEPS = 64
"""Steps between two reads of the measurements from the device."""


class DynamicsReader:
    """Measures gradients, updates and weights at every optimizer step.

    It must be made before the train step is traced, and makes the model trace
    it again.

    Args:
        model: A compiled model.
        every: Steps of a row, see `WindowAggregator`.
        plan_histograms: Chooses whose gradients are counted where that is
            wanted; None to count none.

    Raises:
        UnsupportedError: It cannot be done here; the text says why.
    """

    def __init__(
        self,
        model: keras.Model,
        every: int,
        plan_histograms: PlanHistograms | None = None,
    ) -> None:
        optimizers = find_optimizers(model)
        if not optimizers:
            raise UnsupportedError(
                "gradient and update norms are read from a "
                "keras.optimizers.Optimizer; the model has "
                f"{getattr(model, 'optimizer', None)!r:.100}"
            )
        built = all(layer.built for layer in model._flatten_layers())
        if built and not model.trainable_variables:
            raise UnsupportedError("the model has no trainable variables")
        # Weak: the optimizer holds the tap, and the model holds the optimizer.
        self._model = weakref.ref(model)
        self.paths: list[str] = []
        self._plan_histograms = plan_histograms
        self._plan: GradientPlan | None = None
        self._plan_error: Exception | None = None
        per_execution = max(1, int(getattr(model, "steps_per_execution", 1) or 1))
        self._capacity = READ_STEPS + 2 * per_execution
        self._optimizers = optimizers
        self._windows = WindowAggregator(every)
        self._unread = 0
        self._last_step = read_steps(optimizers)
        # An optimizer may make several steps of a batch.
        self._per_batch = 1
        self.lost = 0
        backend = load_backend()
        self._taps: list[DynamicsTap] = []
        try:
            for optimizer in optimizers:
                target = TapTarget(
                    optimizer=optimizer,
                    all_optimizers=tuple(optimizers),
                    get_variables=self._name_variables,
                    capacity=self._capacity,
                    built=built,
                    gradient_histograms=plan_histograms is not None,
                )
                self._taps.append(backend.create_tap(target))
            self._renewed = backend.renew_train_function(model, self._taps)
        except Exception:
            self._remove_taps()
            raise

    def count_steps(self, steps: int) -> list[DynamicsRow]:
        """Notes that training went on; reads when it is time to.

        Args:
            steps: How many batches were trained on.

        Returns:
            The rows that were completed.
        """
        self._unread += steps
        if self._unread * self._per_batch < READ_STEPS:
            return []
        return self.read()

    def read(self, finish: bool = False) -> list[DynamicsRow]:
        """Reads what was measured since the last time.

        Args:
            finish: Whether an unfinished window gives a row too.

        Raises:
            UnsupportedError: Nothing could be measured; the text says why.
        """
        measured = merge_measurements([tap.read() for tap in self._taps])
        self._count_lost(measured)
        self._unread = 0
        rows = self._windows.add(measured)
        return rows + self._windows.finish() if finish else rows

    def want_histograms(self) -> None:
        """Asks for the gradients of the next step to be counted.

        Those of the first step are without being asked for.
        """
        for tap in self._taps:
            if tap.histograms is not None:
                tap.histograms.want()

    def take_histograms(self) -> GradientSnapshot | None:
        """The gradients that were counted, once; None if there are none yet.

        Raises:
            UnsupportedError: They could not be counted; the text says why.
        """
        all_histograms = [one.histograms for one in self._taps if one.histograms]
        errors = [self._plan_error, *(one.error for one in all_histograms)]
        error = next((one for one in errors if one is not None), None)
        if error is not None:
            raise UnsupportedError(
                f"the gradients could not be counted: {error}"
            ) from error
        taken = [one.take() for one in all_histograms]
        parts = [one for one in taken if one is not None]
        if not parts or self._plan is None:
            return None
        return GradientSnapshot(merge_counted(parts), self._plan)

    def describe_replacement(self) -> str:
        """What to say of a train step that is not the one measured; else empty."""
        model = self._model()
        if model is None:
            return ""
        measured = {id(one) for one in self._optimizers}
        others = [one for one in find_optimizers(model) if id(one) not in measured]
        if not others:
            if self._renewed.measures():
                return ""
            return (
                "the model's train function was replaced during the fit; its steps "
                "are measured from the next fit on."
            )
        names = ", ".join(type(one).__name__ for one in others)
        return (
            f"the model's optimizer was replaced by {names} during the fit; its steps "
            "are measured from the next fit on."
        )

    def remove(self) -> None:
        """Leaves the optimizers and the model's train step as they were."""
        self._remove_taps()
        self._renewed.undo()

    def _remove_taps(self) -> None:
        for tap in reversed(self._taps):
            tap.remove()

    def _count_lost(self, measured: StepMeasurements) -> None:
        if not len(measured.steps):
            return
        last = int(measured.steps[-1])
        made = last - self._last_step
        self._last_step = last
        if self._unread and made > self._unread * self._per_batch:
            self._per_batch = -(-made // self._unread)
        # What the ring no longer held. After a jump of the step, as by
        # loading a checkpoint, it is not full.
        if len(measured.steps) >= self._capacity:
            self.lost += max(0, made - len(measured.steps))

    def _name_variables(self) -> list[keras.Variable]:
        model = self._model()
        if model is None:
            raise UnsupportedError("the model is gone")
        variables: list[keras.Variable] = model.trainable_variables
        tree = LayerTree(model)
        self.paths = [tree.variable_path(v) for v in variables]
        if self._plan_histograms is not None:
            try:
                self._plan = self._plan_histograms(tree, variables)
            except Exception as error:  # noqa: BLE001 - take_histograms() tells of it
                self._plan_error = error
        return variables
