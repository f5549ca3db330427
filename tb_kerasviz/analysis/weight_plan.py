"""Which values of each variable are kept, within a budget of bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tb_kerasviz.analysis.budget import share_budget

VALUE_BYTES = 4

Kept = tuple[tuple[int, ...] | None, ...]
"""Per axis, the indices that are kept; None = all of that axis."""


def plan_weights(
    shapes: Sequence[tuple[int, ...]],
    budget_bytes: int,
    spatial_axes: Sequence[int] | None = None,
) -> list[Kept]:
    """Shares a budget over variables.

    Every variable gets the same share; what small ones do not need goes to
    the large ones. A variable above its share keeps evenly spaced indices of
    its longest axes: true values of the variable, not averages, in whole rows
    and columns. The spatial axes of a kernel are never cut, so that each of
    its tiles is kept whole or not at all.

    Args:
        shapes: Shapes of the variables.
        budget_bytes: Most bytes of the values, before compression.
        spatial_axes: For each how many of its first axes are spatial; None
            for none at all.
    """
    wants = [math.prod(shape) * VALUE_BYTES for shape in shapes]
    shares = share_budget(wants, budget_bytes)
    spatial = [0] * len(shapes) if spatial_axes is None else spatial_axes
    return [
        _fit(shape, share // VALUE_BYTES, whole)
        for shape, share, whole in zip(shapes, shares, spatial, strict=True)
    ]


def describe_cut(shape: tuple[int, ...], kept: Kept) -> str:
    """What was left out, as a phrase; empty if nothing was."""
    if all(axis is None for axis in kept):
        return ""
    sizes = [
        size if axis is None else len(axis)
        for size, axis in zip(shape, kept, strict=True)
    ]
    return f"{'x'.join(map(str, sizes))} of {'x'.join(map(str, shape))}"


def _fit(shape: tuple[int, ...], elements: int, whole: int) -> Kept:
    """Cuts the axes behind the first `whole` ones until the rest fits."""
    if math.prod(shape) <= elements or len(shape) <= whole:
        # A scalar has no axis to shorten; its four bytes are always kept.
        return (None,) * len(shape)
    sizes = list(shape[whole:])
    most = elements // max(1, math.prod(shape[:whole]))
    # The longest axes are cut to one length, which is found by halving.
    low, high = 0, max(sizes)
    while low < high:
        middle = (low + high + 1) // 2
        if math.prod(min(size, middle) for size in sizes) <= most:
            low = middle
        else:
            high = middle - 1
    kept = [min(size, low) for size in sizes]
    for axis, size in enumerate(sizes):
        # What that leaves goes to the first of them that have use for it.
        rest = math.prod(kept) // max(1, kept[axis])
        kept[axis] = min(size, most // rest) if rest else kept[axis]
    return (None,) * whole + tuple(
        None if size == full else tuple(i * full // size for i in range(size))
        for size, full in zip(kept, sizes, strict=True)
    )
