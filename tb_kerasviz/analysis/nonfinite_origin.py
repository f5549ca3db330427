"""What was NaN or infinite first: the loss, a gradient or a weight."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from tb_kerasviz.analysis.layer_statistics import DynamicsRows
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS

Array = np.ndarray[Any, Any]

Kind = Literal["loss", "gradient", "weight"]

MAX_NAMED = 3
"""Most variables that a sentence names."""

_ORDER: tuple[Kind, ...] = ("loss", "gradient", "weight")
_COLUMNS: dict[Kind, str] = {
    "gradient": "nonfinite_first_step",
    "weight": "weight_nonfinite_first_step",
}
_WIDTH = len(DYNAMICS_COLUMNS)
_LOSS = STEP_COLUMNS.index("loss_nonfinite_first_step")


@dataclasses.dataclass(frozen=True)
class FirstNonfinite:
    """Where a NaN or an infinity appeared first.

    Attributes:
        step: The optimizer step.
        kind: What it was. A step computes the loss, then the gradients, then
            the weights: of one step, the earliest of them.
        variables: Paths of the variables whose gradient or weights it was, in
            the model's order; empty for the loss.
    """

    step: int
    kind: Kind
    variables: tuple[str, ...]


def find_first_nonfinite(
    variables: Sequence[str], values: Array, totals: Array | None
) -> FirstNonfinite | None:
    """Finds what was NaN or infinite first.

    Args:
        variables: Paths of the V variables.
        values: float32 `[T, V, C]`, columns `DYNAMICS_COLUMNS`.
        totals: float32 `[T, S]`, columns `STEP_COLUMNS`; None if unknown.

    Returns:
        It, or None where everything was finite.
    """
    candidates: list[FirstNonfinite] = []
    if totals is not None:
        step = _first(totals[:, _LOSS])
        if step is not None:
            candidates.append(FirstNonfinite(step, "loss", ()))
    for kind, name in _COLUMNS.items():
        steps = values[:, :, DYNAMICS_COLUMNS.index(name)]
        step = _first(steps)
        if step is not None:
            found = np.flatnonzero((steps == step).any(axis=0)).tolist()
            paths = tuple(variables[at] for at in found)
            candidates.append(FirstNonfinite(step, kind, paths))
    return _earliest(candidates)


def first_nonfinite_of(
    parts: Sequence[DynamicsRows], totals: Array | None
) -> FirstNonfinite | None:
    """As `find_first_nonfinite`, of a part for each list of variables.

    Args:
        parts: All dynamics.
        totals: float32 `[T, S]`, columns `STEP_COLUMNS`; None if unknown.
    """
    found = [find_first_nonfinite((), np.zeros((0, 0, _WIDTH)), totals)]
    found += [find_first_nonfinite(one.variables, one.values, None) for one in parts]
    return _earliest([one for one in found if one is not None])


def _earliest(candidates: Sequence[FirstNonfinite]) -> FirstNonfinite | None:
    return min(
        candidates, key=lambda one: (one.step, _ORDER.index(one.kind)), default=None
    )


def describe_first_nonfinite(first: FirstNonfinite) -> str:
    """It as a sentence or two."""
    if first.kind == "loss":
        return (
            f"the loss is NaN or infinite in step {first.step}, where all weights "
            "and gradients before were finite: look at the batch, and at the loss "
            "and the last activation."
        )
    names = ", ".join(first.variables[:MAX_NAMED])
    if len(first.variables) > MAX_NAMED:
        names += f" and {len(first.variables) - MAX_NAMED} more"
    if first.kind == "gradient":
        return (
            f"gradients are NaN or infinite from step {first.step} on, before any "
            f"weight or the loss was: first those of {names}."
        )
    return (
        f"weights are NaN or infinite after step {first.step}, with gradients that "
        f"were finite: first {names}. The step was too large."
    )


def _first(steps: Array) -> int | None:
    seen = steps[steps >= 0]
    return int(seen.min()) if seen.size else None
