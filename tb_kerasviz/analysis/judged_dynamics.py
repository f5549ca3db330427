"""The dynamics of a training as the rules want them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tb_kerasviz.analysis.dynamics_rows import DynamicsTable
from tb_kerasviz.wire.schema import STEP_COLUMNS

Array = np.ndarray[Any, Any]

_STEP_AT = {name: at for at, name in enumerate(STEP_COLUMNS)}
_NO_KERNELS = ("bias", "gamma", "beta", "scale", "offset", "embedding", "embeddings")


@dataclasses.dataclass(frozen=True)
class Judged:
    """What the rules are about: V variables in W windows.

    Attributes:
        variables: Paths of the variables.
        kernels: bool `[V]`: those that the rules for ratios are about.
        steps: int64 `[W]`: last step of each window.
        begins: int64 `[W]`: first step of each window.
        there: bool `[V, W]`: whether a variable was followed.
        gradients: float32 `[V, W]`: largest gradient norm of a step; NaN where a
            variable had none.
        ratios: float32 `[V, W]`: mean update ratio.
        peaks: float32 `[V, W]`: largest update norm of a step, by the weights' norm.
        totals: float32 `[W', C]`, columns `STEP_COLUMNS`; None if they are not logged.
        total_steps: int64 `[W']`.
    """

    variables: tuple[str, ...]
    kernels: Array
    steps: Array
    begins: Array
    there: Array
    gradients: Array
    ratios: Array
    peaks: Array
    totals: Array | None
    total_steps: Array

    @classmethod
    def of(
        cls, table: DynamicsTable, total_steps: Array, totals: Array | None
    ) -> Judged:
        """Prepares a table.

        Args:
            table: The dynamics of the variables.
            total_steps: int64 `[W']`.
            totals: float32 `[W', C]`; None if they are not logged.
        """
        window, norm = table.column("window"), table.column("weight_norm")
        with np.errstate(invalid="ignore", divide="ignore"):
            ratios = table.column("update_norm_mean") / norm
            peaks = table.column("update_norm_max") / norm
        lengths = np.maximum(table.windows(), 1).astype(np.int64)
        kernels = np.array([is_kernel(path) for path in table.variables], bool)
        return cls(
            table.variables,
            kernels & ~_began_at_zero(window, ratios),
            table.steps,
            table.steps - lengths + 1,
            np.isfinite(window),
            table.column("grad_norm_max"),
            ratios,
            peaks,
            totals,
            total_steps,
        )

    def before(self, step: int) -> Judged:
        """Only the windows that end before a step."""
        kept, together = self.steps < step, self.total_steps < step
        return dataclasses.replace(
            self,
            steps=self.steps[kept],
            begins=self.begins[kept],
            there=self.there[:, kept],
            gradients=self.gradients[:, kept],
            ratios=self.ratios[:, kept],
            peaks=self.peaks[:, kept],
            totals=None if self.totals is None else self.totals[together],
            total_steps=self.total_steps[together],
        )

    def total(self, name: str) -> Array | None:
        """One of `STEP_COLUMNS`, float64 `[W']`; None if nothing of it is known."""
        if self.totals is None:
            return None
        column: Array = self.totals[:, _STEP_AT[name]].astype(np.float64)
        return column if np.isfinite(column).any() else None

    @property
    def count(self) -> int:
        """Number of steps."""
        return int(self.steps[-1] - self.begins[0] + 1) if len(self.steps) else 0


def _began_at_zero(window: Array, ratios: Array) -> Array:
    """Whether, for each variable, the first change is all that it is: bool `[V]`.

    A learning rate that begins at zero leaves it zero for a while.
    """
    if not ratios.shape[1]:
        return np.zeros(len(ratios), bool)
    first = np.isfinite(ratios).argmax(axis=1)[:, None]
    change = np.take_along_axis(ratios, first, 1)
    steps = np.take_along_axis(window, first, 1)
    found: Array = ((steps == 1) & (np.abs(change - 1) < 1e-5))[:, 0]
    return found


def is_kernel(path: str) -> bool:
    """Whether a variable is one that the rules for ratios are about."""
    name = path.rpartition("/")[2]
    return not name.startswith(_NO_KERNELS) and not name.endswith(_NO_KERNELS)


def layer_of(variable: str) -> str:
    """What a variable's path says of its layer."""
    return variable.rpartition("/")[0] or variable
