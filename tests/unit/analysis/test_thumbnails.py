from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tb_kerasviz.analysis.thumbnails import NONFINITE_CODE, thumbnail

Array = np.ndarray[Any, Any]

RANDOM = np.random.default_rng(5)


def restored(values: Array, side: int) -> Array:
    codes, low, high = thumbnail(values, side)
    assert codes.shape == (side, side)
    assert codes.dtype == np.uint8
    return np.where(
        codes == NONFINITE_CODE, np.nan, low + (high - low) * (codes / 254.0)
    )


def check(values: Array, wanted: Array) -> None:
    found = restored(values.astype(np.float32), len(wanted))
    slack = np.ptp(wanted[np.isfinite(wanted)]) / 508 + 1e-6
    np.testing.assert_allclose(found, wanted, atol=slack, rtol=1e-6)


def test_maps_are_averaged_over_channels_and_cells() -> None:
    maps = RANDOM.normal(size=(5, 16, 24))
    picture = maps.mean(axis=0)
    wanted = picture.reshape(8, 2, 8, 3).mean(axis=(1, 3))

    check(maps, wanted)


def test_small_maps_are_repeated() -> None:
    maps = RANDOM.normal(size=(3, 2, 4))

    check(maps, np.repeat(np.repeat(maps.mean(axis=0), 4, 0), 2, 1))


def test_ragged_cells_hold_every_value_once() -> None:
    picture = RANDOM.normal(size=(1, 11, 8))
    edges = [0, 1, 2, 4, 5, 6, 8, 9, 11]
    wanted = np.stack(
        [picture[0, a:b].mean(axis=0) for a, b in itertools.pairwise(edges)]
    )

    check(picture, wanted)


def test_a_sequence_is_time_by_unit() -> None:
    values = RANDOM.normal(size=(4, 1, 8))

    check(values, np.repeat(values[:, 0, :].T, 2, axis=1))


def test_a_short_vector_fills_full_rows() -> None:
    units = RANDOM.normal(size=6)
    rows = np.stack([units[[0, 0, 1, 2]], units[[3, 3, 4, 5]]])

    check(units.reshape(6, 1, 1), np.repeat(rows, 2, axis=0))


def test_a_long_vector_is_averaged_and_no_cell_stays_empty() -> None:
    units = RANDOM.normal(size=64)

    check(units.reshape(64, 1, 1), units.reshape(4, 4, 4).mean(axis=2))


def test_one_value_that_is_not_finite_does_not_hide_the_others() -> None:
    maps = RANDOM.normal(size=(3, 8, 8))
    hurt = maps.astype(np.float32)
    hurt[0, 2, 3] = np.nan
    hurt[:, 5, 5] = np.inf
    wanted = maps.mean(axis=0)
    wanted[2, 3] = maps[1:, 2, 3].mean()
    wanted[5, 5] = np.nan

    check(hurt, wanted)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((0, 4, 4), np.float32),
        np.full((2, 4, 4), np.nan, np.float32),
        np.full((2, 1, 1), np.inf, np.float32),
    ],
)
def test_nothing_finite_is_marked_everywhere(values: Array) -> None:
    codes, low, high = thumbnail(values, 8)

    assert (codes == NONFINITE_CODE).all()
    assert (low, high) == (0, 0)


def test_a_constant_has_one_code() -> None:
    codes, low, high = thumbnail(np.full((2, 9, 9), 3.5, np.float32), 8)

    assert (codes == 0).all()
    assert (low, high) == (3.5, 3.5)


def test_the_largest_numbers_do_not_overflow() -> None:
    peak = np.finfo(np.float32).max
    maps = np.full((4, 8, 8), peak, np.float32)
    maps[:, :4] = -peak

    codes, low, high = thumbnail(maps, 8)
    assert (codes[:4] == 0).all()
    assert (codes[4:] == 254).all()
    assert (low, high) == (-float(peak), float(peak))
