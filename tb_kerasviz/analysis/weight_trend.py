"""One variable over all captures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True)
class WeightRow:
    """What one capture says of a variable, without its values.

    Attributes:
        counts: int64 `[B]`.
        edges: float64 `[B + 1]`.
        stats: float32 `[S]`.
        change: Norm of the change since the capture before, if it is known.
        change_from_start: The same since the first one.
    """

    counts: Array
    edges: Array
    stats: Array
    change: float | None
    change_from_start: float | None


@dataclasses.dataclass(frozen=True)
class WeightTrend:
    """Histograms, statistics and changes of one variable over steps.

    Attributes:
        steps: int64 `[T]`, ascending.
        counts: int64 `[T, B]`; where a step has fewer bins, those behind its
            last one are empty.
        edges: float64 `[T, B + 1]`: each step has its own. They are multiples
            of their distance, a power of two, and so the bins of any steps can
            be added up to bins that they have in common.
        stats: float32 `[T, S]`, entries `schema.WEIGHT_STATS`.
        changes: float64 `[T, 2]`: norms of the change since the capture before
            and since the first one; NaN where they are not known.
    """

    steps: Array
    counts: Array
    edges: Array
    stats: Array
    changes: Array


def join_rows(rows: Mapping[int, WeightRow]) -> WeightTrend:
    """Joins captures into a trend.

    Args:
        rows: At least one, by step.
    """
    steps = sorted(rows)
    ordered = [rows[step] for step in steps]
    bins = max(len(row.counts) for row in ordered)
    counts = np.zeros((len(steps), bins), np.int64)
    edges = np.empty((len(steps), bins + 1))
    for i, row in enumerate(ordered):
        size = len(row.counts)
        counts[i, :size] = row.counts
        edges[i, : size + 1] = row.edges
        width = row.edges[size] - row.edges[size - 1]
        edges[i, size:] = row.edges[size] + width * np.arange(bins - size + 1)
    changes = [(row.change, row.change_from_start) for row in ordered]
    return WeightTrend(
        np.array(steps, np.int64),
        counts,
        edges,
        np.stack([row.stats for row in ordered]),
        np.array(changes, np.float64),
    )
