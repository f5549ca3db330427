"""The probe, and captures of activations."""

from __future__ import annotations

from typing import Literal

import msgspec

from tb_kerasviz.wire.schema.base import Document, MemberRef, SkippedLayer

ACTIVATION_STATS = ("min", "max", "mean", "std", "zero_fraction", "nonfinite")
"""Columns of a channel's statistics: over its finite values, except the last,
which counts NaN and infinite values. A channel without any finite value has
NaN in the first five."""

SATURATED_SHARE = 0.5
"""A unit counts as saturated when more than this share of its finite values is
within `SATURATION_MARGIN` of a bound of its layer's activation."""

SATURATION_MARGIN = 0.03
"""Share of the way from one bound to the other, or from zero to the only bound:
|tanh| > 0.94, a sigmoid outside of 0.03 to 0.97, a ReLU6 above 5.82."""


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
    tokens: tuple[tuple[str, ...], ...] = ()
    """Of text or token ids: for each kept sample, a text for each position of
    its sequence; empty for all other inputs."""


class ProbeIndex(Document, frozen=True, kw_only=True):
    """The probe's inputs, logged once."""

    samples: int
    """Samples kept."""
    probe_samples: int
    """Samples given."""
    inputs: tuple[ProbeInput, ...]
    labels: tuple[str, ...]
    """One per kept sample, or none."""
    digest: str = ""
    """Tells probes apart: equal for equal inputs. Empty in older logs."""


class UnitCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many units (channels) of an output are in which state.

    Each is judged over all positions of all measured samples.
    """

    dead: int
    """Exactly zero everywhere."""
    constant: int
    """One finite value everywhere; the dead ones are among them."""
    nonfinite: int
    """NaN or infinite somewhere."""
    saturated: int | None
    """See `SATURATED_SHARE`; None where the activation has no bounds."""


class ModelOutput(msgspec.Struct, frozen=True, kw_only=True):
    """One output of the model for the probe, in one capture.

    The member holds float32 `values` `[N, ...]` for the measured samples.
    """

    name: str
    """Its name in the model's output structure; empty if there is only one."""
    shape: tuple[int, ...]
    """Shape of the output, `[N, ...]`."""
    dtype: str
    member: MemberRef
    cut: str
    """What was left out, as a phrase; empty if nothing was."""


class LayerActivation(msgspec.Struct, frozen=True, kw_only=True):
    """One output of one call of a layer, in one capture.

    Each member (one per sample) is a safetensors document with

    * `maps` uint8 `[K, h, w]`: the kept channels; value = offset + scale*code;
    * `scale`, `offset` float32 `[K]`;
    * `nonfinite` uint8 `[K, h, w]`, only where there is something to mark:
      0 finite, 1 NaN, 2 +Inf, 3 -Inf (the code at such a place is 0);
    * `stats` float32 `[C, S]` with the columns `ACTIVATION_STATS`, for every
      channel, over the sample's unreduced values;
    * `mask` uint8 `[w]`, only where Keras's mask came with the output: 1 where
      a kept time step has a step that is not masked; of attention, a key that
      any query may look at. Statistics count all.

    The member `units` is of all measured samples together, also those whose maps
    were not kept:

    * `stats` float32 `[C, S]`, as above;
    * `histogram` uint32 `[C, B]`: the channel's finite values, counted in B bins
      of equal width from its `min` to its `max`, the last one closed. All are in
      the first bin where both are the same;
    * `saturated` float32 `[C]`: share of the finite values that are within
      `SATURATION_MARGIN` of a bound; only where the activation has bounds. NaN
      where no value is finite.
    """

    path: str
    call: int
    output: int
    class_name: str
    kind: Literal["map", "sequence", "vector", "attention"]
    """`map`: `[N, H, W, C]` and other spatial outputs; `sequence`:
    `[N, T, C]`, kept as h = 1, w = T; `vector`: `[N, C]`, h = w = 1;
    `attention`: scores `[N, C, Q, K]` of C heads, h = Q queries, w = K keys."""
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
    name: str = ""
    """Name of the output in the structure that the layer returns, such as a key
    of a dict; "attention_scores" for those. Empty if there is only one."""
    slices: tuple[int, ...] = ()
    """Of a volume `[N, D, H, W, C]`: the depths that were kept, whose maps stand
    side by side, so that w = kept depths * width of one. Else empty."""
    activation: str = ""
    """Name of the layer's activation function, such as "relu"; empty if it has
    none or one of the user's own."""
    units: MemberRef | None = None
    unit_counts: UnitCounts | None = None


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
    measured_samples: int = 0
    """Samples that `units` and `outputs` are of: all that were run. 0 in older
    logs, which have neither."""
    outputs: tuple[ModelOutput, ...] = ()
    """What the model returned."""
    training: bool = False
    """Whether the probe ran in training mode."""
