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

Kind = Literal["map", "sequence", "vector", "attention"]

MAX_SIDE = 128
"""Longest side of a kept map: more is not seen in a grid of channels."""

MIN_SIDE = 8
"""Maps are reduced to about this side before any channel is left out."""

MAX_SEQUENCE = 512
"""Longest kept sequence; longer ones are averaged over neighbours."""

MAX_SLICES = 8
"""Most slices of a volume."""

BINS = (32, 16, 8)
"""Numbers of bins of a histogram; the first is taken where it fits."""

_STATS_BYTES = 4 * len(ACTIVATION_STATS)
_SATURATED_BYTES = 4
_COUNT_BYTES = 4
_WRITTEN_COUNT_BYTES = ((2**8, 1.6), (2**16, 2.7), (math.inf, 3.9))
"""About what a count of up to so many values takes once it is compressed: most
of its bytes are zero."""
_RANGE_BYTES = 8
_MEMBER_BYTES = 320
"""About what the names and checks around one output of one sample take."""
_THUMBNAIL_SIDES = (24, 16, 12, 8)
_THUMBNAIL_SHARE = 0.1
_HISTOGRAM_SHARE = 0.2
_STATS_SHARE = 0.65


@dataclasses.dataclass(frozen=True)
class OutputLayout:
    """How an output is read as channels of maps.

    Attributes:
        kind: See `schema.LayerActivation.kind`.
        samples: N, samples in the batch.
        channels: C; heads of attention.
        height: h; 1 for sequences and vectors, queries of attention.
        width: w; T for sequences, 1 for vectors, keys of attention.
        depth: Depths of a volume, 0 if it is none.
    """

    kind: Kind
    samples: int
    channels: int
    height: int
    width: int
    depth: int = 0

    @property
    def slices(self) -> tuple[int, ...]:
        """The depths of a volume that are kept, evenly spaced."""
        count = min(self.depth, MAX_SLICES)
        return tuple((2 * i + 1) * self.depth // (2 * count) for i in range(count))

    @property
    def values(self) -> int:
        """Values of one channel in one sample."""
        return max(1, self.depth) * self.height * self.width


@dataclasses.dataclass(frozen=True)
class LayerPlan:
    """What is kept of one output.

    Attributes:
        layout: The output as channels of maps.
        channels: Indices of the kept channels, ascending.
        factor: Each kept cell averages `factor x factor` values (`1 x factor`
            for a sequence).
        bins: Bins of each channel's histogram.
    """

    layout: OutputLayout
    channels: tuple[int, ...]
    factor: int
    bins: int = BINS[0]

    @property
    def slices(self) -> tuple[int, ...]:
        """The depths of a volume whose maps stand side by side; else empty."""
        return self.layout.slices

    @property
    def height(self) -> int:
        """Height of a kept map."""
        return math.ceil(self.layout.height / self.factor)

    @property
    def width(self) -> int:
        """Width of a kept map, of all slices together."""
        one = math.ceil(self.layout.width / self.factor)
        return one * max(1, len(self.slices))

    @property
    def cut(self) -> str:
        """What was left out, as a phrase; empty if nothing was."""
        parts = []
        if len(self.slices) < self.layout.depth:
            parts.append(f"{len(self.slices)} of {self.layout.depth} depths")
        if len(self.channels) < self.layout.channels:
            unit = "heads" if self.layout.kind == "attention" else "channels"
            parts.append(f"{len(self.channels)} of {self.layout.channels} {unit}")
        if self.factor > 1 and self.layout.kind == "sequence":
            parts.append(f"{self.width} of {self.layout.width} time steps (averaged)")
        elif self.factor > 1:
            parts.append(
                f"{self.height}x{self.width // max(1, len(self.slices))} of "
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
        written_bytes: Most bytes as written, which the budget is for.
    """

    samples: int
    thumbnail_side: int
    layers: tuple[LayerPlan, ...]
    nbytes: int
    written_bytes: int


def layout_of(
    shape: Sequence[int | None], channels_first: bool = False, attention: bool = False
) -> OutputLayout | str:
    """Reads an output's shape as channels of maps.

    Args:
        shape: Shape of the output, `[N, ...]`.
        channels_first: Whether the channel axis comes second.
        attention: Whether it is scores of attention, `[N, heads, Q, K]`.

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
    if attention:
        heads, queries, keys = rest
        return OutputLayout("attention", samples, heads, queries, keys)
    if len(rest) <= 1:
        return OutputLayout("vector", samples, rest[0] if rest else 1, 1, 1)
    if channels_first:
        rest = [*rest[1:], rest[0]]
    *places, channels = rest
    if len(places) == 1:
        return OutputLayout("sequence", samples, channels, 1, places[0])
    *depths, height, width = places
    depth = math.prod(depths) if depths else 0
    return OutputLayout("map", samples, channels, height, width, depth)


def plan_capture(
    layouts: Sequence[OutputLayout],
    budget_bytes: int,
    bounded: Sequence[bool] | None = None,
) -> CapturePlan:
    """Shares a budget over outputs.

    Statistics and a histogram of every channel, over all samples, and the
    statistics of one sample are kept in any case. Histograms get coarser and
    samples are given up until they fit. Then every output gets the same share
    of what is left, and what small ones do not need goes to the large ones.
    Within its share, an output keeps all channels and loses resolution down to
    `MIN_SIDE`; only then evenly spaced channels are left out. Attention loses
    heads, and no resolution.

    Args:
        layouts: The outputs, with the same number of samples.
        budget_bytes: Most bytes of the capture, as written.
        bounded: For each output, whether its saturated units are counted; of
            none if it is left out.
    """
    if not layouts:
        return CapturePlan(0, 0, (), 0, 0)
    samples = max(1, min(layout.samples for layout in layouts))
    stats = sum(layout.channels for layout in layouts) * _STATS_BYTES
    heads = len(layouts) * _MEMBER_BYTES
    saturated = sum(
        layout.channels * _SATURATED_BYTES
        for layout, has_bounds in zip(layouts, bounded or (), strict=bool(bounded))
        if has_bounds
    )
    # What is kept in any case comes first: fine histograms never exceed a budget
    # that it alone takes up.
    room = budget_bytes - 2 * (stats + heads) - saturated
    bins = _choose_bins(layouts, min(_HISTOGRAM_SHARE * budget_bytes, room))
    histograms = sum(map(_written_histogram, layouts, bins))
    units = stats + saturated + histograms + heads
    each = stats + heads
    while samples > 1 and units + samples * each > _STATS_SHARE * budget_bytes:
        samples -= 1
    left = budget_bytes - units - samples * each
    side = _thumbnail_side(
        samples * len(layouts), min(_THUMBNAIL_SHARE * budget_bytes, left)
    )
    thumbnails = samples * len(layouts) * side * side
    whole = [_whole(*item) for item in zip(layouts, bins, strict=True)]
    shares = share_budget([_bytes(a, samples) for a in whole], left - thumbnails)
    layers = tuple(
        _fit(layout, count, share, samples)
        for layout, count, share in zip(layouts, bins, shares, strict=True)
    )
    maps = sum(_bytes(layer, samples) for layer in layers)
    counts = sum(
        a.channels * n * _COUNT_BYTES for a, n in zip(layouts, bins, strict=True)
    )
    return CapturePlan(
        samples,
        side,
        layers,
        nbytes=stats * (1 + samples) + saturated + counts + thumbnails + maps,
        written_bytes=units + samples * each + thumbnails + maps,
    )


def _choose_bins(layouts: Sequence[OutputLayout], most_bytes: float) -> list[int]:
    """The largest numbers of bins that fit, and not many more than values."""
    bins: list[int] = []
    for most in BINS:
        bins = [min(most, _useful_bins(layout)) for layout in layouts]
        if sum(map(_written_histogram, layouts, bins)) <= most_bytes:
            break
    return bins


def _useful_bins(layout: OutputLayout) -> int:
    values = layout.samples * layout.values
    return next((n for n in BINS if n <= values), BINS[-1])


def _written_histogram(layout: OutputLayout, bins: int) -> int:
    values = layout.samples * layout.values
    each = next(each for most, each in _WRITTEN_COUNT_BYTES if values < most)
    return math.ceil(layout.channels * bins * each)


def _thumbnail_side(count: int, room: float) -> int:
    return next((n for n in _THUMBNAIL_SIDES if count * n * n <= room), 0)


def _bytes(plan: LayerPlan, samples: int) -> int:
    per_channel = plan.height * plan.width + _RANGE_BYTES
    return samples * len(plan.channels) * per_channel


def _whole(layout: OutputLayout, bins: int, factor: int = 0) -> LayerPlan:
    channels = tuple(range(layout.channels))
    return LayerPlan(layout, channels, factor or _first_factor(layout), bins)


def _first_factor(layout: OutputLayout) -> int:
    limit = MAX_SEQUENCE if layout.kind == "sequence" else MAX_SIDE
    return math.ceil(max(layout.height, layout.width) / limit)


def _fit(layout: OutputLayout, bins: int, share: int, samples: int) -> LayerPlan:
    factor = _first_factor(layout)
    while True:
        plan = _whole(layout, bins, factor)
        if _bytes(plan, samples) <= share:
            return plan
        # Of attention, a few heads say more than all of them blurred.
        smallest = max(layout.height, layout.width) / (factor + 1) < MIN_SIDE
        if smallest or layout.kind == "attention":
            break
        factor += 1
    per_channel = samples * (plan.height * plan.width + _RANGE_BYTES)
    count = min(layout.channels, share // per_channel)
    kept = tuple(i * layout.channels // count for i in range(count)) if count else ()
    return LayerPlan(layout, kept, factor, bins)
