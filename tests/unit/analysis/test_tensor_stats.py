from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_kerasviz.analysis.tensor_stats import tensor_stats
from tb_kerasviz.wire.schema import WEIGHT_STATS

Array = np.ndarray[Any, Any]

FLOATS = hnp.arrays(
    st.sampled_from([np.float32, np.float16]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
)
"""NaN, infinities, denormals and the largest numbers included."""


def named(values: Array) -> dict[str, float]:
    stats = tensor_stats(values)
    assert stats.dtype == np.float32
    return dict(zip(WEIGHT_STATS, stats.tolist(), strict=True))


def slow_stats(values: Array) -> dict[str, float]:
    """The definition, one value after the other, in Python's floats."""
    everything = [float(v) for v in np.ravel(values)]
    finite = [v for v in everything if np.isfinite(v)]
    bad = float(len(everything) - len(finite))
    if not finite:
        return {**dict.fromkeys(WEIGHT_STATS, float("nan")), "nonfinite": bad}
    mean = sum(finite) / len(finite)
    return {
        "min": min(finite),
        "max": max(finite),
        "mean": mean,
        "std": (sum((v - mean) ** 2 for v in finite) / len(finite)) ** 0.5,
        "norm": sum(v * v for v in finite) ** 0.5,
        "zero_fraction": sum(v == 0 for v in finite) / len(finite),
        "nonfinite": bad,
    }


@settings(deadline=None)
@given(FLOATS)
def test_statistics_are_those_of_the_definition(values: Array) -> None:
    found, wanted = named(values), slow_stats(values)

    finite = values[np.isfinite(values)].astype(np.float64)
    slack = 1e-12 * float(np.abs(finite).max()) if finite.size else 0.0
    for name, value in wanted.items():
        with np.errstate(over="ignore"):
            low, high = np.float32(value - slack), np.float32(value + slack)
        if np.isnan(value):
            assert np.isnan(found[name])
        else:
            wide = np.nextafter(low, np.float32(-np.inf))
            assert wide <= found[name] <= np.nextafter(high, np.float32(np.inf))


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint8, np.bool_])
def test_statistics_of_other_dtypes(dtype: type) -> None:
    values: Array = np.array([[0, 1], [1, 1]], dtype)

    assert named(values) == pytest.approx(
        {
            "min": 0,
            "max": 1,
            "mean": 0.75,
            "std": 3**0.5 / 4,
            "norm": 3**0.5,
            "zero_fraction": 0.25,
            "nonfinite": 0,
        }
    )


def test_sums_of_many_values_do_not_lose_digits() -> None:
    values = np.full(3_000_000, 0.1, np.float32)

    found = named(values)
    assert found["mean"] == values[0]
    assert found["std"] == pytest.approx(0, abs=1e-9)
    assert found["norm"] == pytest.approx(float(values[0]) * 3e6**0.5, rel=1e-7)


def test_float64_statistics_beyond_float32_become_infinite() -> None:
    found = named(np.array([1e300, -1e300, 0.0]))

    assert (found["min"], found["max"]) == (-np.inf, np.inf)
    assert found["mean"] == 0
    assert found["nonfinite"] == 0
