"""Statistics of one layer over a training, in few enough points to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_kerasviz.analysis.layer_statistics import (
    ACTIVATION_COLUMNS,
    DynamicsRows,
    LoggedNorm,
    Summary,
    captured_norm,
    combine_dynamics,
    logged_number,
    summary_value,
)
from tb_kerasviz.wire.metadata import WIRE_VERSION
from tb_kerasviz.wire.schema import LAYER_STATISTICS, LayerTrend, TrendColumn

Array = np.ndarray[Any, Any]

MAX_POINTS = 400
"""Most points of a column: more than a small plot has pixels."""

LARGEST = ("grad_norm_max", "nonfinite_gradients", "nonfinite_activations")
"""Of these the largest value of several is kept; of the others the mean."""


def layer_trend(
    layer: str,
    variables: Sequence[str],
    *,
    dynamics: Sequence[DynamicsRows],
    norms: Mapping[int, Mapping[str, LoggedNorm]],
    summaries: Mapping[int, Summary],
    left_out: Mapping[str, str],
) -> LayerTrend:
    """The statistics of a layer over steps, see `LAYER_STATISTICS`.

    Args:
        layer: Path of the layer.
        variables: Paths of its variables and of all below it.
        dynamics: All rows, ascending; a part for each list of variables.
        norms: Captures of weights by step, ascending; they count only where
            the dynamics have none of the variables.
        summaries: Statistics of its output by step, ascending.
        left_out: By statistic, what was not read, as a phrase.
    """
    nothing = np.zeros(0, np.int64), np.zeros(0)
    points = _dynamics_points(variables, dynamics)
    if not len(points.get("weight_norm", nothing)[0]):
        captured = {
            step: captured_norm(variables, capture) for step, capture in norms.items()
        }
        points["weight_norm"] = _points(captured)
    for name in ACTIVATION_COLUMNS:
        values = {step: summary_value(one, name) for step, one in summaries.items()}
        points[name] = _points(values)
    return LayerTrend(
        version=WIRE_VERSION,
        layer=layer,
        columns=tuple(
            _column(name, *points.get(name, nothing), left_out.get(name, ""))
            for name in LAYER_STATISTICS
        ),
    )


def thin_points(steps: Array, values: Array, largest: bool) -> tuple[Array, Array, str]:
    """Makes one point of several neighbours where there are too many.

    Args:
        steps: int64 `[T]`, ascending.
        values: float64 `[T]`; a NaN or infinity is never lost.
        largest: Whether to keep the largest of neighbours, or their mean.

    Returns:
        At most `MAX_POINTS` steps (each the last of its neighbours) and
        values, and what was done, as a phrase; empty if nothing was.
    """
    size = -(-len(steps) // MAX_POINTS)
    if size <= 1:
        return steps, values, ""
    starts = np.arange(0, len(steps), size)
    ends = np.minimum(starts + size, len(steps))
    with np.errstate(invalid="ignore"):
        if largest:
            kept = np.maximum.reduceat(values, starts)
        else:
            kept = np.add.reduceat(values, starts) / (ends - starts)
    how = "largest" if largest else "mean"
    return steps[ends - 1], kept, f"each point is the {how} of {size} logged values"


def _dynamics_points(
    variables: Sequence[str], dynamics: Sequence[DynamicsRows]
) -> dict[str, tuple[Array, Array]]:
    wanted = set(variables)
    parts: dict[str, list[tuple[Array, Array]]] = {}
    for rows in dynamics:
        group = [at for at, path in enumerate(rows.variables) if path in wanted]
        if not group or not len(rows.steps):
            continue
        for name, found in combine_dynamics(rows, [group]).items():
            known = found.known[:, 0]
            part = rows.steps[known], found.values[known, 0]
            parts.setdefault(name, []).append(part)
    return {name: _join(some) for name, some in parts.items()}


def _join(parts: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    steps = np.concatenate([steps for steps, _ in parts])
    return steps, np.concatenate([values for _, values in parts])


def _points(values: Mapping[int, float | None]) -> tuple[Array, Array]:
    known = [(step, value) for step, value in values.items() if value is not None]
    steps = np.array([step for step, _ in known], np.int64)
    return steps, np.array([value for _, value in known], np.float64)


def _column(name: str, steps: Array, values: Array, left_out: str) -> TrendColumn:
    steps, values, cut = thin_points(steps, values, name in LARGEST)
    return TrendColumn(
        name=name,
        steps=tuple(steps.tolist()),
        values=tuple(logged_number(value) for value in values.tolist()),
        cut="; ".join(part for part in (cut, left_out) if part),
    )
