"""What of a layer's output is kept, within a budget of bytes.

Pure arithmetic on shapes: the same shapes and budget always give the same
plan, so that captures of one training compare step by step.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Literal

from tb_kerasviz.analysis.budget import share_budget
from tb_kerasviz.wire.schema import ACTIVATION_STATS

Kind = Literal["map", "sequence", "vector"]

MAX_SIDE = 128
"""Longest side of a kept map: more is not seen in a grid of channels."""

MIN_SIDE = 8
"""Maps are reduced to about this side before any channel is left out."""

MAX_SEQUENCE = 512
"""Longest kept sequence; longer ones are averaged over neighbours."""

_STATS_BYTES = 4 * len(ACTIVATION_STATS)
_RANGE_BYTES = 8
_MEMBER_BYTES = 320
"""About what the names and checks around one output of one sample take."""
_THUMBNAIL_SIDES = (24, 16, 12, 8)
_THUMBNAIL_SHARE = 0.1
_STATS_SHARE = 0.65


@dataclasses.dataclass(frozen=True)
class OutputLayout:
    """How an output is read as channels of maps.

    Attributes:
        kind: See `schema.LayerActivation.kind`.
        samples: N, samples in the batch.
        channels: C.
        height: h; 1 for sequences and vectors.
        width: w; T for sequences, 1 for vectors.
        note: What of the output is not shown, as a phrase; empty if nothing.
    """

    kind: Kind
    samples: int
    channels: int
    height: int
    width: int
    note: str = ""


@dataclasses.dataclass(frozen=True)
class LayerPlan:
    """What is kept of one output.

    Attributes:
        layout: The output as channels of maps.
        channels: Indices of the kept channels, ascending.
        factor: Each kept cell averages `factor x factor` values (`1 x factor`
            for a sequence).
    """

    layout: OutputLayout
    channels: tuple[int, ...]
    factor: int

    @property
    def height(self) -> int:
        """Height of a kept map."""
        return math.ceil(self.layout.height / self.factor)

    @property
    def width(self) -> int:
        """Width of a kept map."""
        return math.ceil(self.layout.width / self.factor)

    @property
    def cut(self) -> str:
        """What was left out, as a phrase; empty if nothing was."""
        parts = [self.layout.note] if self.layout.note else []
        if len(self.channels) < self.layout.channels:
            parts.append(f"{len(self.channels)} of {self.layout.channels} channels")
        if self.factor > 1 and self.layout.kind == "sequence":
            parts.append(f"{self.width} of {self.layout.width} time steps (averaged)")
        elif self.factor > 1:
            parts.append(
                f"{self.height}x{self.width} of "
                f"{self.layout.height}x{self.layout.width} (averaged)"
            )
        return ", ".join(parts)


@dataclasses.dataclass(frozen=True)
class CapturePlan:
    """What is kept of one capture.

    Attributes:
        samples: How many samples are kept, the first ones.
        thumbnail_side: Height and width of a miniature; 0 for none.
        layers: One plan per output.
        nbytes: Bytes before compression.
    """

    samples: int
    thumbnail_side: int
    layers: tuple[LayerPlan, ...]
    nbytes: int


def layout_of(
    shape: Sequence[int | None], channels_first: bool = False
) -> OutputLayout | str:
    """Reads an output's shape as channels of maps.

    Args:
        shape: Shape of the output, `[N, ...]`.
        channels_first: Whether the channel axis comes second.

    Returns:
        The layout, or a sentence why there is none.
    """
    if not shape:
        return "its output is a scalar without samples"
    if any(n is None for n in shape):
        return f"its output shape {tuple(shape)} is not fixed"
    sizes = [int(n) for n in shape if n is not None]
    if math.prod(sizes) == 0:
        return f"its output of shape {tuple(sizes)} is empty"
    samples, rest = sizes[0], sizes[1:]
    if len(rest) > 4:
        return f"outputs of rank {len(sizes)} are not shown"
    if len(rest) <= 1:
        return OutputLayout("vector", samples, rest[0] if rest else 1, 1, 1)
    if channels_first:
        rest = [*rest[1:], rest[0]]
    if len(rest) == 2:
        return OutputLayout("sequence", samples, rest[1], 1, rest[0])
    note = ""
    if len(rest) == 4:
        note = f"slice {rest[0] // 2} of depth {rest[0]}"
        rest = rest[1:]
    return OutputLayout("map", samples, rest[2], rest[0], rest[1], note)


def plan_capture(layouts: Sequence[OutputLayout], budget_bytes: int) -> CapturePlan:
    """Shares a budget over outputs.

    Statistics of every channel always fit: samples are given up for them
    first. Then every output gets the same share of what is left, and what
    small ones do not need goes to the large ones. Within its share, an output
    keeps all channels and loses resolution down to `MIN_SIDE`; only then
    evenly spaced channels are left out.

    Args:
        layouts: The outputs, with the same number of samples.
        budget_bytes: Most bytes of the capture, before compression.
    """
    if not layouts:
        return CapturePlan(0, 0, (), 0)
    samples = max(1, min(layout.samples for layout in layouts))
    stats = sum(layout.channels * _STATS_BYTES for layout in layouts)
    always = stats + len(layouts) * _MEMBER_BYTES
    while samples > 1 and samples * always > _STATS_SHARE * budget_bytes:
        samples -= 1
    room = min(_THUMBNAIL_SHARE * budget_bytes, budget_bytes - samples * always)
    side = next(
        (
            side
            for side in _THUMBNAIL_SIDES
            if samples * len(layouts) * side * side <= room
        ),
        0,
    )
    left = budget_bytes - samples * (always + len(layouts) * side * side)
    shares = share_budget([_bytes(_whole(a), samples) for a in layouts], left)
    layers = tuple(
        _fit(layout, share, samples)
        for layout, share in zip(layouts, shares, strict=True)
    )
    nbytes = samples * (stats + len(layouts) * side * side)
    nbytes += sum(_bytes(layer, samples) for layer in layers)
    return CapturePlan(samples, side, layers, nbytes)


def _bytes(plan: LayerPlan, samples: int) -> int:
    per_channel = plan.height * plan.width + _RANGE_BYTES
    return samples * len(plan.channels) * per_channel


def _whole(layout: OutputLayout, factor: int = 0) -> LayerPlan:
    return LayerPlan(
        layout, tuple(range(layout.channels)), factor or _first_factor(layout)
    )


def _first_factor(layout: OutputLayout) -> int:
    limit = MAX_SEQUENCE if layout.kind == "sequence" else MAX_SIDE
    return math.ceil(max(layout.height, layout.width) / limit)


def _fit(layout: OutputLayout, share: int, samples: int) -> LayerPlan:
    factor = _first_factor(layout)
    while True:
        plan = _whole(layout, factor)
        if _bytes(plan, samples) <= share:
            return plan
        if max(layout.height, layout.width) / (factor + 1) < MIN_SIDE:
            break
        factor += 1
    per_channel = samples * (plan.height * plan.width + _RANGE_BYTES)
    count = min(layout.channels, share // per_channel)
    kept = tuple(i * layout.channels // count for i in range(count)) if count else ()
    return LayerPlan(layout, kept, factor)
