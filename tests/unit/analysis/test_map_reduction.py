from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_kerasviz.analysis.activation_plan import (
    LayerPlan,
    OutputLayout,
    layout_of,
    plan_capture,
)
from tb_kerasviz.analysis.map_reduction import reduce_output
from tb_kerasviz.wire.activations import dequantise
from tb_kerasviz.wire.schema import ACTIVATION_STATS

Array = np.ndarray[Any, Any]

PEAK = float(np.finfo(np.float32).max)
TINY = float(np.finfo(np.float32).tiny)
"""Smallest normal number; devices may take what is below it for zero."""

RANDOM = np.random.default_rng(3)


def to_plan(shape: tuple[int, ...], factor: int, channels_first: bool) -> LayerPlan:
    layout = layout_of(shape, channels_first)
    assert isinstance(layout, OutputLayout)
    return LayerPlan(layout, tuple(range(layout.channels)), factor)


def reduce(
    values: Array,
    factor: int = 1,
    channels_first: bool = False,
    plan: LayerPlan | None = None,
) -> dict[str, Array]:
    plan = plan or to_plan(values.shape, factor, channels_first)
    return vars(reduce_output(values, plan, len(values), channels_first))


def restore(found: dict[str, Array], sample: int) -> Array:
    return dequantise(
        found["maps"][sample],
        found["scale"][sample],
        found["offset"][sample],
        found["nonfinite"][sample],
    )


def channels_of(values: Array, channels_first: bool) -> Array:
    """`[N, ..., C]` or `[N, C, ...]` as float64 `[N, C, h, w]`, all of it."""
    x = values.astype(np.float32).astype(np.float64)
    if x.ndim == 1:
        return x[:, None, None, None]
    if not channels_first or x.ndim == 2:
        x = np.moveaxis(x, -1, 1)
    if x.ndim == 5:  # The slices side by side.
        x = np.concatenate(list(np.moveaxis(x, 2, 0)), axis=-1)
    if x.ndim == 3:
        x = x[:, :, None, :]
    return x.reshape(*x.shape[:2], *(x.shape[2:] or (1, 1)))


def slow_stats(channel: Array) -> dict[str, float]:
    flat = [float(v) for v in np.ravel(channel)]
    finite = [v for v in flat if math.isfinite(v)]
    bad = float(len(flat) - len(finite))
    if not finite:
        return {**dict.fromkeys(ACTIVATION_STATS, math.nan), "nonfinite": bad}
    mean = math.fsum(finite) / len(finite)
    return {
        "min": min(finite),
        "max": max(finite),
        "mean": mean,
        "std": math.sqrt(math.fsum((v - mean) ** 2 for v in finite) / len(finite)),
        "zero_fraction": sum(v == 0 for v in finite) / len(finite),
        "nonfinite": bad,
    }


def slow_average(channel: Array, factor: int) -> tuple[Array, Array]:
    """Cells of `[h, w]`: mean of the finite values; the worst mark."""
    height, width = channel.shape
    rows, columns = math.ceil(height / factor), math.ceil(width / factor)
    means, marks = np.zeros((rows, columns)), np.zeros((rows, columns), np.uint8)
    for row in range(rows):
        for column in range(columns):
            cell = channel[
                row * factor : (row + 1) * factor,
                column * factor : (column + 1) * factor,
            ].ravel()
            codes = [
                1 if math.isnan(v) else (2 if v > 0 else 3) if math.isinf(v) else 0
                for v in cell
            ]
            finite = [v for v in cell if math.isfinite(v)]
            marks[row, column] = max(codes)
            means[row, column] = math.fsum(finite) / max(1, len(finite))
    return means, marks


def check(values: Array, factor: int = 1, channels_first: bool = False) -> None:
    """Compares the reduction with the definitions, value by value."""
    with np.errstate(over="ignore"):
        whole = channels_of(values, channels_first)
    found = reduce(values, factor, channels_first)
    assert found["stats"].dtype == np.float32
    assert found["maps"].dtype == found["nonfinite"].dtype == np.uint8
    for sample, channel in np.ndindex(*whole.shape[:2]):
        x = whole[sample, channel]
        check_stats(found["stats"][sample, channel], x)
        depths = 1
        if values.ndim == 5:
            depths = values.shape[2 if channels_first else 1]
        means, marks = (
            np.concatenate(parts, axis=-1)
            for parts in zip(
                *[slow_average(part, factor) for part in np.split(x, depths, -1)],
                strict=True,
            )
        )
        np.testing.assert_array_equal(found["nonfinite"][sample, channel], marks)
        restored = restore(found, sample)[channel].astype(np.float64)
        good = marks == 0
        bad_values = np.array([0, np.nan, np.inf, -np.inf])[marks]
        np.testing.assert_array_equal(restored[~good], bad_values[~good])
        if good.any():
            spread = np.ptp(means[good])
            slack = 2e-6 * np.abs(x[np.isfinite(x)]).max() + 2100 * TINY
            error = np.abs(restored[good] - means[good]).max()
            assert error <= spread / 510 + slack


