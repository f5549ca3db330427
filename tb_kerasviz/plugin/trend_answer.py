"""Histograms of a variable over steps, as they are answered."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_kerasviz.analysis.gradient_trend import GradientTrend
from tb_kerasviz.analysis.weight_trend import WeightTrend
from tb_kerasviz.plugin.handlers import Answer
from tb_kerasviz.wire import codec

Array = np.ndarray[Any, Any]


def answer_trend(
    trend: GradientTrend | WeightTrend, captures: int, what: str, **more: Array
) -> Answer:
    """The arrays of a trend as safetensors, and `captures` `[1]` besides.

    Whole numbers are float64, which a browser reads as numbers.

    Args:
        trend: The trend.
        captures: How many captures the run has, of which some may lack the variable.
        what: What it is, for messages.
        more: Arrays that only some trends have.
    """
    arrays = {
        "steps": trend.steps.astype(np.float64),
        "counts": trend.counts.astype(np.float64),
        "edges": trend.edges,
        "stats": trend.stats,
        **more,
        "captures": np.array([captures], np.float64),
    }
    content = codec.encode_arrays(arrays, sequence=0)
    return Answer(content, "application/octet-stream", what, True)
