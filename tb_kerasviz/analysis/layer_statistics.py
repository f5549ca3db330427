"""Statistics of layers, from what was logged of their variables and outputs."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from tb_kerasviz.wire.metadata import WIRE_VERSION
from tb_kerasviz.wire.schema import (
    ACTIVATION_STATS,
    DYNAMICS_COLUMNS,
    LAYER_STATISTICS,
    LayerStatistics,
    LoggedNumber,
    StatisticColumn,
)

Array = np.ndarray[Any, Any]

Summary = Sequence[float | None]
"""Statistics of an output with the entries `ACTIVATION_STATS`; or empty."""

ACTIVATION_COLUMNS: Mapping[str, str] = {
    "activation_mean": "mean",
    "activation_std": "std",
    "activation_zero_fraction": "zero_fraction",
    "nonfinite_activations": "nonfinite",
}
"""Which entry of a summary each of these statistics is."""


_BEGINS_AT_ZERO = re.compile(r"(^|/|_)(bias|beta)$")


class _Variable(Protocol):
    @property
    def path(self) -> str: ...


class LayerOfVariables(Protocol):
    """What is needed of a layer of a model graph."""

    @property
    def path(self) -> str:
        """Its path."""

    @property
    def variables(self) -> Sequence[_Variable]:
        """Its own variables."""

    @property
    def children(self) -> Sequence[LayerOfVariables]:
        """The layers below it."""


class LoggedOutput(Protocol):
    """What is needed of an output in a capture of activations."""

    @property
    def path(self) -> str:
        """Path of its layer."""

    @property
    def call(self) -> int:
        """Which of the layer's calls made it."""

    @property
    def output(self) -> int:
        """Which of the call's outputs it is."""

    @property
    def summary(self) -> Summary:
        """Its statistics."""


class LoggedVariable(Protocol):
    """What is needed of a variable in a capture of weights."""

    @property
    def path(self) -> str:
        """Its path."""

    @property
    def trainable(self) -> bool:
        """Whether it was."""

    @property
    def norm(self) -> float | None:
        """Its norm."""


@dataclasses.dataclass(frozen=True)
class DynamicsRows:
    """Dynamics of the same variables at several steps.

    Attributes:
        variables: Paths of the V variables.
        steps: int64 `[T]`, ascending.
        values: float32 `[T, V, C]`, columns `DYNAMICS_COLUMNS`.
        damaged: bool `[T, V]`: what does not match its checksum.
    """

    variables: tuple[str, ...]
    steps: Array
    values: Array
    damaged: Array


@dataclasses.dataclass(frozen=True)
class LoggedNorm:
    """Norm of one variable in a capture of weights; None if unknown."""

    norm: float | None
    trainable: bool


@dataclasses.dataclass(frozen=True)
class Known:
    """A statistic, and where it is known.

    Attributes:
        values: float64, any shape.
        known: bool of that shape; elsewhere nothing was logged.
    """

    values: Array
    known: Array


def variables_of_layers(
    layers: Iterable[LayerOfVariables],
) -> dict[str, tuple[str, ...]]:
    """The variables of each layer, its own and all below it.

    Args:
        layers: Layers of a model graph.

    Returns:
        By path of the layer: paths of variables, each once.
    """
    entries: list[tuple[LayerOfVariables, int, dict[str, None]]] = []
    stack = [(layer, -1) for layer in reversed(list(layers))]
    while stack:  # Not recursive: whoever wrote the log chose its depth.
        layer, parent = stack.pop()
        own = dict.fromkeys(variable.path for variable in layer.variables)
        stack.extend((child, len(entries)) for child in reversed(layer.children))
        entries.append((layer, parent, own))
    for _, parent, paths in reversed(entries):
        if parent >= 0:
            entries[parent][2].update(paths)
    return {layer.path: tuple(paths) for layer, _, paths in entries}


def summaries_of_layers(outputs: Iterable[LoggedOutput]) -> dict[str, Summary]:
    """Statistics of the first output of each layer's first call, by path."""
    return {one.path: one.summary for one in outputs if one.call == one.output == 0}


def norms_of_variables(variables: Iterable[LoggedVariable]) -> dict[str, LoggedNorm]:
    """Norms of all variables of a capture, by path."""
    return {one.path: LoggedNorm(one.norm, one.trainable) for one in variables}


def _compared_by_ratio(paths: Sequence[str]) -> Array:
    """Which variables stand for all by their update ratio: bool `[V]`.

    Not those that begin at zero, if there are others: a ratio to their norm
    says little. The map of gradients has the same rule.
    """
    found = np.array([_BEGINS_AT_ZERO.search(path) is None for path in paths])
    return found if found.any() else ~found


