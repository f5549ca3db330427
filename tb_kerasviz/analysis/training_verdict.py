"""What is said of a training, and a strip of its update ratios beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tb_kerasviz.analysis.dynamics_map import cut_cells
from tb_kerasviz.analysis.dynamics_rows import DynamicsTable
from tb_kerasviz.analysis.judged_dynamics import Judged, layer_of
from tb_kerasviz.analysis.layer_statistics import (
    DynamicsRows,
    LayerOfVariables,
    logged_number,
)
from tb_kerasviz.analysis.nonfinite_origin import FirstNonfinite, first_nonfinite_of
from tb_kerasviz.analysis.training_rules import (
    MIN_STEPS,
    describe_nothing,
    find_trouble,
)
from tb_kerasviz.wire.schema import (
    LoggedNumber,
    NonfiniteOrigin,
    TrainingFinding,
    TrainingVerdict,
)

Array = np.ndarray[Any, Any]

STRIP_POINTS = 60
"""Most points of the strip: as many as it has room for in a row of a list."""

MAX_ORIGINS = 20
"""Most variables that are named where several were not finite first."""


def judge_training(
    run: str,
    parts: Sequence[DynamicsRows],
    total_steps: Array,
    totals: Array | None,
    read_layers: Callable[[], Iterable[LayerOfVariables]] = tuple,
) -> TrainingVerdict:
    """Says what can be said of a training.

    Args:
        run: Its name.
        parts: All dynamics; a part for each list of variables, by step.
        total_steps: int64 `[W]`: last step of each window of `totals`.
        totals: float32 `[W, C]`, columns `STEP_COLUMNS`; None if not logged.
        read_layers: Gives the layers of the model graph, where they are needed.
    """
    table = DynamicsTable.of(parts)
    if not table.steps.size:
        return no_verdict(run, "none", "No gradients were logged")
    first = first_nonfinite_of(parts, totals)
    judged = Judged.of(table, total_steps, totals)
    findings = find_trouble(judged, first)
    state, text = "judged", ""
    if findings:
        headline = "; then ".join(
            one.headline if at == 0 else _lower(one.headline)
            for at, one in enumerate(findings)
        )
    elif judged.count < MIN_STEPS:
        state, headline = "short", "Too few steps to judge yet"
        was = "was" if judged.count == 1 else "were"
        text = f"{headline}: {judged.count} of {MIN_STEPS} {was} logged."
    else:
        headline, text = "Nothing unusual", describe_nothing(judged)
    steps, median, largest = _strip(judged, table.windows())
    return TrainingVerdict(
        run=run,
        state=state,
        headline=headline,
        text=text,
        findings=tuple(
            TrainingFinding(
                **dataclasses.asdict(finding),
                layer=_owner(read_layers(), finding.variable),
            )
            for finding in findings
        ),
        first_nonfinite=None if first is None else _origin(first),
        steps=steps,
        ratio_median=median,
        ratio_largest=largest,
    )


def no_verdict(run: str, state: str, headline: str) -> TrainingVerdict:
    """What is said of a training that has no dynamics that can be read.

    Args:
        run: Its name.
        state: See `schema.TrainingVerdict`.
        headline: Why.
    """
    return TrainingVerdict(
        run=run,
        state=state,
        headline=headline,
        text="",
        findings=(),
        first_nonfinite=None,
        steps=(),
        ratio_median=(),
        ratio_largest=(),
    )


def _owner(layers: Iterable[LayerOfVariables], variable: str) -> str:
    """Path of the layer that has a variable; what its own path says if none has."""
    if not variable:
        return ""
    stack = list(layers)
    while stack:
        layer = stack.pop()
        if any(one.path == variable for one in layer.variables):
            return layer.path
        stack.extend(layer.children)
    return layer_of(variable)


def _lower(headline: str) -> str:
    return headline[:1].lower() + headline[1:]


def _origin(first: FirstNonfinite) -> NonfiniteOrigin:
    return NonfiniteOrigin(
        step=first.step,
        kind=first.kind,
        variables=first.variables[:MAX_ORIGINS],
        more=max(0, len(first.variables) - MAX_ORIGINS),
    )


def _strip(
    judged: Judged, windows: Array
) -> tuple[tuple[int, ...], tuple[LoggedNumber, ...], tuple[LoggedNumber, ...]]:
    first, last = int(judged.begins[0]), int(judged.steps[-1])
    cells = cut_cells(judged.steps, windows, first, last, STRIP_POINTS)
    ratios, peaks = judged.ratios[judged.kernels], judged.peaks[judged.kernels]
    ends = np.append(cells.starts, cells.end)[1:]
    median, largest = [], []
    for begin, end in zip(cells.starts, ends, strict=True):
        median.append(_known(ratios[:, begin:end], np.median))
        largest.append(_known(peaks[:, begin:end], np.max))
    return tuple(cells.steps.tolist()), tuple(median), tuple(largest)


def _known(values: Array, join: Any) -> LoggedNumber:
    known = values[np.isfinite(values)]
    return None if not known.size else logged_number(float(f"{join(known):.3g}"))
