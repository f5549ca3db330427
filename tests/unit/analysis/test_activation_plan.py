from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tb_kerasviz.analysis.activation_plan import (
    MAX_SEQUENCE,
    MAX_SIDE,
    MIN_SIDE,
    CapturePlan,
    LayerPlan,
    OutputLayout,
    layout_of,
    plan_capture,
)
from tb_kerasviz.analysis.budget import share_budget

STATS_BYTES = 6 * 4
"""Six float32 statistics of a channel."""

RANGE_BYTES = 2 * 4
"""Scale and offset of a kept channel."""


def layout(shape: tuple[int, ...]) -> OutputLayout:
    found = layout_of(shape)
    assert isinstance(found, OutputLayout)
    return found


def bytes_of(plan: CapturePlan) -> int:
    """Bytes of the arrays that the plan leads to, counted one by one."""
    total = 0
    for layer in plan.layers:  # What is of all samples together.
        total += layer.layout.channels * (STATS_BYTES + 4 * layer.bins)
    for _ in range(plan.samples):
        for layer in plan.layers:
            total += layer.layout.channels * STATS_BYTES
            total += plan.thumbnail_side**2
            for _ in layer.channels:
                total += layer.height * layer.width + RANGE_BYTES
    return total


def least_bytes(layouts: list[OutputLayout]) -> int:
    """What is kept in any case: statistics twice, eight counts, heads."""
    return sum(a.channels * (2 * STATS_BYTES + 8 * 4) + 2 * 320 for a in layouts)


@st.composite
def some_layouts(draw: st.DrawFn) -> list[OutputLayout]:
    samples = draw(st.integers(1, 16))
    side = st.integers(1, 300)
    channels = st.integers(1, 400)
    shapes = st.one_of(
        st.tuples(channels),
        st.tuples(st.integers(1, 2000), channels),
        st.tuples(side, side, channels),
        st.tuples(st.integers(1, 9), side, side, channels),
    )
    return [layout((samples, *s)) for s in draw(st.lists(shapes, max_size=8))]


@settings(deadline=None)
@given(some_layouts(), st.integers(0, 2**24))
@example([layout((1, 32, 1))], 260)
def test_a_plan_never_exceeds_its_budget(
    layouts: list[OutputLayout], budget: int
) -> None:
    plan = plan_capture(layouts, budget)

    assert plan.nbytes == bytes_of(plan)
    # Some statistics are kept even where the budget is absurd.
    assert plan.written_bytes <= max(budget, least_bytes(layouts))
    assert len(plan.layers) == len(layouts)
    for layer, whole in zip(plan.layers, layouts, strict=True):
        assert layer.layout == whole
        assert list(layer.channels) == sorted(set(layer.channels))
        assert all(0 <= c < whole.channels for c in layer.channels)


@settings(deadline=None)
@given(some_layouts(), st.integers(0, 2**24))
def test_the_same_shapes_and_budget_give_the_same_plan(
    layouts: list[OutputLayout], budget: int
) -> None:
    assert plan_capture(layouts, budget) == plan_capture(list(layouts), budget)


@settings(deadline=None)
@given(some_layouts(), st.integers(0, 2**24))
def test_channels_are_left_out_only_below_the_smallest_side(
    layouts: list[OutputLayout], budget: int
) -> None:
    for plan in plan_capture(layouts, budget).layers:
        if len(plan.channels) < plan.layout.channels:
            longest = max(plan.layout.height, plan.layout.width)
            assert longest / (plan.factor + 1) < MIN_SIDE


def test_everything_is_kept_where_it_fits() -> None:
    layouts = [layout((4, 28, 28, 8)), layout((4, 10)), layout((4, 50, 6))]
    plan = plan_capture(layouts, 2**20)

    assert plan.samples == 4
    assert [p.factor for p in plan.layers] == [1, 1, 1]
    assert [len(p.channels) for p in plan.layers] == [8, 10, 6]
    assert [p.cut for p in plan.layers] == ["", "", ""]
    assert plan.thumbnail_side == 24


def test_resolution_is_given_up_before_channels() -> None:
    (layer,) = plan_capture([layout((1, 112, 112, 64))], 150_000).layers

    assert len(layer.channels) == 64
    assert (layer.height, layer.width) == (38, 38)
    assert layer.cut == "38x38 of 112x112 (averaged)"


def test_the_kept_channels_are_spread_evenly() -> None:
    (layer,) = plan_capture([layout((1, 14, 14, 400))], 30_000).layers

    kept = layer.channels
    assert layer.factor == 1
    assert layer.cut == f"{len(kept)} of 400 channels"
    gaps = {b - a for a, b in itertools.pairwise(kept)}
    assert max(gaps) - min(gaps) <= 1


