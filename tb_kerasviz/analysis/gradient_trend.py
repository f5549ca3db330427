"""The gradient of one variable over the steps that were counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_kerasviz.analysis.octave_histogram import trim_octaves, untrim_octaves

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True)
class GradientRow:
    """What one capture says of a variable.

    Attributes:
        raw: int64 `[RAW_BINS]`, a raw count.
        stats: float32 `[S]`.
    """

    raw: Array
    stats: Array

    @classmethod
    def read(cls, counts: Array, edges: Array, stats: Array) -> GradientRow:
        """From a histogram over octaves.

        Raises:
            WireError: It is none.
        """
        return cls(untrim_octaves(counts, edges), stats)


@dataclasses.dataclass(frozen=True)
class GradientTrend:
    """Histograms and statistics of one variable's gradient over steps.

    Attributes:
        steps: int64 `[T]`, ascending.
        counts: int64 `[T, B]`.
        edges: float64 `[B + 1]`, of all steps: powers of two, mirrored around
            the bin of the zeros, which holds nothing else.
        stats: float32 `[T, S]`, entries `schema.WEIGHT_STATS`.
    """

    steps: Array
    counts: Array
    edges: Array
    stats: Array


def join_gradient_rows(rows: Mapping[int, GradientRow]) -> GradientTrend:
    """Joins captures into a trend, in bins that all of them have.

    Args:
        rows: At least one, by step.
    """
    steps = sorted(rows)
    counts, edges = trim_octaves(np.stack([rows[step].raw for step in steps]))
    return GradientTrend(
        np.array(steps, np.int64),
        counts,
        edges,
        np.stack([rows[step].stats for step in steps]),
    )
