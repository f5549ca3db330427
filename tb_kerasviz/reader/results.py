"""What `load` gives that is no single record: series over a training."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True)
class Dynamics:
    """Norms of gradients, updates and weights over a training.

    Attributes:
        steps: int64 `[T]`: the last step of each window.
        variables: Paths of the V variables.
        columns: Names of the C columns, see `schema.DYNAMICS_COLUMNS`.
        values: float32 `[T, V, C]`; NaN where a variable was not measured, and
            in columns that an older version did not log.
        damaged: Number of rows that did not match their checksum; they are
            NaN in `values`.
    """

    steps: Array
    variables: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array
    damaged: int


@dataclasses.dataclass(frozen=True)
class StepDynamics:
    """What holds for all variables together over a training.

    Attributes:
        steps: int64 `[T]`: the last step of each window.
        columns: Names of the C columns, see `schema.STEP_COLUMNS`.
        values: float32 `[T, C]`; NaN where something is not known.
        damaged: Number of rows that did not match their checksum; they are
            NaN in `values`.
    """

    steps: Array
    columns: tuple[str, ...]
    values: Array
    damaged: int


@dataclasses.dataclass(frozen=True)
class Scalars:
    """One scalar over a training.

    Attributes:
        steps: int64 `[T]`.
        values: float64 `[T]`.
    """

    steps: Array
    values: Array
