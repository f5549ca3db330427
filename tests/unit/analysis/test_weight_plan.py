from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_kerasviz.analysis.weight_plan import Kept, describe_cut, plan_weights

Shapes = list[tuple[int, ...]]

SHAPES = st.lists(st.lists(st.integers(0, 60), max_size=4).map(tuple), max_size=8)


def kept_shape(shape: tuple[int, ...], kept: Kept) -> tuple[int, ...]:
    array = np.zeros(shape, np.int8)
    for axis, indices in enumerate(kept):
        if indices is not None:
            array = array.take(indices, axis)
    return array.shape


@settings(deadline=None)
@given(SHAPES, st.integers(0, 200_000))
def test_a_plan_never_exceeds_its_budget(shapes: Shapes, budget: int) -> None:
    plans = plan_weights(shapes, budget)

    kept = [kept_shape(s, p) for s, p in zip(shapes, plans, strict=True)]
    # Scalars cannot be shortened.
    assert sum(4 * math.prod(s) for s in kept if s) <= budget
    for shape, plan in zip(shapes, plans, strict=True):
        assert len(plan) == len(shape)
        for size, indices in zip(shape, plan, strict=True):
            assert indices is None or list(indices) == sorted(set(indices))
            assert indices is None or all(0 <= i < size for i in indices)


@settings(deadline=None)
@given(SHAPES)
def test_everything_is_kept_where_it_fits(shapes: Shapes) -> None:
    budget = sum(4 * math.prod(shape) for shape in shapes)

    for shape, plan in zip(shapes, plan_weights(shapes, budget), strict=True):
        assert plan == (None,) * len(shape)
        assert describe_cut(shape, plan) == ""


@settings(deadline=None)
@given(SHAPES, st.integers(0, 200_000))
def test_the_same_shapes_and_budget_give_the_same_plan(
    shapes: Shapes, budget: int
) -> None:
    assert plan_weights(shapes, budget) == plan_weights(list(shapes), budget)


def test_the_longest_axes_lose_evenly_spaced_indices() -> None:
    (plan,) = plan_weights([(3, 3, 512, 512)], 4 * 9 * 64 * 64)

    assert kept_shape((3, 3, 512, 512), plan) == (3, 3, 64, 64)
    assert plan[0] is None
    assert plan[2] == tuple(range(0, 512, 8))
    assert describe_cut((3, 3, 512, 512), plan) == "3x3x64x64 of 3x3x512x512"


def test_most_of_the_share_is_used() -> None:
    (plan,) = plan_weights([(1000, 700)], 4 * 10_000)

    assert math.prod(kept_shape((1000, 700), plan)) >= 9_900


def test_small_variables_leave_their_share_to_large_ones() -> None:
    *small, large = plan_weights([(10,)] * 9 + [(100, 100)], 9 * 40 + 4 * 2500)

    assert small == [(None,)] * 9
    assert math.prod(kept_shape((100, 100), large)) == 2500


@pytest.mark.parametrize("shape", [(), (1,), (4, 4), (5, 0), (0,)])
def test_a_budget_of_nothing_keeps_nothing(shape: tuple[int, ...]) -> None:
    (plan,) = plan_weights([shape], 0)

    # A scalar has no axis to shorten: it is the one thing always kept.
    assert math.prod(kept_shape(shape, plan)) == (1 if shape == () else 0)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=4).map(tuple),
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(0, 100_000),
)
def test_tiles_of_a_kernel_are_never_cut(
    window: tuple[int, ...], inputs: int, outputs: int, budget: int
) -> None:
    shape = (*window, inputs, outputs)
    (plan,) = plan_weights([shape], budget, [len(window)])

    kept = kept_shape(shape, plan)
    assert kept[: len(window)] == window
    assert 4 * math.prod(kept) <= budget
    tiles = budget // (4 * math.prod(window))
    assert math.prod(kept[len(window) :]) <= tiles
    if tiles:
        assert math.prod(kept) > 0


def test_heads_of_an_attention_kernel_stay_whole_beside_longer_axes() -> None:
    (plan,) = plan_weights([(512, 8, 64)], 4 * 32 * 8 * 32)

    assert kept_shape((512, 8, 64), plan) == (32, 8, 32)
    assert plan[1] is None