def check_stats(found: Array, x: Array) -> None:
    wanted = slow_stats(x)
    finite = x[np.isfinite(x)]
    slack = 2e-6 * float(np.abs(finite).max()) + 4 * TINY if finite.size else 0.0
    if found[4] != np.float32(wanted["zero_fraction"]) and finite.size:
        wanted["zero_fraction"] = np.count_nonzero(np.abs(finite) < TINY) / finite.size
    for name, value in zip(ACTIVATION_STATS, found.tolist(), strict=True):
        exact = name in ("nonfinite", "zero_fraction")
        assert value == pytest.approx(
            wanted[name], abs=1e-6 if exact else slack, nan_ok=True
        ), name


@pytest.mark.parametrize("factor", [1, 2, 3, 7])
@pytest.mark.parametrize(
    "shape", [(3,), (3, 5), (3, 11, 4), (2, 9, 13, 4), (2, 3, 6, 7, 2)]
)
@pytest.mark.parametrize("channels_first", [False, True])
def test_every_rank_and_ragged_edges(
    shape: tuple[int, ...], factor: int, channels_first: bool
) -> None:
    check(RANDOM.normal(size=shape).astype(np.float32), factor, channels_first)


def test_statistics_of_a_volume_are_over_all_slices() -> None:
    values = RANDOM.normal(size=(2, 3, 6, 7, 2)).astype(np.float32)
    stats = reduce(values)["stats"]

    for sample, channel in np.ndindex(2, 2):
        check_stats(stats[sample, channel], values[sample, ..., channel])


FLOATS = st.one_of(
    st.floats(width=32),
    st.sampled_from([0.0, -0.0, 1.0, np.nan, np.inf, -np.inf, PEAK, -PEAK]),
    st.floats(-10, 10, width=32),
)


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=4, max_dims=4, max_side=5),
        elements=FLOATS,
    ),
    st.integers(1, 3),
)
def test_any_values(values: Array, factor: int) -> None:
    check(values, factor)


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize(
    "channel",
    [
        [3.5] * 16,
        [0.0] * 16,
        [-PEAK] * 16,
        [-PEAK, PEAK] * 8,
        [1e38, 3e38] * 8,
        [1e38, -1e-38] * 8,
        [TINY * i for i in range(16)],
        [1e-42 * i for i in range(16)],
        [1e-20, 2e-20] * 8,
        [1e6 + i / 16 for i in range(16)],
        [np.nan] * 16,
        [np.inf, -np.inf, np.nan, 1.0] * 4,
    ],
    ids=str,
)
def test_hard_channels(channel: list[float], factor: int) -> None:
    values = np.array(channel, np.float32).reshape(1, 4, 4, 1)

    check(values, factor)
    check(np.concatenate([values, np.ones_like(values)], axis=-1), factor)


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int8", "int32", "int64", "float16", "float64"]
)
def test_other_dtypes(dtype: str) -> None:
    check((RANDOM.random((2, 6, 6, 3)) * 100 - 30).astype(dtype), 2)


def test_large_finite_values_beside_a_value_that_is_not() -> None:
    values = np.full((1, 4, 4, 1), PEAK, np.float32)
    values[0, 0, 0, 0] = np.inf
    values[0, 3, 3, 0] = np.nan
    values[0, 2, 2, 0] = -PEAK

    check(values, 2)


def test_constants_are_restored_exactly() -> None:
    values = np.full((1, 5, 5, 3), 0.1, np.float32)
    values[..., 1] = -PEAK
    found = reduce(values, 2)

    np.testing.assert_array_equal(
        restore(found, 0), np.moveaxis(values[0, :3, :3], -1, 0)
    )
    np.testing.assert_array_equal(found["scale"], 0)
    np.testing.assert_array_equal(found["stats"][0, :, 3], 0)  # std


def test_kept_channels_and_all_statistics() -> None:
    values = RANDOM.normal(size=(2, 4, 4, 10)).astype(np.float32)
    layout = layout_of(values.shape)
    assert isinstance(layout, OutputLayout)
    plan = LayerPlan(layout, (1, 4, 8), 1)

    found, whole = reduce(values, plan=plan), reduce(values)
    np.testing.assert_array_equal(found["stats"], whole["stats"])
    np.testing.assert_array_equal(found["maps"], whole["maps"][:, [1, 4, 8]])
    np.testing.assert_array_equal(found["scale"], whole["scale"][:, [1, 4, 8]])


def test_without_room_the_statistics_remain() -> None:
    values = RANDOM.normal(size=(2, 4, 4, 10)).astype(np.float32)
    layout = layout_of(values.shape)
    assert isinstance(layout, OutputLayout)
    (plan,) = plan_capture([layout], 0).layers

    found = reduce(values, plan=plan)
    assert found["maps"].shape == (2, 0, 4, 4)
    np.testing.assert_array_equal(found["stats"], reduce(values)["stats"])


def test_only_the_first_samples_are_read() -> None:
    values = RANDOM.normal(size=(4, 3, 3, 2)).astype(np.float32)
    plan = to_plan(values.shape, 1, False)

    found = reduce_output(values, plan, 2, False)
    np.testing.assert_array_equal(found.maps, reduce(values[:2])["maps"])