def combine_dynamics(
    dynamics: DynamicsRows, groups: Sequence[Sequence[int]]
) -> dict[str, Known]:
    """Statistics of groups of variables; norms take each as one vector.

    A variable without a gradient adds nothing. A group with a damaged row is
    unknown at that step.

    Args:
        dynamics: Rows of T steps and V variables.
        groups: G lists of indices into V, none of them empty.

    Returns:
        `[T, G]` of each of `LAYER_STATISTICS` but `ACTIVATION_COLUMNS`.
    """
    members = np.concatenate([np.asarray(group, np.int64) for group in groups])
    starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
    compared = np.concatenate(
        [
            _compared_by_ratio([dynamics.variables[at] for at in group])
            for group in groups
        ]
    )
    used, places = np.unique(members, return_inverse=True)
    wide = dynamics.values[:, used].astype(np.float64)
    damaged = dynamics.damaged[:, used]
    whole = ~np.logical_or.reduceat(damaged[:, places], starts, axis=1)

    def column(name: str) -> Array:
        taken: Array = wide[:, :, DYNAMICS_COLUMNS.index(name)]
        return taken

    def total(terms: Array, where: Array) -> Known:
        kept = np.where(where, terms, 0.0)[:, places]
        some = np.logical_or.reduceat(where[:, places], starts, axis=1)
        return Known(np.add.reduceat(kept, starts, axis=1), some & whole)

    def norm(name: str, where: Array) -> Known:
        squares = total(np.square(column(name)), where)
        return Known(np.sqrt(squares.values), squares.known)

    def largest(terms: Array, where: Array) -> Known:
        there = where[:, places] & compared
        kept = np.where(there, terms[:, places], -np.inf)
        some = np.logical_or.reduceat(there, starts, axis=1)
        return Known(np.maximum.reduceat(kept, starts, axis=1), some & whole)

    weight, nonfinite = column("weight_norm"), column("nonfinite")
    # Neither of these two can be: it was not measured.
    has_grad = ~np.isnan(column("grad_norm_mean")) | (nonfinite != 0)
    has_update = ~np.isnan(column("update_norm_mean")) | ~np.isfinite(weight)
    everywhere = np.ones_like(has_grad)
    with np.errstate(invalid="ignore", divide="ignore"):
        update = column("update_norm_mean")
        nothing = (update == 0) & (weight == 0)
        return {
            "grad_norm_mean": norm("grad_norm_mean", has_grad),
            "grad_norm_max": norm("grad_norm_max", has_grad),
            "update_norm_mean": norm("update_norm_mean", has_update),
            "update_ratio": largest(update / weight, has_update & ~nothing),
            "weight_norm": norm("weight_norm", everywhere),
            "nonfinite_gradients": total(nonfinite, has_grad),
        }


def captured_norm(
    variables: Iterable[str], norms: Mapping[str, LoggedNorm]
) -> float | None:
    """Norm of several variables, as a capture of weights has it.

    Args:
        variables: Their paths.
        norms: What was captured, by path.

    Returns:
        That of the trainable ones; of all if none is trainable; None if none
        was captured.
    """
    found = [norms[path] for path in variables if path in norms]
    chosen = [entry for entry in found if entry.trainable] or found
    known = [entry.norm for entry in chosen if entry.norm is not None]
    return math.hypot(*known) if known else None


def summary_value(summary: Summary, name: str) -> float | None:
    """One of `ACTIVATION_COLUMNS`; NaN where no value of the output is finite."""
    if len(summary) != len(ACTIVATION_STATS):
        return None  # Written before there were summaries.
    value = summary[ACTIVATION_STATS.index(ACTIVATION_COLUMNS[name])]
    return math.nan if value is None else value


def logged_number(value: float | None) -> LoggedNumber:
    """A number as JSON can hold it, with the digits that a float32 has."""
    if value is None:
        return None
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(f"{value:.8g}")


def layer_statistics(
    step: int,
    variables: Mapping[str, Sequence[str]],
    dynamics: DynamicsRows | None,
    norms: tuple[int, Mapping[str, LoggedNorm]] | None,
    activations: tuple[int, Mapping[str, Summary]] | None,
) -> LayerStatistics:
    """The statistics of all layers at a step, see `LAYER_STATISTICS`.

    Args:
        step: The step that was asked for.
        variables: What `variables_of_layers` gave.
        dynamics: One row (T = 1), or None.
        norms: Step and norms of a capture of weights, or None.
        activations: Step and summaries of a capture of activations, or None.
    """
    columns: dict[str, dict[str, float]] = {name: {} for name in LAYER_STATISTICS}
    steps: dict[str, int] = {}
    if dynamics is not None:
        place = {path: at for at, path in enumerate(dynamics.variables)}
        groups = {
            layer: [place[path] for path in paths if path in place]
            for layer, paths in variables.items()
        }
        groups = {layer: group for layer, group in groups.items() if group}
        if groups:
            found = combine_dynamics(dynamics, list(groups.values()))
            for name, known in found.items():
                columns[name] = _by_layer(groups, known)
                steps[name] = int(dynamics.steps[0])
    if norms is not None:
        weight_norms = columns["weight_norm"]
        for layer, paths in variables.items():
            norm = captured_norm(paths, norms[1])
            if layer not in weight_norms and norm is not None:
                weight_norms[layer] = norm
                steps.setdefault("weight_norm", norms[0])
    if activations is not None:
        for name in ACTIVATION_COLUMNS:
            steps[name] = activations[0]
            _fill(columns[name], activations[1], name)
    order = dict.fromkeys((*variables, *(activations[1] if activations else ())))
    layers = [layer for layer in order if any(layer in c for c in columns.values())]
    return LayerStatistics(
        version=WIRE_VERSION,
        step=step,
        layers=tuple(layers),
        columns=tuple(
            StatisticColumn(
                name=name,
                step=steps[name] if values else None,
                values=tuple(logged_number(values.get(layer)) for layer in layers),
            )
            for name, values in columns.items()
        ),
    )


def _by_layer(groups: Iterable[str], known: Known) -> dict[str, float]:
    values, where = known.values[0].tolist(), known.known[0].tolist()
    return {
        layer: value
        for layer, value, there in zip(groups, values, where, strict=True)
        if there
    }


def _fill(
    values: dict[str, float], summaries: Mapping[str, Summary], name: str
) -> None:
    for layer, summary in summaries.items():
        value = summary_value(summary, name)
        if value is not None:
            values[layer] = value
