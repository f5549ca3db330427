from __future__ import annotations

from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from tb_kerasviz.analysis import dynamics_map
from tb_kerasviz.analysis.layer_statistics import DynamicsRows
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS

Array = np.ndarray[Any, Any]
AT = {name: at for at, name in enumerate(DYNAMICS_COLUMNS)}
STEP_AT = {name: at for at, name in enumerate(STEP_COLUMNS)}


def rows(
    variables: tuple[str, ...], steps: list[int], seed: int = 0, window: int = 1
) -> DynamicsRows:
    random = np.random.default_rng(seed)
    shape = (len(steps), len(variables), len(DYNAMICS_COLUMNS))
    values = random.random(shape, np.float32) + 0.1
    for name in ("nonfinite", "weight_nonfinite"):
        values[:, :, AT[name]] = 0
    values[:, :, AT["window"]] = window
    damaged = np.zeros(shape[:2], bool)
    return DynamicsRows(variables, np.array(steps, np.int64), values, damaged)


def slow_map(
    parts: list[DynamicsRows], first: int, last: int, most: int
) -> dict[tuple[str, int], tuple[float, float, float, float]]:
    """Gradient norms cell by cell, as one would do it by hand."""
    found: dict[tuple[str, int], list[Array]] = {}
    for part in parts:
        for t, step in enumerate(part.steps):
            if not first <= step <= last:
                continue
            place = int((step - first) * most // max(last - first + 1, most))
            for v, path in enumerate(part.variables):
                found.setdefault((path, place), []).append(part.values[t, v])
    answer: dict[tuple[str, int], tuple[float, float, float, float]] = {}
    for key, some in found.items():
        table = np.stack(some).astype(np.float64)
        mean, peak = table[:, AT["grad_norm_mean"]], table[:, AT["grad_norm_max"]]
        good, weight = np.isfinite(mean), table[:, AT["window"]]
        weight = np.where(np.isfinite(weight), weight, 1)
        top = peak[np.isfinite(peak)]
        answer[key] = (
            np.sum(mean[good] * weight[good]) / weight[good].sum()
            if good.any()
            else np.nan,
            mean[good].min() if good.any() else np.nan,
            top.max() if top.size else np.nan,
            np.nansum(table[:, AT["nonfinite"]]),
        )
    return answer


@hypothesis.given(
    count=st.integers(1, 60),
    most=st.integers(1, 70),
    cut=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    broken=st.lists(st.tuples(st.integers(0, 59), st.integers(0, 2)), max_size=5),
)
def test_the_map_is_what_each_cell_gives_by_hand(
    count: int, most: int, cut: tuple[int, int], broken: list[tuple[int, int]]
) -> None:
    window = 3
    steps = [window * (at + 1) for at in range(count)]
    part = rows(("a", "b", "c"), steps, window=window)
    for t, v in broken:
        part.values[t % count, v, AT["grad_norm_mean"]] = np.nan
        part.values[t % count, v, AT["grad_norm_max"]] = np.inf
        part.values[t % count, v, AT["nonfinite"]] = 7
    first, last = cut[0], max(cut[0], steps[-1] - cut[1])
    found = dynamics_map.map_dynamics([part], "grad_norm", first, last, most)
    wanted = slow_map([part], first, last, most)

    assert len(found.cells.steps) == len({place for _, place in wanted})
    for t, step in enumerate(found.cells.steps):
        place = int((step - first) * most // max(last - first + 1, most))
        for v, path in enumerate(found.variables):
            cell = (
                found.mean[v, t],
                found.smallest[v, t],
                found.largest[v, t],
                found.nonfinite[v, t],
            )
            assert cell == pytest.approx(wanted[path, place], rel=1e-5, nan_ok=True)
    # Each window is in one cell, which names the steps that it holds.
    kept = [step for step in steps if first <= step <= last]
    if kept:
        assert found.cells.first_steps[0] == kept[0] - window + 1
        assert found.cells.steps[-1] == kept[-1]
        assert (found.cells.first_steps[1:] == found.cells.steps[:-1] + 1).all()


def test_variables_that_come_later_have_nothing_before() -> None:
    parts = [rows(("a", "b"), [1, 2]), rows(("b", "c"), [3, 4], seed=1)]
    found = dynamics_map.map_dynamics(parts, "weight_norm", 1, 4, 10)

    assert found.variables == ("a", "b", "c")
    np.testing.assert_array_equal(
        np.isnan(found.mean),
        [
            [False, False, True, True],
            [False, False, False, False],
            [True, True, False, False],
        ],
    )
    np.testing.assert_array_equal(
        found.mean[1, 2:], parts[1].values[:, 0, AT["weight_norm"]]
    )


def test_the_update_ratio_is_update_by_weight() -> None:
    part = rows(("a",), [1, 2, 3])
    part.values[2, 0, AT["weight_norm"]] = 0
    found = dynamics_map.map_dynamics([part], "update_ratio", 1, 3, 3)

    norm = part.values[:, 0, AT["weight_norm"]]
    for values, name in ((found.mean, "mean"), (found.largest, "max")):
        wanted = part.values[:2, 0, AT[f"update_norm_{name}"]] / norm[:2]
        np.testing.assert_allclose(values[0, :2], wanted, rtol=1e-6)
        assert np.isnan(values[0, 2]), "nothing is finite where weights are zero"


def test_one_spike_is_never_lost() -> None:
    part = rows(("a",), list(range(1, 100_001)))
    part.values[54_321, 0, AT["grad_norm_max"]] = 1e6
    found = dynamics_map.map_dynamics([part], "grad_norm", 1, 100_000, 500)

    assert found.largest.shape == (1, 500)
    assert found.largest.max() == 1e6
    assert found.mean.max() < 1.2


def test_nothing_in_range() -> None:
    found = dynamics_map.map_dynamics([rows(("a",), [5])], "grad_norm", 6, 9, 4)
    assert found.mean.shape == (1, 0)
    assert dynamics_map.map_dynamics([], "grad_norm", 0, 9, 4).variables == ()


def test_steps_are_joined_by_what_their_columns_mean() -> None:
    values = np.full((4, len(STEP_COLUMNS)), np.nan, np.float32)
    values[:, STEP_AT["window"]] = [1, 3, 1, 1]
    values[:, STEP_AT["loss_mean"]] = [1, 2, np.nan, 5]
    values[:, STEP_AT["loss_max"]] = [1, 4, np.inf, 6]
    values[:, STEP_AT["loss_nonfinite"]] = [0, 0, 1, 0]
    values[:, STEP_AT["loss_nonfinite_first_step"]] = [-1, -1, 5, -1]
    values[:, STEP_AT["learning_rate"]] = [0.1, 0.2, 0.3, 0.4]
    values[:, STEP_AT["skipped"]] = [0, 2, 1, 0]
    steps = np.array([1, 4, 5, 6])
    cells, found = dynamics_map.map_steps(steps, values, 1, 6, 2)

    assert cells.steps.tolist() == [1, 6]
    cells, found = dynamics_map.map_steps(steps, values, 0, 8, 2)
    assert cells.steps.tolist() == [4, 6]
    assert cells.first_steps.tolist() == [1, 5]
    assert found["loss_mean"].tolist() == pytest.approx([7 / 4, 5])
    assert found["loss_max"].tolist() == [4, 6]
    assert found["loss_nonfinite"].tolist() == [0, 1]
    assert found["loss_nonfinite_first_step"].tolist() == [-1, 5]
    assert found["learning_rate"].tolist() == pytest.approx([0.2, 0.4])
    assert found["skipped"].tolist() == [2, 1]
    assert np.isnan(found["global_norm_mean"]).all()
    assert "crc16" not in found
