from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_kerasviz.analysis.histogram import MAX_BINS, MIN_EXPONENT, coarsen, histogram

Array = np.ndarray[Any, Any]

FLOATS = hnp.arrays(
    st.sampled_from([np.float32, np.float16]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
)
"""NaN, infinities, denormals and the largest numbers included."""


def slow_histogram(values: Array, edges: Array) -> list[int]:
    counts = [0] * (len(edges) - 1)
    for value in np.ravel(values).astype(np.float64):
        for i in range(len(counts)):
            counts[i] += bool(edges[i] <= value < edges[i + 1])
    return counts


@settings(deadline=None)
@given(FLOATS)
def test_every_finite_value_is_in_exactly_one_bin(values: Array) -> None:
    counts, edges = histogram(values)

    assert (counts.dtype, edges.dtype) == (np.int64, np.float64)
    assert 1 <= len(counts) <= MAX_BINS
    assert len(edges) == len(counts) + 1
    assert (np.diff(edges) > 0).all()
    assert counts.sum() == np.isfinite(values).sum()
    assert counts.tolist() == slow_histogram(values, edges)


@settings(deadline=None)
@given(FLOATS)
def test_edges_are_multiples_of_a_power_of_two(values: Array) -> None:
    _, edges = histogram(values)

    width = edges[1] - edges[0]
    mantissa, exponent = np.frexp(width)
    assert mantissa == 0.5
    assert exponent - 1 >= MIN_EXPONENT
    places = np.ldexp(edges, 1 - exponent)
    np.testing.assert_array_equal(places, np.floor(places))
    np.testing.assert_array_equal(np.diff(places), 1)


@settings(deadline=None)
@given(FLOATS, FLOATS)
def test_two_histograms_come_onto_one_grid_exactly(one: Array, other: Array) -> None:
    fine, coarse = sorted(
        (histogram(one), histogram(other)), key=lambda found: found[1][1] - found[1][0]
    )
    width = coarse[1][1] - coarse[1][0]
    # Each fine bin lies in one bin of the coarse grid, wherever it begins.
    lowest = np.floor(fine[1][:-1] / width)
    highest = np.ceil(fine[1][1:] / width)
    np.testing.assert_array_equal(highest - lowest, 1)


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1.0, 7e8, 1e38])
def test_counts_are_those_of_numpy(scale: float) -> None:
    random = np.random.default_rng(3)
    values = np.clip(random.normal(0, 0.3, (60, 70)), -2, 2)
    values = (values * scale).astype(np.float32)
    counts, edges = histogram(values)

    wanted, _ = np.histogram(values.astype(np.float64), edges)
    assert counts.tolist() == wanted.tolist()
    assert MAX_BINS / 2 < len(counts) <= MAX_BINS
    assert counts[0] > 0
    assert counts[-1] > 0


def test_an_outlier_has_its_bin() -> None:
    values = np.zeros(1000, np.float32)
    values[7] = 3e38
    counts, edges = histogram(values)

    assert (counts[0], counts[-1], counts.sum()) == (999, 1, 1000)
    assert edges[-2] <= values[7] < edges[-1]


@pytest.mark.parametrize("value", [0.0, -3.5, 1e38, -1e-40, 7])
def test_a_constant_has_one_bin(value: float) -> None:
    counts, edges = histogram(np.full((3, 4), value, np.float32))

    assert counts.tolist() == [12]
    assert edges[0] <= np.float32(value) < edges[1]


@pytest.mark.parametrize("values", [[], [np.nan], [np.inf, -np.inf]])
def test_a_histogram_without_finite_values(values: list[float]) -> None:
    counts, edges = histogram(np.array(values, np.float32))

    assert counts.tolist() == [0]
    assert edges[0] == 0 < edges[1]


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint8, np.bool_, np.float64])
def test_histograms_of_other_dtypes(dtype: type) -> None:
    counts, edges = histogram(np.array([[0, 1], [1, 1]], dtype))

    assert (counts[0], counts[-1], counts.sum()) == (1, 3, 4)
    assert edges[0] == 0
    assert edges[-2] <= 1 < edges[-1]


@settings(deadline=None)
@given(FLOATS, st.integers(2, 130))
def test_coarser_bins_hold_what_the_finer_ones_hold(values: Array, most: int) -> None:
    counts, edges = coarsen(*histogram(values), most)

    assert 1 <= len(counts) <= most
    assert counts.tolist() == slow_histogram(values, edges)
    np.testing.assert_array_equal(edges % (edges[1] - edges[0]), 0)
