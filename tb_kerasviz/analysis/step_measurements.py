"""What is measured of single optimizer steps, before it is made into windows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

TAP_COLUMNS = (
    "grad_square",
    "nonfinite",
    "grad_zero_fraction",
    "update_square",
    "weight_square",
    "weight_nonfinite",
)
"""What is measured of a variable in a step: sum of squares of the gradient,
number of its elements that are not finite, share of those that are zero; sums
of squares of the change of the weights and of the weights after it, number of
weights that are not finite after it.

NaN in `grad_square` and `grad_zero_fraction`, and 0 in `nonfinite`, where a
variable has no gradient."""

TAP_STEP_COLUMNS = (
    "learning_rate",
    "clipped_square",
    "loss",
    "loss_nonfinite",
    "loss_scale",
    "skipped",
)
"""What is measured of a step as a whole: the learning rate that was used; sum
of squares of all gradients after clipping, NaN where nothing is clipped; the
loss, NaN with 0 in `loss_nonfinite` where it is not known; 1 where the loss is
NaN or infinite, else 0; the factor of the loss, NaN if it has none; batches
that were left out since the step before."""

_GRAD, _NONFINITE = TAP_COLUMNS.index("grad_square"), TAP_COLUMNS.index("nonfinite")
_CLIPPED = TAP_STEP_COLUMNS.index("clipped_square")


@dataclasses.dataclass(frozen=True)
class StepMeasurements:
    """Measurements of T steps of V variables.

    Attributes:
        steps: int64 `[T]`, ascending.
        variables: float32 `[T, V, 6]`, columns `TAP_COLUMNS`.
        totals: float32 `[T, 6]`, columns `TAP_STEP_COLUMNS`.
    """

    steps: Array
    variables: Array
    totals: Array

    @classmethod
    def none(cls, variables: int = 0) -> StepMeasurements:
        """Of no step."""
        return cls(
            np.zeros(0, np.int64),
            np.zeros((0, variables, len(TAP_COLUMNS)), np.float32),
            np.zeros((0, len(TAP_STEP_COLUMNS)), np.float32),
        )


def had_gradient(variables: Array) -> Array:
    """Where a variable had a gradient.

    Args:
        variables: `[..., 6]`, columns `TAP_COLUMNS`.

    Returns:
        bool `[...]`.
    """
    found: Array = ~np.isnan(variables[..., _GRAD]) | (variables[..., _NONFINITE] > 0)
    return found


def global_norms(measured: StepMeasurements) -> tuple[Array, Array]:
    """Norms of all gradients together, before and after clipping: `[T]` each.

    NaN where no variable had a gradient, or where one is NaN.
    """
    squares = measured.variables[..., _GRAD].astype(np.float64)
    there = had_gradient(measured.variables)
    total = np.where(there, squares, 0.0).sum(axis=1)
    total[~there.any(axis=1)] = np.nan
    clipped = measured.totals[:, _CLIPPED].astype(np.float64)
    clipped = np.where(np.isnan(clipped), total, clipped)
    return np.sqrt(total), np.sqrt(clipped)


def merge_measurements(parts: Sequence[StepMeasurements]) -> StepMeasurements:
    """Joins what several optimizers of one model did.

    Of each variable the measurement counts that came with a gradient, the
    later of two. A learning rate, a loss or a loss scale is that of the first
    optimizer that tells one.

    Args:
        parts: One for each optimizer, of the same variables.
    """
    parts = [part for part in parts if len(part.steps)] or list(parts[:1])
    if len(parts) == 1:
        return parts[0]
    steps = np.unique(np.concatenate([part.steps for part in parts]))
    width = max(part.variables.shape[1] for part in parts)
    variables = np.full((len(steps), width, len(TAP_COLUMNS)), np.nan, np.float32)
    variables[..., _NONFINITE] = 0
    totals = np.full((len(steps), len(TAP_STEP_COLUMNS)), np.nan, np.float32)
    filled = np.zeros(len(steps), bool)
    for part in parts:
        at = np.searchsorted(steps, part.steps)
        better = had_gradient(part.variables) | ~filled[at][:, None]
        variables[at] = np.where(better[..., None], part.variables, variables[at])
        totals[at] = _merge_totals(totals[at], part, filled[at])
        filled[at] = True
    return StepMeasurements(steps, variables, totals)


def _merge_totals(old: Array, part: StepMeasurements, filled: Array) -> Array:
    new = np.where(np.isnan(old), part.totals, old)
    for name in ("loss_nonfinite", "skipped"):
        at = TAP_STEP_COLUMNS.index(name)
        new[:, at] = np.fmax(old[:, at], part.totals[:, at])
    # What one optimizer clips adds to what another one has.
    _, clipped = global_norms(part)
    before = old[:, _CLIPPED]
    both = np.where(filled, np.nan_to_num(before) + np.square(clipped), clipped**2)
    new[:, _CLIPPED] = both
    return new
