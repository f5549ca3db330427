"""The probe, and captures of activations."""

from __future__ import annotations

from typing import Literal

import msgspec

from tb_kerasviz.wire.schema.base import Document, MemberRef, SkippedLayer

ACTIVATION_STATS = ("min", "max", "mean", "std", "zero_fraction", "nonfinite")
"""Columns of a channel's statistics: over its finite values, except the last,
which counts NaN and infinite values. A channel without any finite value has
NaN in the first five."""


class ProbeInput(msgspec.Struct, frozen=True, kw_only=True):
    """One input of the probe."""

    name: str
    shape: tuple[int, ...]
    """`[N, ...]` as given."""
    dtype: str
    picture: bool
    """Whether each sample is a picture `[H, W, C]`, C in 1, 3, 4. Then the
    member holds uint8 `picture` `[H, W, C]`, else float32 `values` [...]."""
    low: float
    """Value that picture level 0 stands for."""
    high: float
    """Value that picture level 255 stands for."""
    members: tuple[MemberRef, ...]
    """One per kept sample."""
    cut: str
    """What was left out, as a phrase; empty if nothing was."""


class ProbeIndex(Document, frozen=True, kw_only=True):
    """The probe's inputs, logged once."""

    samples: int
    """Samples kept."""
    probe_samples: int
    """Samples given."""
    inputs: tuple[ProbeInput, ...]
    labels: tuple[str, ...]
    """One per kept sample, or none."""


class LayerActivation(msgspec.Struct, frozen=True, kw_only=True):
    """One output of one call of a layer, in one capture.

    Each member (one per sample) is a safetensors document with

    * `maps` uint8 `[K, h, w]`: the kept channels; value = offset + scale*code;
    * `scale`, `offset` float32 `[K]`;
    * `nonfinite` uint8 `[K, h, w]`, only where there is something to mark:
      0 finite, 1 NaN, 2 +Inf, 3 -Inf (the code at such a place is 0);
    * `stats` float32 `[C, S]` with the columns `ACTIVATION_STATS`, for every
      channel, over the sample's unreduced values.
    """

    path: str
    call: int
    output: int
    class_name: str
    kind: Literal["map", "sequence", "vector"]
    """`map`: `[N, H, W, C]` and other spatial outputs; `sequence`:
    `[N, T, C]`, kept as h = 1, w = T; `vector`: `[N, C]`, h = w = 1."""
    shape: tuple[int, ...]
    """Shape of the output, `[N, ...]`."""
    dtype: str
    channels: int
    kept_channels: tuple[int, ...]
    """Indices of the K channels whose maps were kept."""
    full_map: tuple[int, int]
    """Height and width of a map before reduction."""
    kept_map: tuple[int, int]
    """Height and width of a kept map."""
    members: tuple[MemberRef, ...]
    """One per kept sample."""
    cut: str
    """What was reduced, as a phrase like "48 of 512 channels, 28x28 of
    112x112"; empty if nothing was."""
    summary: tuple[float | None, ...] = ()
    """`ACTIVATION_STATS` over all samples and channels; None = no finite value."""


class ActivationIndex(Document, frozen=True, kw_only=True):
    """One capture of activations.

    Member `thumbnails[s]` holds, for sample s, uint8 `codes` `[L, t, t]`
    (0..254 from low to high, 255 = non-finite) and float32 `low`, `high` `[L]`
    for the L entries of `layers`.
    """

    step: int
    samples: int
    probe_samples: int
    layers: tuple[LayerActivation, ...]
    """In order of execution."""
    skipped: tuple[SkippedLayer, ...]
    thumbnails: tuple[MemberRef, ...]
    raw_bytes: int
    """Bytes of the maps before compression."""
    budget_bytes: int
