"""Captures of weights, and the dynamics of training."""

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
    "crc16",
)
"""Columns of the dynamics of one variable in one window of optimizer steps.

`grad_norm_*` and `update_norm_*`: mean and maximum, over the window, of the
Euclidean norm of the gradient and of the change of the weights.
`weight_norm`: Euclidean norm of the weights after the window's last step.
`nonfinite`: NaN or infinite gradient elements, summed over the window.
`nonfinite_first_step`: first step of the window that had one, -1 if none.
`window`: number of optimizer steps in the window.
`crc16`: low 16 bits of the CRC-32 of the row's other columns (little-endian
float32), so that a flipped bit is never shown as data.
"""


class WeightCapture(msgspec.Struct, frozen=True, kw_only=True):
    """One variable in one capture.

    The member is a safetensors document with float32 `values` (the kept
    part), int64 `counts` `[B]`, float64 `edges` `[B + 1]` and float32 `stats`
    `[S]` with the entries `WEIGHT_STATS`.
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


class WeightIndex(Document, frozen=True, kw_only=True):
    """One capture of weights."""

    step: int
    variables: tuple[WeightCapture, ...]
    skipped: tuple[SkippedLayer, ...]
    raw_bytes: int
    budget_bytes: int


class DynamicsIndex(Document, frozen=True, kw_only=True):
    """Names the rows and columns of the dynamics from this step on."""

    variables: tuple[str, ...]
    """Paths of the V variables."""
    columns: tuple[str, ...]
