"""Logged dynamics, and the histograms of gradients beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_kerasviz.reader import Run
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS
from tests.backends.trainings import Array


def column(dynamics: Any, name: str) -> Array:
    """One column of the dynamics: `[T, V]`."""
    values: Array = dynamics.values[:, :, DYNAMICS_COLUMNS.index(name)]
    return values


def total(dynamics: Any, name: str) -> Array:
    """One column of the step dynamics: `[T]`."""
    values: Array = dynamics.values[:, STEP_COLUMNS.index(name)]
    return values


def check_first_gradients(one: Run, two: Run, *, alike: bool) -> None:
    """The histograms of the first step are of all replicas or processes together.

    Args:
        one: Trained by one.
        two: Trained by two.
        alike: Whether both have the same gradients.
    """
    assert one.steps("gradients") == two.steps("gradients")
    assert one.steps("gradients")[0] == 1
    dynamics = two.dynamics()
    for row, path in enumerate(dynamics.variables):
        mine, others = one.gradients(path, 1), two.gradients(path, 1)
        assert mine.counts.sum() == others.counts.sum()
        stats = dict(zip(others.columns, others.stats, strict=True))
        norm = column(dynamics, "grad_norm_max")[0, row]
        np.testing.assert_allclose(stats["norm"], norm, 1e-4, 1e-9)
        if alike:
            np.testing.assert_allclose(mine.stats, others.stats, 1e-3, 1e-6)
