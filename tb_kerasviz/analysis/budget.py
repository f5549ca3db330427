"""Shares a budget of bytes among those that want some of it."""

from __future__ import annotations

from collections.abc import Sequence


def share_budget(wants: Sequence[int], budget: int) -> list[int]:
    """Gives everybody the same, or what they want if that is less.

    What the small ones do not need goes to the large ones ("water-filling").

    Args:
        wants: What each could use.
        budget: What there is; negative counts as nothing.

    Returns:
        What each gets; their sum is at most the budget.
    """
    shares = [0] * len(wants)
    left = max(0, budget)
    order = sorted(range(len(wants)), key=lambda i: (wants[i], i))
    for position, index in enumerate(order):
        shares[index] = min(wants[index], left // (len(order) - position))
        left -= shares[index]
    return shares