def test_samples_are_given_up_for_the_statistics() -> None:
    layouts = [layout((16, 1000)) for _ in range(10)]
    plan = plan_capture(layouts, 2 * least_bytes(layouts))

    assert 1 < plan.samples < 16
    assert plan_capture(layouts, 0).samples == 1


def test_small_outputs_leave_their_share_to_large_ones() -> None:
    small, large = layout((1, 10)), layout((1, 64, 64, 128))
    alone = plan_capture([large], 200_000).layers[0]
    together = plan_capture([small] * 9 + [large], 200_000).layers[-1]

    # Nine outputs of ten bytes cost next to nothing, not nine tenths.
    assert together.factor == alone.factor


def test_no_outputs_give_an_empty_plan() -> None:
    assert plan_capture([], 2**20) == CapturePlan(0, 0, (), 0, 0)


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((8,), ("vector", 1, 1, 1)),
        ((8, 10), ("vector", 10, 1, 1)),
        ((8, 20, 16), ("sequence", 16, 1, 20)),
        ((8, 12, 14, 3), ("map", 3, 12, 14)),
        ((8, 5, 12, 14, 3), ("map", 3, 12, 14)),
    ],
)
def test_layout_of_each_rank(
    shape: tuple[int, ...], wanted: tuple[str, int, int, int]
) -> None:
    found = layout(shape)

    assert found.samples == 8
    assert (found.kind, found.channels, found.height, found.width) == wanted
    assert found.depth == (5 if len(shape) == 5 else 0)


def test_layout_with_the_channels_first() -> None:
    assert layout_of((8, 3, 12, 14), True) == layout((8, 12, 14, 3))
    assert layout_of((8, 3, 20), True) == layout((8, 20, 3))
    assert layout_of((8, 3), True) == layout((8, 3))


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ((None, 3), "its output shape (None, 3) is not fixed"),
        ((), "its output is a scalar without samples"),
        ((8, 0, 3), "its output of shape (8, 0, 3) is empty"),
    ],
)
def test_an_output_that_cannot_be_shown_says_why(
    shape: tuple[int | None, ...], reason: str
) -> None:
    assert layout_of(shape) == reason


def test_long_outputs_are_reduced_even_where_they_fit() -> None:
    large, long = layout((1, 600, 300, 1)), layout((1, 3000, 1))
    plans = plan_capture([large, long], 2**24).layers

    assert max(plans[0].height, plans[0].width) <= MAX_SIDE
    assert plans[1].width <= MAX_SEQUENCE
    assert plans[0].cut == "120x60 of 600x300 (averaged)"
    assert plans[1].cut == "500 of 3000 time steps (averaged)"


def test_a_volume_keeps_evenly_spaced_depths_side_by_side() -> None:
    plan = LayerPlan(layout((1, 20, 40, 30, 8)), (0, 4), 2)

    assert plan.slices == (1, 3, 6, 8, 11, 13, 16, 18)
    assert (plan.height, plan.width) == (20, 8 * 15)
    assert plan.cut == ("8 of 20 depths, 2 of 8 channels, 20x15 of 40x30 (averaged)")
    assert layout((1, 3, 4, 4, 1)).slices == (0, 1, 2)
    assert layout((1, 4, 4, 1)).slices == ()


def test_axes_before_the_depth_are_depths_too() -> None:
    assert layout((8, 2, 3, 5, 4, 7)) == layout((8, 6, 5, 4, 7))
    assert layout_of((8, 7, 2, 3, 5, 4), True) == layout((8, 6, 5, 4, 7))


def test_histograms_get_coarser_before_they_take_the_budget() -> None:
    layouts = [layout((8, 20, 20, 500))]

    assert [
        plan_capture(layouts, budget).layers[0].bins
        for budget in (2**22, 150_000, 20_000)
    ] == [32, 16, 8]
    # No more than there are values.
    assert plan_capture([layout((8, 500))], 2**22).layers[0].bins == 8
    assert plan_capture([layout((8, 3, 500))], 2**22).layers[0].bins == 16


def test_saturated_shares_have_room() -> None:
    layouts = [layout((2, 100)), layout((2, 50))]
    without, some = (
        plan_capture(layouts, 2**20, bounded) for bounded in (None, [True, False])
    )

    assert some.nbytes == without.nbytes + 4 * 100


def test_shares_are_equal_and_use_the_whole_budget() -> None:
    assert share_budget([5, 100, 100], 105) == [5, 50, 50]
    assert share_budget([10, 10], 100) == [10, 10]
    assert share_budget([10, 10], -5) == [0, 0]
