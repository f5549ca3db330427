"""Histograms over octaves hold every value."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tb_kerasviz.analysis.octave_histogram import (
    ZERO_BIN,
    CountedGradients,
    count_nonfinite,
    count_octaves,
    drop_small_octaves,
    merge_counted,
    trim_octaves,
    untrim_octaves,
)
from tb_kerasviz.wire.metadata import WireError

Array = np.ndarray[Any, Any]

any_floats = arrays.arrays(
    np.float32, st.integers(0, 40), elements=st.floats(width=32, allow_subnormal=True)
)


def expected(values: Array, edges: Array) -> list[int]:
    """Each bin by its definition, value by value."""
    counts = []
    for low, high in itertools.pairwise(edges):
        if low < 0 < high:
            inside = values == 0
        elif low > 0:
            inside = (values >= low) & (values < high)
        else:
            inside = (values > low) & (values <= high)
        counts.append(int(inside.sum()))
    return counts


@given(any_floats)
def test_every_finite_value_is_in_the_bin_that_is_said_to_hold_it(
    values: Array,
) -> None:
    raw = count_octaves(values)
    (counts,), edges = trim_octaves(raw[None])
    finite = values[np.isfinite(values)].astype(np.float64)
    assert counts.tolist() == expected(finite, edges)
    assert counts.sum() == finite.size
    assert count_nonfinite(raw) == values.size - finite.size
    assert np.all(np.diff(edges) > 0)
    back = untrim_octaves(counts, edges)
    assert back.sum() == finite.size
    kept = np.arange(ZERO_BIN) % 256 != 255
    np.testing.assert_array_equal(back[:ZERO_BIN][kept], raw[:ZERO_BIN][kept])
    assert back[ZERO_BIN] == raw[ZERO_BIN]


@given(st.lists(any_floats, min_size=1, max_size=4))
def test_several_share_their_bins(values: list[Array]) -> None:
    raw = np.stack([count_octaves(one) for one in values])
    counts, edges = trim_octaves(raw)
    for row, one in zip(counts, values, strict=True):
        finite = one[np.isfinite(one)].astype(np.float64)
        assert row.tolist() == expected(finite, edges)


def test_values_that_float32_cannot_hold_are_neither_zero_nor_infinite() -> None:
    raw = count_octaves(np.array([1e-300, -1e-300, 1e300, 0.0, np.inf]))
    (counts,), edges = trim_octaves(raw[None])
    assert counts.sum() == 4
    assert raw[ZERO_BIN] == 1
    assert counts[0] == counts[-1] == 1
    assert edges[-1] == 2.0**128


@pytest.mark.parametrize(
    "edges",
    [[0, 1, 2], [-1, 1, 3], [1, 2, 4], [np.nan] * 3, [-2, -1, 1e300], [-1, 0, 1]],
)
def test_other_bins_are_refused(edges: list[float]) -> None:
    with pytest.raises(WireError, match="no octaves"):
        untrim_octaves(np.array([1, 2]), np.array(edges, np.float64))


@given(any_floats, st.integers(3, 12))
def test_small_octaves_are_added_to_the_zeros(values: Array, most: int) -> None:
    (counts,), edges = trim_octaves(count_octaves(values)[None])
    fewer, left = drop_small_octaves(counts, edges, most)
    assert len(fewer) <= most
    assert len(left) == len(fewer) + 1
    assert fewer.sum() == counts.sum()
    assert set(left) <= set(edges)
    assert [left[0], left[-1]] == [edges[0], edges[-1]]
    if len(counts) <= most:
        assert fewer.tolist() == counts.tolist()


def test_of_several_optimizers_each_variable_has_its_own_gradient() -> None:
    def counted(step: int, *numbers: int) -> CountedGradients:
        counts = np.zeros((len(numbers), 513), np.int64)
        counts[:, 7] = numbers
        moments = np.tile(np.array(numbers, np.float32), (5, 1)).T
        return CountedGradients(step, counts, moments)

    merged = merge_counted([counted(6, 0, 5, 9), counted(4, 3, 4, 0)])
    assert merged.step == 6
    assert merged.counts[:, 7].tolist() == [3, 5, 9]
    assert merged.moments[:, 0].tolist() == [3, 5, 9]
