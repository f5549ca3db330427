"""Answers of the plugin's routes that are not logged documents."""

from __future__ import annotations

import msgspec

from tb_kerasviz.wire.schema.base import Document, LoggedNumber
from tb_kerasviz.wire.schema.verdicts import TrainingVerdict

LAYER_STATISTICS = (
    "grad_norm_mean",
    "grad_norm_max",
    "update_norm_mean",
    "update_ratio",
    "weight_norm",
    "nonfinite_gradients",
    "activation_mean",
    "activation_std",
    "activation_zero_fraction",
    "nonfinite_activations",
)
"""Statistics of a layer at a step: of its variables and of its outputs.

Its variables are its own and those of all layers below it, so that a nested
model or a wrapper has values too. Norms are those of all of them taken as one
vector: the root of the sum of squares (for the mean and the maximum of a window
an upper estimate, since the variables' maxima need not fall on one step).

Norms count the variables that the dynamics follow, which are the trainable
ones. A layer without any, such as a frozen one, or a log without dynamics, has
only `weight_norm`: that of its trainable variables, or of all if none is, in
the last capture of weights. `update_ratio` is that of the variable with the
largest one: `update_norm_mean` divided by its norm, of biases and betas, which
begin at zero, only if there is nothing else. `nonfinite_*` count elements: of
the gradients in the window, of the outputs in the capture. Activation statistics
are over all channels and probe samples of the first output of the layer's first
call.
"""


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One training, as the plugin lists it."""

    name: str
    """Its `log_dir` below TensorBoard's; "." for TensorBoard's own."""
    run: str
    """Name of TensorBoard's run that holds its data."""
    steps: dict[str, tuple[int, ...]]
    """Steps of each kind of data, ascending. Of `dynamics`, which may have
    thousands, only a lower bound of the first and the last."""
    error: str
    """Why its data cannot be read; empty if it can."""


class RunList(Document, frozen=True, kw_only=True):
    """Answer of the route `/runs`."""

    runs: tuple[RunInfo, ...]


class StatisticColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One statistic of all layers at one step."""

    name: str
    """One of `LAYER_STATISTICS`."""
    step: int | None
    """The last step at or below the asked one that has it; None if none has.
    Where `weight_norm` has two sources it is that of the dynamics."""
    values: tuple[LoggedNumber, ...]
    """One per layer of the answer."""


class LayerStatistics(Document, frozen=True, kw_only=True):
    """Answer of the route `/layer_statistics`."""

    step: int
    """The step that was asked for."""
    layers: tuple[str, ...]
    """Paths of the layers that have any statistic."""
    columns: tuple[StatisticColumn, ...]


class TrendColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One statistic of one layer over steps."""

    name: str
    steps: tuple[int, ...]
    values: tuple[LoggedNumber, ...]
    cut: str
    """How several steps became one point, as a phrase; empty if none did."""


class LayerTrend(Document, frozen=True, kw_only=True):
    """Answer of the route `/layer_trend`."""

    layer: str
    columns: tuple[TrendColumn, ...]


class UnitTrend(Document, frozen=True, kw_only=True):
    """Answer of the route `/activations/unit_trend`: one unit over steps."""

    steps: tuple[int, ...]
    """Those whose capture has the unit."""
    columns: tuple[str, ...]
    """`ACTIVATION_STATS`, then `saturated` where the activation has bounds."""
    values: tuple[tuple[LoggedNumber, ...], ...]
    """One per column: a value for each step, over all measured samples."""
    cut: str
    """What was left out, as a phrase; empty if nothing was."""


class UnitHealthLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One output of one call of a layer, over steps."""

    path: str
    call: int
    output: int
    name: str
    class_name: str
    activation: str
    units: int
    """Channels of the output."""
    dead: tuple[int | None, ...]
    """One per step, as the other counts; None where the capture lacks it. See
    `UnitCounts`."""
    constant: tuple[int | None, ...]
    nonfinite: tuple[int | None, ...]
    saturated: tuple[int | None, ...]
    """None at all steps where the activation has no bounds."""


class UnitHealth(Document, frozen=True, kw_only=True):
    """Answer of the route `/activations/health`: the units of all layers."""

    steps: tuple[int, ...]
    """Steps of the captures that count units."""
    layers: tuple[UnitHealthLayer, ...]
    """In the order of execution of the last capture that has each."""
    cut: str
    """What was left out, as a phrase; empty if nothing was."""


class ScalarTrend(Document, frozen=True, kw_only=True):
    """Answer of the route `/scalars`: one scalar over steps; none if not logged."""

    tag: str
    split: str
    steps: tuple[int, ...]
    values: tuple[LoggedNumber, ...]


DYNAMICS_QUANTITIES = (
    "grad_norm",
    "update_norm",
    "update_ratio",
    "weight_norm",
    "grad_zero_fraction",
)
"""What the route `/dynamics/map` can map. `update_ratio` is the update's norm
divided by the norm of the weights after it."""


class DynamicsSummary(Document, frozen=True, kw_only=True):
    """Answer of the route `/dynamics`: what is followed, over which steps.

    The route `/dynamics/map` (parameters `quantity`, `first`, `last`, `cells`)
    answers one quantity as arrays: float64 `first_steps` and `steps` `[T]`, the
    first and the last optimizer step of each cell, and float32 `[V, T]` over the
    variables below: `mean`, `smallest` and `largest` of what is finite in the
    steps of a cell (NaN where nothing is known), and `nonfinite`, how many
    elements of gradients and weights were NaN or infinite. Quantities are
    `DYNAMICS_QUANTITIES`.

    The route `/dynamics/steps` answers `first_steps`, `steps` and float32 `[T]` by
    the names of `STEP_COLUMNS`: means, maxima, sums or first steps over the cell,
    the last value of the learning rate and of the loss scale.
    """

    variables: tuple[str, ...]
    """Paths of the V variables."""
    first_step: int | None
    """Last step of the first window; None if there is none."""
    last_step: int | None
    """Last step of the last window; None if there is none."""
    windows: int
    """Windows of steps that were logged."""
    has_steps: bool
    """Whether `/dynamics/steps` has an answer; older logs have none."""
    verdict: TrainingVerdict
    """What is the matter with the training."""
    cut: str
    """What was not read, as a phrase; empty if nothing was."""
