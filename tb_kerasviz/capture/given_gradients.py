"""Gradients that a custom training loop computed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.step_measurements import (
    TAP_COLUMNS,
    TAP_STEP_COLUMNS,
    StepMeasurements,
)
from tb_kerasviz.capture.identity import LayerTree

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True)
class GivenGradients:
    """Gradients of a custom training loop, read.

    Attributes:
        variables: The V trainable variables of the model.
        tree: Its layers.
        arrays: A gradient for each variable, None where one has none.
    """

    variables: Sequence[keras.Variable]
    tree: LayerTree
    arrays: Sequence[Array | None]

    @property
    def paths(self) -> list[str]:
        """Paths of the variables."""
        return [self.tree.variable_path(variable) for variable in self.variables]


def read_given(model: keras.Model, grads: Sequence[Any]) -> GivenGradients:
    """Reads given gradients, for custom training loops.

    Args:
        model: A Keras model.
        grads: One gradient for each of `model.trainable_variables`, in their
            order; None where a variable has none.

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
    arrays = [None if grad is None else _to_numpy(grad) for grad in grads]
    for array, variable in zip(arrays, variables, strict=True):
        if array is not None and array.shape != tuple(variable.shape):
            raise ValueError(
                f"the gradient of {tree.variable_path(variable)} must have the "
                f"variable's shape {tuple(variable.shape)}; received {array.shape}."
            )
    return GivenGradients(variables, tree, arrays)


def measure_given(step: int, given: GivenGradients) -> StepMeasurements:
    """Measures given gradients, as a tap measures a step.

    Args:
        step: The step that they are of.
        given: The gradients.

    Returns:
        The step; NaN for the update and whatever else is not known here.
    """
    column = {name: at for at, name in enumerate(TAP_COLUMNS)}
    values = np.full((len(given.variables), len(column)), np.nan, np.float32)
    values[:, column["nonfinite"]] = 0
    for row, variable, array in zip(values, given.variables, given.arrays, strict=True):
        weights = _to_numpy(variable.value)
        row[column["weight_square"]] = _square_sum(weights)
        row[column["weight_nonfinite"]] = np.count_nonzero(~np.isfinite(weights))
        if array is None:
            continue
        row[column["grad_square"]] = _square_sum(array)
        row[column["nonfinite"]] = np.count_nonzero(~np.isfinite(array))
        row[column["grad_zero_fraction"]] = np.mean(array == 0)
    totals = np.full((1, len(TAP_STEP_COLUMNS)), np.nan, np.float32)
    totals[:, TAP_STEP_COLUMNS.index("loss_nonfinite")] = 0
    totals[:, TAP_STEP_COLUMNS.index("skipped")] = 0
    return StepMeasurements(np.array([step], np.int64), values[None], totals)


def _square_sum(array: Array) -> float:
    return float(np.square(array, dtype=np.float64).sum())


def _to_numpy(tensor: Any) -> Array:
    if hasattr(tensor, "indices") and hasattr(tensor, "dense_shape"):
        dense = np.zeros(tuple(int(n) for n in tensor.dense_shape), np.float64)
        indices = np.asarray(keras.ops.convert_to_numpy(tensor.indices))
        np.add.at(dense, indices, keras.ops.convert_to_numpy(tensor.values))
        return dense
    return np.asarray(keras.ops.convert_to_numpy(tensor), np.float32)
