"""Masks of sequences, for the time steps that are kept of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_kerasviz.analysis.activation_plan import LayerPlan

Array = np.ndarray[Any, Any]


def reduce_mask(mask: Array, plan: LayerPlan, samples: int) -> Array | None:
    """The mask of an output, as it is logged.

    Args:
        mask: Keras's mask, bool `[N, T]`; of attention, of its keys.
        plan: What is kept of the output.
        samples: How many of the N samples are kept.

    Returns:
        uint8 `[samples, w]`: 1 where one of the steps that a kept step stands
        for is not masked. None where the output is no sequence of T steps, and
        no attention to T keys.
    """
    steps = plan.layout.width
    if plan.layout.kind not in ("sequence", "attention") or mask.shape != (
        plan.layout.samples,
        steps,
    ):
        return None
    padded = np.zeros((samples, plan.width * plan.factor), np.uint8)
    padded[:, :steps] = mask[:samples]
    reduced: Array = padded.reshape(samples, plan.width, plan.factor).max(axis=2)
    return reduced
