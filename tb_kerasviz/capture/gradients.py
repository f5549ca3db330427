"""Makes captures of the gradients that were counted in an optimizer step."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.octave_histogram import (
    ZERO_BIN,
    CountedGradients,
    count_nonfinite,
    count_octaves,
    trim_octaves,
)
from tb_kerasviz.analysis.tensor_stats import tensor_stats
from tb_kerasviz.capture.identity import LayerTree, own_variables
from tb_kerasviz.capture.layer_filter import LayerFilter
from tb_kerasviz.wire.gradients import GradientArrays, GradientsCapture
from tb_kerasviz.wire.schema import SkippedLayer

Array = np.ndarray[Any, Any]

_ENTRY_BYTES = 1024
"""About what the histogram, the statistics and the names of a variable take."""

_NO_GRADIENT = "it had no gradient in this step"


@dataclasses.dataclass(frozen=True)
class GradientPlan:
    """Of V variables, those whose gradients are logged.

    Attributes:
        paths: Their paths.
        shapes: Their shapes.
        places: Which of the V they are.
        skipped: Variables that there is no room for.
    """

    paths: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    places: tuple[int, ...]
    skipped: tuple[SkippedLayer, ...]


class GradientSnapshot:
    """Counted gradients, with the plan of what to log of them.

    Args:
        counted: The gradients of the V variables.
        plan: The plan.
    """

    def __init__(self, counted: CountedGradients, plan: GradientPlan) -> None:
        self._counted = counted
        self._plan = plan
        self.step = counted.step
        self.nbytes = counted.counts.nbytes + counted.moments.nbytes

    def reduce(self) -> GradientsCapture:
        """Makes the capture; meant for the writer's thread."""
        plan, counted = self._plan, self._counted
        variables = []
        skipped = list(plan.skipped)
        for path, shape, place in zip(
            plan.paths, plan.shapes, plan.places, strict=True
        ):
            raw = counted.counts[place]
            if not raw.any():
                skipped.append(SkippedLayer(path=path, reason=_NO_GRADIENT))
                continue
            counts, edges = trim_octaves(raw[None])
            variables.append(
                GradientArrays(
                    path=path,
                    shape=shape,
                    counts=counts[0],
                    edges=edges,
                    stats=_stats(raw, counted.moments[place]),
                )
            )
        return GradientsCapture(step=self.step, variables=variables, skipped=skipped)


def plan_gradients(
    tree: LayerTree,
    variables: Sequence[keras.Variable],
    layer_filter: LayerFilter,
    budget_bytes: int,
) -> GradientPlan:
    """Chooses whose gradients are logged.

    Args:
        tree: The layers of the model.
        variables: Its V trainable variables.
        layer_filter: Which layers to log.
        budget_bytes: About the most bytes of a capture.
    """
    owners: dict[int, list[str]] = {}
    for entry in tree.walk():
        for variable in own_variables(entry):
            owners.setdefault(id(variable), []).append(entry.path)
    # Those of no layer are the model's own.
    chosen = [
        place
        for place, variable in enumerate(variables)
        if any(layer_filter(path) for path in owners.get(id(variable), [""]))
    ]
    most = max(1, budget_bytes // _ENTRY_BYTES)
    kept, others = chosen[:most], chosen[most:]
    reason = f"capture_mb has no room for more than {most} histograms"
    return GradientPlan(
        paths=tuple(tree.variable_path(variables[place]) for place in kept),
        shapes=tuple(tuple(int(n) for n in variables[p].shape) for p in kept),
        places=tuple(kept),
        skipped=tuple(
            SkippedLayer(path=tree.variable_path(variables[place]), reason=reason)
            for place in others
        ),
    )


def count_gradients(step: int, grads: Sequence[Array | None]) -> CountedGradients:
    """Counts the gradients of a custom training loop.

    Args:
        step: The step that they are of.
        grads: One for each of the V variables, None where one has none.
    """
    known = [np.zeros(0, np.float32) if grad is None else grad for grad in grads]
    return CountedGradients(
        step,
        np.stack([count_octaves(grad) for grad in known]),
        np.stack([tensor_stats(grad)[:5] for grad in known]),
    )


def _stats(raw: Array, moments: Array) -> Array:
    """`schema.WEIGHT_STATS` of a raw count and its moments: float32 `[S]`."""
    broken = int(count_nonfinite(raw))
    finite = int(raw.sum()) - broken
    if finite == 0:
        return np.array([np.nan] * 6 + [broken], np.float32)
    zeros = raw[ZERO_BIN] / finite
    return np.array([*moments, zeros, broken], np.float32)
