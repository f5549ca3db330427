from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_kerasviz.wire.dynamics import damaged_rows, seal_rows
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS

Array = np.ndarray[Any, Any]

WIDTH = len(DYNAMICS_COLUMNS)
CRC = DYNAMICS_COLUMNS.index("crc16")

ROWS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(0, 5), st.just(WIDTH)),
    elements=st.floats(width=32),
)


@settings(deadline=None)
@given(ROWS)
def test_sealed_rows_are_not_damaged(values: Array) -> None:
    before = values.copy()
    sealed = seal_rows(values)

    assert not damaged_rows(sealed).any()
    np.testing.assert_array_equal(values, before)
    others = [i for i in range(WIDTH) if i != CRC]
    np.testing.assert_array_equal(sealed[:, others], values[:, others])
    # An array that went through float64 or another layout is the same.
    assert not damaged_rows(sealed.astype(np.float64)).any()
    assert not damaged_rows(np.asfortranarray(sealed)).any()


def test_every_nan_is_the_same_nan() -> None:
    values = np.ones((1, WIDTH), np.float32)
    values[0, 0] = np.nan
    sealed = seal_rows(values)
    sealed.view(np.uint32)[0, 0] = 0xFFC00001

    assert np.isnan(sealed[0, 0])
    assert not damaged_rows(sealed).any()


@pytest.mark.parametrize("column", range(WIDTH))
def test_a_flipped_bit_is_found_in_its_row(column: int) -> None:
    values = np.arange(3 * WIDTH, dtype=np.float32).reshape(3, WIDTH) + 1
    sealed = seal_rows(values)
    for bit in range(32):
        hurt = sealed.copy()
        hurt.view(np.uint32)[1, column] ^= np.uint32(1 << bit)
        assert damaged_rows(hurt).tolist() == [False, True, False]
