"""What is the matter with a training: the rules that its dynamics are judged by.

A rule speaks of what holds up on trainings that are known to be healthy or broken
(`tests/backends/test_training_verdicts.py` trains some), not of what has once been
published: most published limits, such as those on the size of a gradient, call
healthy models broken. The rules about update ratios are about kernels alone. Biases
and the scales of normalizations begin at zero or one, where a ratio says little, and
of an embedding a step changes only the rows that it reads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tb_kerasviz.analysis.judged_dynamics import Judged, is_kernel, layer_of
from tb_kerasviz.analysis.nonfinite_origin import (
    FirstNonfinite,
    describe_first_nonfinite,
)

Array = np.ndarray[Any, Any]

MIN_STEPS = 5
"""Fewer steps are not judged."""

HIGH_RATIO = 0.1
"""A kernel that changes by more of its norm takes steps that are too large. Ratios of
healthy kernels are about 0.001 (Stanford's CS231n), and in what was measured for these
rules, from a dense network to MobileNetV2, at most 0.04 for three steps; MindSpore
Insight's watchpoint for changes that are too large has the same limit."""

HIGH_STEPS = 3
"""So many steps in a row: the first steps of Adam are large by themselves."""

LOW_RATIO = 1e-5
"""A median below it says that hardly anything is learned: a hundredth of the usual."""

LOSS_FACTOR = 10.0
"""By how many times its first value the loss must have risen. A last batch of few
samples, or a batch that is hard, has several times the usual loss."""

SPIKE_FACTOR = 100.0
"""How many times the median of the windows before it a gradient norm must be."""

SPIKE_WINDOWS = (10, 50)
"""That many windows before a spike are needed, and at most so many are looked at."""

VANISHING_FACTOR = 1e-4
"""How small the gradients of the first quarter of the kernels must be against those of
the last one, where their updates are small as well."""

END_SHARE = 0.1
"""Over this share of the steps, the last ones, a gradient must have been zero."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is the matter; see `schema.TrainingFinding`."""

    kind: str
    broken: bool
    headline: str
    text: str
    rule: str
    variable: str
    step: int


def find_trouble(judged: Judged, first: FirstNonfinite | None) -> tuple[Finding, ...]:
    """What is the matter, in the order in which it came about.

    Args:
        judged: The dynamics.
        first: What was NaN or infinite first.
    """
    found: list[Finding] = []
    if first is not None:
        found.append(_nonfinite(first))
        # What follows a NaN is its consequence.
        judged = judged.before(first.step)
    if judged.count < MIN_STEPS:
        return tuple(found)
    causes = [_loss_rose, _steps_too_large, _no_gradient]
    found += _apply(causes, judged)
    if not found:
        found += _apply([_vanishing], judged) or _apply([_steps_too_small], judged)
        found += _apply([_gradient_spike], judged)
    return tuple(sorted(found, key=lambda one: one.step))


def describe_nothing(judged: Judged) -> str:
    """What is said where nothing was found."""
    steps = _plural(judged.count, "step")
    text = f"Nothing unusual was found in {steps}: all numbers are finite, and "
    text += f"gradients reach {_plural(len(judged.variables), 'variable')}"
    ratios = _kernel_ratios(judged)
    if ratios.size:
        low, high = np.quantile(ratios, [0.05, 0.95])
        text += f"; the update ratios of kernels are {_value(low)} to {_value(high)}"
    return text + "."


def _apply(
    rules: Sequence[Callable[[Judged], Finding | None]], judged: Judged
) -> list[Finding]:
    return [one for one in (rule(judged) for rule in rules) if one is not None]


def _nonfinite(first: FirstNonfinite) -> Finding:
    what = {"loss": "The loss is", "gradient": "Gradients are", "weight": "Weights are"}
    where = f", first in {layer_of(first.variables[0])}" if first.variables else ""
    sentence = describe_first_nonfinite(first)
    return Finding(
        kind="nonfinite",
        broken=True,
        headline=f"{what[first.kind]} NaN or infinite from step {first.step:,}{where}",
        text=sentence[0].upper() + sentence[1:],
        rule="Said of any NaN or infinity in a loss, a gradient or a weight.",
        variable=first.variables[0] if first.variables else "",
        step=first.step,
    )


def _loss_rose(judged: Judged) -> Finding | None:
    loss, largest = judged.total("loss_mean"), judged.total("loss_max")
    if loss is None or largest is None:
        return None
    begin = float(loss[np.isfinite(loss)][0])
    peaks = np.where(np.isfinite(largest), largest, -np.inf)
    if begin <= 0 or peaks.max() <= LOSS_FACTOR * begin:
        return None
    rose = judged.total_steps[int(np.argmax(peaks > LOSS_FACTOR * begin))]
    top, at = float(peaks.max()), int(judged.total_steps[int(peaks.argmax())])
    return Finding(
        kind="loss_rose",
        broken=True,
        headline=f"The loss rose to {_times(top / begin)} its start at step {rose:,}",
        text=f"The loss rose from {_value(begin)} to {_value(top)} at step {at:,}.",
        rule=(
            f"Said where the loss of a step is more than {LOSS_FACTOR:.0f} times that "
            "of the first steps. Single batches have several times the usual loss in "
            "healthy trainings too."
        ),
        variable="",
        step=int(rose),
    )


def _steps_too_large(judged: Judged) -> Finding | None:
    lengths = judged.steps - judged.begins + 1
    rows = np.flatnonzero(judged.kernels)
    high = judged.ratios[rows] > HIGH_RATIO
    counts = np.where(high, lengths, 0).cumsum(axis=1)
    # Steps in a row: all so far, less those before the last window that was not high.
    before = np.maximum.accumulate(np.where(high, 0, counts), axis=1)
    streaks = counts - before >= HIGH_STEPS
    hit = np.flatnonzero(streaks.any(axis=1))
    if not hit.size:
        return None
    ends = streaks[hit].argmax(axis=1)
    begins = []
    for row, end in zip(hit, ends, strict=True):
        lows = np.flatnonzero(~high[row, :end])
        begins.append(int(judged.begins[lows[-1] + 1 if lows.size else 0]))
    step = min(begins)
    ratios = np.where(high[hit], judged.ratios[rows[hit]], 0.0)
    worst = int(ratios.max(axis=1).argmax())
    path = judged.variables[rows[hit[worst]]]
    top = float(ratios[worst].max())
    at = int(judged.steps[int(ratios[worst].argmax())])
    rates = judged.total("learning_rate")
    rate = "" if rates is None else f", which was {_value(float(np.nanmax(rates)))}"
    return Finding(
        kind="steps_too_large",
        broken=True,
        headline=f"Steps too large from step {step:,}, most in {layer_of(path)}",
        text=(
            f"Steps are too large: from step {step:,} on, {len(hit)} of "
            f"{_plural(len(rows), 'kernel')} changed by more than {HIGH_RATIO:.0%} of "
            f"their norm in each of several steps, {path} the most, by {top:.0%} at "
            f"step {at:,}. Lower the learning rate{rate}."
        ),
        rule=(
            f"Said where a kernel changes by more than {HIGH_RATIO:.0%} of its norm in "
            f"each of {HIGH_STEPS} steps in a row. About 0.1% is usual (CS231n), and "
            "healthy trainings that were measured stayed below 4%. MindSpore Insight "
            "has the same limit."
        ),
        variable=path,
        step=step,
    )


def _no_gradient(judged: Judged) -> Finding | None:
    alive = np.nan_to_num(judged.gradients, nan=0.0) > 0
    count = len(judged.steps)
    last_alive = np.where(
        alive.any(axis=1), count - 1 - alive[:, ::-1].argmax(axis=1), -1
    )
    ends = np.append(judged.begins[0] - 1, judged.steps)
    silent = judged.steps[-1] - ends[last_alive + 1]
    dead = judged.there[:, -1] & (silent >= max(MIN_STEPS, judged.count * END_SHARE))
    weights = np.array([_is_weight(path) for path in judged.variables], bool)
    weights &= judged.there[:, -1]
    if not (dead & weights).any():
        return None
    layers = [layer_of(path) for path in judged.variables]
    learning = {layers[at] for at in np.flatnonzero(judged.there[:, -1] & ~dead)}
    # Gradients do arrive at a layer whose bias alone learns.
    deaf = np.flatnonzero(dead & weights).tolist()
    chosen = [at for at in deaf if layers[at] not in learning] or deaf
    names = list(dict.fromkeys(layers[at] for at in chosen))
    total = len({layers[at] for at in np.flatnonzero(weights)})
    since = int(judged.begins[max(int(last_alive[at]) for at in chosen) + 1])
    last, variable = names[-1], judged.variables[chosen[-1]]
    which, listed, look = last, last, "what follows it"
    if len(names) > 1:
        which = f"{len(names)} of {total} layers, {names[0]} to {last}"
        listed = f"{len(names)} of {total} layers"
        look = f"{last}, the last of them on the way to the loss, and what follows it"
    return Finding(
        kind="no_gradient",
        broken=True,
        headline=f"No gradient reaches {which}, since step {since:,}",
        text=(
            f"No gradient reaches {listed} since step {since:,}. Look at {look}: dead "
            "units, weights of zero, or no connection."
        ),
        rule=(
            "Said where the gradient of a kernel or an embedding was exactly zero in "
            f"all of the last {END_SHARE:.0%} of the steps, and in at least "
            f"{MIN_STEPS} of them."
        ),
        variable=variable,
        step=since,
    )


def _vanishing(judged: Judged) -> Finding | None:
    rows = np.flatnonzero(judged.kernels)
    quarter = len(rows) // 4
    if quarter == 0:
        return None
    early = _median(judged.gradients[rows[:quarter]])
    late = _median(judged.gradients[rows[-quarter:]])
    ratio = _median(judged.ratios[rows[:quarter]])
    if not (early < VANISHING_FACTOR * late and ratio < LOW_RATIO):
        return None
    path = judged.variables[rows[0]]
    return Finding(
        kind="vanishing",
        broken=True,
        headline=f"Gradients vanish towards {layer_of(path)}",
        text=(
            f"Gradients vanish towards the first layers: those of the first quarter of "
            f"the kernels, as of {path}, are {_times(early / late)} those of the last "
            f"one, and change them by {_value(ratio)} of their norm a step."
        ),
        rule=(
            "Said where the median gradient of the first quarter of the kernels is "
            f"below {VANISHING_FACTOR:g} of that of the last one, and their median "
            f"update ratio is below {LOW_RATIO:g}."
        ),
        variable=path,
        step=int(judged.begins[0]),
    )


def _steps_too_small(judged: Judged) -> Finding | None:
    ratios = _kernel_ratios(judged)
    if not ratios.size or np.median(ratios) >= LOW_RATIO:
        return None
    rates = judged.total("learning_rate")
    rate = "" if rates is None else f", which was {_value(float(np.nanmax(rates)))}"
    return Finding(
        kind="steps_too_small",
        broken=False,
        headline="Hardly anything is learned: steps are very small",
        text=(
            f"Hardly anything is learned: the median kernel changes by "
            f"{_value(float(np.median(ratios)))} of its norm a step. Raise the "
            f"learning rate{rate}."
        ),
        rule=(
            f"Said where the median update ratio of all kernels and steps is below "
            f"{LOW_RATIO:g}, a hundredth of what is usual (CS231n: about 0.001)."
        ),
        variable="",
        step=int(judged.begins[0]),
    )


def _gradient_spike(judged: Judged) -> Finding | None:
    norms = judged.total("global_norm_max")
    least, most = SPIKE_WINDOWS
    if norms is None or len(norms) <= least:
        return None
    best, factor = 0, SPIKE_FACTOR
    for at in np.flatnonzero(norms > SPIKE_FACTOR * np.nanmin(norms)):
        if at < least:
            continue
        usual = _median(norms[max(0, at - most) : at])
        if usual > 0 and norms[at] > factor * usual:
            best, factor = int(at), float(norms[at] / usual)
    if best == 0:
        return None
    step = int(judged.total_steps[best])
    place = min(int(np.searchsorted(judged.steps, step)), len(judged.steps) - 1)
    column = np.nan_to_num(judged.gradients[:, place], nan=-1.0)
    path = judged.variables[int(column.argmax())]
    begin = int(judged.begins[place])
    when = f"step {step:,}" if begin == step else f"steps {begin:,} to {step:,}"
    return Finding(
        kind="gradient_spike",
        broken=False,
        headline=f"A spike of the gradients at {when}, most in {layer_of(path)}",
        text=(
            f"The gradients' norm was {_times(factor)} the usual at {when}, the "
            f"largest that of {path}. The training went on; look at the batch, or clip "
            "gradients."
        ),
        rule=(
            f"Said where the norm of all gradients is more than {SPIKE_FACTOR:.0f} "
            f"times its median over up to {most} windows before, and nothing worse was "
            "found."
        ),
        variable=path,
        step=step,
    )


def _is_weight(path: str) -> bool:
    return is_kernel(path) or "embedding" in path.rpartition("/")[2]


def _kernel_ratios(judged: Judged) -> Array:
    ratios: Array = judged.ratios[judged.kernels]
    return ratios[np.isfinite(ratios)]


def _median(values: Array) -> float:
    """Of what is finite; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _value(value: float) -> str:
    if 1000 <= value < 1e6:
        return f"{float(f'{value:.4g}'):,.0f}"
    return f"{value:.3g}"


def _times(factor: float) -> str:
    if factor >= 1e6:
        return f"{factor:.1e} times"
    if factor >= 100:
        return f"{float(f'{factor:.2g}'):,.0f} times"
    return f"{factor:.2g} times"
