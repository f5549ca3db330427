"""Follows the optimizer's steps of a model."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.dynamics_windows import DynamicsRow, WindowAggregator
from tb_kerasviz.analysis.step_measurements import (
    TAP_COLUMNS,
    TAP_STEP_COLUMNS,
    StepMeasurements,
    merge_measurements,
)
from tb_kerasviz.capture.backends import load_backend
from tb_kerasviz.capture.backends.interface import (
    DynamicsTap,
    TapTarget,
    UnsupportedError,
)
from tb_kerasviz.capture.identity import LayerTree
from tb_kerasviz.capture.optimizers import find_optimizers, read_steps

Array = np.ndarray[Any, Any]

READ_STEPS = 64
"""Steps between two reads of the measurements from the device."""


class DynamicsReader:
    """Measures gradients, updates and weights at every optimizer step.

    It must be made before the train step is traced, and makes the model trace
    it again.

    Args:
        model: A compiled model.
        every: Steps of a row, see `WindowAggregator`.

    Raises:
        UnsupportedError: It cannot be done here; the text says why.
    """

    def __init__(self, model: keras.Model, every: int) -> None:
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
        return variables


def measure_given(
    step: int, model: keras.Model, grads: Sequence[Any]
) -> tuple[list[str], StepMeasurements]:
    """Measures given gradients, for custom training loops.

    Args:
        step: The step that they are of.
        model: A Keras model.
        grads: One gradient for each of `model.trainable_variables`, in their
            order; None where a variable has none.

    Returns:
        Paths of the variables, and the step as a tap measures it; NaN for the
        update and whatever else is not known here.

    Raises:
        ValueError: The gradients do not match the variables.
    """
    variables = model.trainable_variables
    grads = list(grads)
    if len(grads) != len(variables):
        raise ValueError(
            f"grads must hold one gradient for each of the {len(variables)} "
            f"trainable variables; received {len(grads)}."
        )
    tree = LayerTree(model)
    paths = [tree.variable_path(v) for v in variables]
    column = {name: at for at, name in enumerate(TAP_COLUMNS)}
    values = np.full((len(variables), len(column)), np.nan, np.float32)
    values[:, column["nonfinite"]] = 0
    for row, path, variable, grad in zip(values, paths, variables, grads, strict=True):
        weights = _to_numpy(variable.value)
        row[column["weight_square"]] = _square_sum(weights)
        row[column["weight_nonfinite"]] = np.count_nonzero(~np.isfinite(weights))
        if grad is None:
            continue
        array = _to_numpy(grad)
        if array.shape != tuple(variable.shape):
            raise ValueError(
                f"the gradient of {path} must have the variable's shape "
                f"{tuple(variable.shape)}; received {array.shape}."
            )
        row[column["grad_square"]] = _square_sum(array)
        row[column["nonfinite"]] = np.count_nonzero(~np.isfinite(array))
        row[column["grad_zero_fraction"]] = np.mean(array == 0)
    totals = np.full((1, len(TAP_STEP_COLUMNS)), np.nan, np.float32)
    totals[:, TAP_STEP_COLUMNS.index("loss_nonfinite")] = 0
    totals[:, TAP_STEP_COLUMNS.index("skipped")] = 0
    measured = StepMeasurements(np.array([step], np.int64), values[None], totals)
    return paths, measured


def _square_sum(array: Array) -> float:
    return float(np.square(array, dtype=np.float64).sum())


def _to_numpy(tensor: Any) -> Array:
    if hasattr(tensor, "indices") and hasattr(tensor, "dense_shape"):
        dense = np.zeros(tuple(int(n) for n in tensor.dense_shape), np.float64)
        indices = np.asarray(keras.ops.convert_to_numpy(tensor.indices))
        np.add.at(dense, indices, keras.ops.convert_to_numpy(tensor.values))
        return dense
    return np.asarray(keras.ops.convert_to_numpy(tensor), np.float32)
