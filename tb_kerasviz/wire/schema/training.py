"""Captures of weights and of gradients, and the dynamics of training."""

from __future__ import annotations

import msgspec

from tb_kerasviz.wire.schema.base import Document, MemberRef, SkippedLayer

WEIGHT_STATS = (
    "min",
    "max",
    "mean",
    "std",
    "norm",
    "zero_fraction",
    "nonfinite",
)
"""Columns of a variable's statistics, with the same rule. `norm` is the
Euclidean norm of the finite values."""

DYNAMICS_COLUMNS = (
    "grad_norm_mean",
    "grad_norm_max",
    "update_norm_mean",
    "update_norm_max",
    "weight_norm",
    "nonfinite",
    "nonfinite_first_step",
    "window",
    "grad_zero_fraction",
    "weight_nonfinite",
    "weight_nonfinite_first_step",
    "crc16",
)
"""Columns of the dynamics of one variable in one window of optimizer steps.

`grad_norm_*` and `update_norm_*`: mean and maximum, over the window, of the
Euclidean norm of the gradient and of the change of the weights.
`weight_norm`: Euclidean norm of the weights after the window's last step.
`nonfinite`: NaN or infinite gradient elements, summed over the window.
`nonfinite_first_step`: first step of the window that had one, -1 if none.
`window`: number of optimizer steps in the window.
`grad_zero_fraction`: share of the gradient's elements that are zero, the mean
over the window.
`weight_nonfinite`: NaN or infinite weights after a step, the most over the
window.
`weight_nonfinite_first_step`: first step of the window that left one, -1 if
none.
`crc16`: low 16 bits of the CRC-32 of the row's other columns (little-endian
float32), so that a flipped bit is never shown as data.

NaN stands for what was not measured. Means are over the steps that had a
gradient. `DynamicsIndex.columns` says which columns a log has: version 1 of
the format had no `grad_zero_fraction` and `weight_nonfinite*`.
"""

STEP_COLUMNS = (
    "learning_rate",
    "global_norm_mean",
    "global_norm_max",
    "clipped_norm_mean",
    "clipped_norm_max",
    "loss_mean",
    "loss_max",
    "loss_nonfinite",
    "loss_nonfinite_first_step",
    "loss_scale",
    "skipped",
    "window",
    "crc16",
)
"""Columns of the dynamics of all variables together in one window.

`learning_rate`: what the optimizer used in the window's last step.
`global_norm_*`: mean and maximum, over the window, of the Euclidean norm of
the gradients of all variables, as the optimizer was given them.
`clipped_norm_*`: the same of the gradients after the optimizer clipped them;
equal to `global_norm_*` where it does not.
`loss_*`: mean and maximum of the loss of each step's last batch; the mean is
of the finite ones. `loss_nonfinite`: steps whose loss was NaN or infinite;
`loss_nonfinite_first_step`: the first of them, -1 if none.
`loss_scale`: the factor of the loss in the window's last step.
`skipped`: batches that a `LossScaleOptimizer` left out, since their gradients
were not finite, before the steps of this window.
`window` and `crc16`: as in `DYNAMICS_COLUMNS`.

NaN stands for what is not known: a train step of one's own that never calls
`optimizer.scale_loss`, no loss scaling.
"""


class VariableAxis(msgspec.Struct, frozen=True, kw_only=True):
    """What an axis of a variable stands for."""

    name: str
    """What is counted along it, such as "input channel"."""
    parts: tuple[str, ...] = ()
    """Names of the equal parts that the axis consists of, such as the gates of
    an LSTM; along each of them counting begins anew."""


class WeightCapture(msgspec.Struct, frozen=True, kw_only=True):
    """One variable in one capture.

    The member is a safetensors document with float32 `values` (the kept
    part), int64 `counts` `[B]`, float64 `edges` `[B + 1]` and float32 `stats`
    `[S]` with the entries `WEIGHT_STATS`.

    `counts` is the histogram of all finite values: bin i is
    `[edges[i], edges[i + 1])`. Edges are multiples of their distance, which is
    a power of two, so that each bin of a finer histogram lies in one bin of a
    coarser one, and counts of any steps can be added up to bins that they have
    in common. A variable of one value has one bin. (Older data have 64 bins
    over the range, the last one closed, and any edges.)
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool
    kept: tuple[tuple[int, ...] | None, ...]
    """Per axis, the indices that were kept; None = all of that axis."""
    member: MemberRef
    cut: str
    norm: float | None = None
    """Euclidean norm of the finite values; None if there is none."""
    spatial_axes: int = 0
    """How many of the first axes are the window of a convolution: its values
    are tiles, one for each pair of channels. Tiles are kept whole. 0 for what
    is no such kernel, and in older data."""
    change: float | None = None
    """Euclidean norm of the change since `WeightIndex.previous_step`, over
    elements that are finite in both captures; None if it is not known."""
    change_from_start: float | None = None
    """The same since `WeightIndex.start_step`."""
    nonfinite: int | None = None
    """How many values are NaN or infinite; None in older data."""
    axes: tuple[VariableAxis, ...] = ()
    """What each axis stands for; empty where that is not known, and in older
    data."""


class WeightIndex(Document, frozen=True, kw_only=True):
    """One capture of weights."""

    step: int
    variables: tuple[WeightCapture, ...]
    skipped: tuple[SkippedLayer, ...]
    raw_bytes: int
    budget_bytes: int
    previous_step: int | None = None
    """Step of the capture before; None for the first one of a `fit`, whose
    variables have no changes, and in older data."""
    start_step: int | None = None
    """Step of the first capture of the `fit`, which for a new training is that
    of the initial weights; None for the first one itself."""
    changes_cut: str = ""
    """Whose changes were not measured, as a phrase; empty if all were."""


class GradientCapture(msgspec.Struct, frozen=True, kw_only=True):
    """The gradient of one variable in one optimizer step.

    The member is a safetensors document with int64 `counts` `[B]`, float64
    `edges` `[B + 1]` and float32 `stats` `[S]` with the entries `WEIGHT_STATS`.

    `counts` is the histogram of all finite values, over signed octaves, the same
    ones for every variable and step: `(-2**(k + 1), -2**k]`, the zeros alone, and
    `[2**k, 2**(k + 1))`, k ascending, from the smallest octave to the largest one
    that is needed. The bin of the zeros has the edges of the smallest octave.
    """

    path: str
    shape: tuple[int, ...]
    member: MemberRef


class GradientIndex(Document, frozen=True, kw_only=True):
    """Gradients of one optimizer step, as the optimizer was given them.

    Without a loss scale, the mean of those that were accumulated, summed over the
    replicas, and before clipping.
    """

    step: int
    variables: tuple[GradientCapture, ...]
    skipped: tuple[SkippedLayer, ...]
    """Variables that are not in it, by their paths."""


class DynamicsIndex(Document, frozen=True, kw_only=True):
    """Names the rows and columns of the dynamics from this step on."""

    variables: tuple[str, ...]
    """Paths of the V variables."""
    columns: tuple[str, ...]
    """Names of the columns of a variable's row; the last is `crc16`."""
    step_columns: tuple[str, ...] = ()
    """Names of the columns of `tags.STEP_DYNAMICS`; the last is `crc16`. Empty
    where that is not logged."""
