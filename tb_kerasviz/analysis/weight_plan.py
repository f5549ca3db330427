"""Which values of each variable are kept, within a budget of bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tb_kerasviz.analysis.budget import share_budget

VALUE_BYTES = 4

Kept = tuple[tuple[int, ...] | None, ...]
"""Per axis, the indices that are kept; None = all of that axis."""


def plan_weights(shapes: Sequence[tuple[int, ...]], budget_bytes: int) -> list[Kept]:
    """Shares a budget over variables.

    Every variable gets the same share; what small ones do not need goes to
    the large ones. A variable above its share keeps evenly spaced indices of
    its longest axes: true values of the variable, not averages.

    Args:
        shapes: Shapes of the variables.
        budget_bytes: Most bytes of the values, before compression.
    """
    wants = [math.prod(shape) * VALUE_BYTES for shape in shapes]
    shares = share_budget(wants, budget_bytes)
    return [
        _fit(shape, share // VALUE_BYTES)
        for shape, share in zip(shapes, shares, strict=True)
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


def _fit(shape: tuple[int, ...], elements: int) -> Kept:
    sizes = list(shape)
    # A scalar has no axis to shorten; its four bytes are always kept.
    while sizes and math.prod(sizes) > elements:
        longest = max(range(len(sizes)), key=lambda axis: sizes[axis])
        rest = math.prod(sizes) // max(1, sizes[longest])
        second = max((n for i, n in enumerate(sizes) if i != longest), default=1)
        # Down to what fits, but not below the next longest axis at once.
        sizes[longest] = max(elements // max(1, rest), min(second, sizes[longest] - 1))
        sizes[longest] = max(0, min(sizes[longest], shape[longest] - 1))
        if sizes[longest] == 0:
            break
    return tuple(
        None if size == full else tuple(i * full // size for i in range(size))
        for size, full in zip(sizes, shape, strict=True)
    )
