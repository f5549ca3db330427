"""Follows the optimizer's steps of a model."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.dynamics_windows import DynamicsRow, WindowAggregator
from tb_kerasviz.capture.backends import load_backend
from tb_kerasviz.capture.backends.interface import DynamicsTap, UnsupportedError
from tb_kerasviz.capture.identity import LayerTree

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
        optimizer = model.optimizer
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            raise UnsupportedError(
                "gradient and update norms are read from a "
                f"keras.optimizers.Optimizer; the model has {optimizer!r:.100}"
            )
        built = all(layer.built for layer in model._flatten_layers())
        if built and not model.trainable_variables:
            raise UnsupportedError("the model has no trainable variables")
        # Weak: the optimizer holds the tap, and the model holds the optimizer.
        self._model = weakref.ref(model)
        self.paths: list[str] = []
        per_execution = max(1, int(getattr(model, "steps_per_execution", 1) or 1))
        self._tap: DynamicsTap = load_backend().create_tap(
            optimizer,
            self._name_variables,
            capacity=READ_STEPS + 2 * per_execution,
            built=built,
        )
        self._windows = WindowAggregator(every)
        self._unread = 0
        self._previous_function = model.train_function
        try:
            model.make_train_function(force=True)
        except Exception:
            self._tap.remove()
            raise
        self._function = model.train_function

    def count_steps(self, steps: int) -> list[DynamicsRow]:
        """Notes that training went on; reads when it is time to.

        Args:
            steps: How many optimizer steps were made, at most.

        Returns:
            The rows that were completed.
        """
        self._unread += steps
        if self._unread < READ_STEPS:
            return []
        return self.read()

    def read(self, finish: bool = False) -> list[DynamicsRow]:
        """Reads what was measured since the last time.

        Args:
            finish: Whether an unfinished window gives a row too.

        Raises:
            UnsupportedError: Nothing could be measured; the text says why.
        """
        self._unread = 0
        steps, values = self._tap.read()
        rows = self._windows.add(steps, values)
        return rows + self._windows.finish() if finish else rows

    def remove(self) -> None:
        """Leaves the optimizer and the model's train step as they were."""
        self._tap.remove()
        model = self._model()
        # Another callback, or `compile`, may have made another one since.
        if model is None or model.train_function is not self._function:
            return
        model.train_function = self._previous_function
        if self._previous_function is None:
            model.make_train_function(force=True)

    def _name_variables(self) -> list[keras.Variable]:
        model = self._model()
        if model is None:
            raise UnsupportedError("the model is gone")
        variables: list[keras.Variable] = model.trainable_variables
        tree = LayerTree(model)
        self.paths = [tree.variable_path(v) for v in variables]
        return variables


def gradient_rows(model: keras.Model, grads: Sequence[Any]) -> tuple[list[str], Array]:
    """Norms of given gradients, for custom training loops.

    Args:
        model: A Keras model.
        grads: One gradient for each of `model.trainable_variables`, in their
            order; None where a variable has none.

    Returns:
        Paths of the variables and float32 `[V, 4]` as a tap measures a step;
        the update is NaN, since it is not known here.

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
    values = np.full((len(variables), 4), np.nan, np.float32)
    for i, (path, variable, grad) in enumerate(
        zip(paths, variables, grads, strict=True)
    ):
        values[i, 2] = _square_sum(_to_numpy(variable.value))
        values[i, 3] = 0
        if grad is None:
            continue
        array = _to_numpy(grad)
        if array.shape != tuple(variable.shape):
            raise ValueError(
                f"the gradient of {path} must have the variable's shape "
                f"{tuple(variable.shape)}; received {array.shape}."
            )
        values[i, 0] = _square_sum(array)
        values[i, 3] = np.count_nonzero(~np.isfinite(array))
    return paths, values


def _square_sum(array: Array) -> float:
    return float(np.square(array, dtype=np.float64).sum())


def _to_numpy(tensor: Any) -> Array:
    if hasattr(tensor, "indices") and hasattr(tensor, "dense_shape"):
        dense = np.zeros(tuple(int(n) for n in tensor.dense_shape), np.float64)
        indices = np.asarray(keras.ops.convert_to_numpy(tensor.indices))
        np.add.at(dense, indices, keras.ops.convert_to_numpy(tensor.values))
        return dense
    return np.asarray(keras.ops.convert_to_numpy(tensor), np.float32)
