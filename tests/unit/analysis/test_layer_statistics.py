"""Statistics of layers, against a slow version that says what is meant."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_kerasviz.analysis.layer_statistics import (
    DynamicsRows,
    LoggedNorm,
    layer_statistics,
    variables_of_layers,
)
from tb_kerasviz.analysis.layer_trends import MAX_POINTS, layer_trend, thin_points
from tb_kerasviz.wire.dynamics import check_rows, seal_rows
from tb_kerasviz.wire.schema import (
    DYNAMICS_COLUMNS,
    LAYER_STATISTICS,
    LayerStatistics,
    LayerTrend,
)

Array = np.ndarray[Any, Any]
COLUMN = {name: at for at, name in enumerate(DYNAMICS_COLUMNS)}


@dataclasses.dataclass(frozen=True)
class Variable:
    path: str


@dataclasses.dataclass(frozen=True)
class Layer:
    path: str
    variables: tuple[Variable, ...] = ()
    children: tuple[Layer, ...] = ()


def layer(path: str, *names: str, children: tuple[Layer, ...] = ()) -> Layer:
    return Layer(path, tuple(Variable(f"{path}/{name}") for name in names), children)


def rows(variables: tuple[str, ...], steps: list[int], values: Array) -> DynamicsRows:
    sealed = np.stack([seal_rows(one) for one in values])
    return check(DynamicsRows(variables, np.array(steps), sealed, np.zeros(0)))


def check(rows: DynamicsRows) -> DynamicsRows:
    """The rows as readers take them from a log."""
    checked = check_rows(rows.values, DYNAMICS_COLUMNS)
    return dataclasses.replace(rows, values=checked.values, damaged=checked.damaged)


def row(**columns: float) -> list[float]:
    return [columns.get(name, 0.0) for name in DYNAMICS_COLUMNS]


def read(answer: LayerStatistics) -> dict[str, dict[str, Any]]:
    """By layer: what is known of it."""
    return {
        path: {
            column.name: column.values[at]
            for column in answer.columns
            if column.values[at] is not None
        }
        for at, path in enumerate(answer.layers)
    }


def points(answer: LayerTrend, name: str) -> tuple[list[int], list[Any], str]:
    (column,) = [one for one in answer.columns if one.name == name]
    return list(column.steps), list(column.values), column.cut


NUMBERS = st.sampled_from([0.0, 1.0, 2.5, 1e-30, 3e38, math.nan, math.inf])


def ratio_of(update: float, weight: float) -> list[float]:
    """The update ratio of a variable; empty where there is none."""
    if weight != 0:
        both = math.isinf(update) and math.isinf(weight)
        return [math.nan if both else update / weight]
    return [] if update == 0 else [math.nan if math.isnan(update) else math.inf]


def slow_statistics(of: dict[str, list[float]]) -> dict[str, float]:
    """The statistics of variables, one row of dynamics each."""
    grads, updates, ratios = [], [], []
    for path, one in of.items():
        bad = one[COLUMN["nonfinite"]] > 0
        if bad or not math.isnan(one[COLUMN["grad_norm_mean"]]):
            grads.append(one)
        broken = not math.isfinite(one[COLUMN["weight_norm"]])
        if broken or not math.isnan(one[COLUMN["update_norm_mean"]]):
            updates.append(one)
            only_biases = all(other.endswith("bias") for other in of)
            if only_biases or not path.endswith("bias"):
                ratios += ratio_of(
                    one[COLUMN["update_norm_mean"]], one[COLUMN["weight_norm"]]
                )

    def norm(some: list[list[float]], name: str) -> float:
        return math.sqrt(sum(one[COLUMN[name]] ** 2 for one in some))

    found = {"weight_norm": norm([*of.values()], "weight_norm")}
    if grads:
        found["grad_norm_mean"] = norm(grads, "grad_norm_mean")
        found["grad_norm_max"] = norm(grads, "grad_norm_max")
        found["nonfinite_gradients"] = sum(one[COLUMN["nonfinite"]] for one in grads)
    if updates:
        found["update_norm_mean"] = norm(updates, "update_norm_mean")
    if ratios:
        unknown = any(math.isnan(ratio) for ratio in ratios)
        found["update_ratio"] = math.nan if unknown else max(ratios)
    return found


def as_json(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if math.isinf(value) else value


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_layers_have_what_their_variables_have(data: st.DataObject) -> None:
    tree = (
        layer("a", "kernel", "bias"),
        layer(
            "net",
            children=(layer("net/b", "kernel"), layer("net/c", "kernel", "bias")),
        ),
        layer("empty"),
    )
    below = variables_of_layers(tree)
    assert set(below["net"]) == {*below["net/b"], *below["net/c"]}
    paths = ["a/kernel", "a/bias", "net/b/kernel", "net/c/kernel", "net/c/bias"]
    measured = data.draw(st.permutations(paths))[: data.draw(st.integers(1, 5))]
    values = np.array(
        [
            row(
                grad_norm_mean=data.draw(NUMBERS),
                grad_norm_max=data.draw(NUMBERS),
                update_norm_mean=data.draw(NUMBERS),
                weight_norm=data.draw(NUMBERS),
                nonfinite=data.draw(st.sampled_from([0, 0, 7])),
            )
            for _ in measured
        ],
        np.float32,
    )
    dynamics = rows(tuple(measured), [4], values[np.newaxis])
    found = read(layer_statistics(9, below, dynamics, None, None))
    exact = dict(zip(measured, values.astype(np.float64).tolist(), strict=True))
    for path, variables in below.items():
        known = {name: exact[name] for name in variables if name in exact}
        wanted = slow_statistics(known) if known else {}
        got = found.get(path, {})
        assert set(got) == set(wanted)
        for name, value in wanted.items():
            if isinstance(as_json(value), str):
                assert got[name] == as_json(value)
            else:
                assert got[name] == pytest.approx(value, rel=1e-6)


def test_a_damaged_row_is_not_shown_as_data() -> None:
    values = np.array([row(grad_norm_mean=3, weight_norm=1)] * 2, np.float32)
    dynamics = rows(("a/kernel", "b/kernel"), [1], values[np.newaxis])
    dynamics.values[0, 0, COLUMN["grad_norm_mean"]] = 1e6
    dynamics = check(dynamics)
    below = variables_of_layers([layer("a", "kernel"), layer("b", "kernel")])
    found = read(layer_statistics(1, below, dynamics, None, None))
    assert set(found) == {"b"}
    assert found["b"]["grad_norm_mean"] == 3


def test_frozen_layers_have_their_norm_from_the_captures() -> None:
    below = variables_of_layers(
        [layer("a", "kernel", "mean"), layer("b", "kernel", "mean"), layer("c", "x")]
    )
    dynamics = rows(("a/kernel",), [6], np.array([[row(weight_norm=2)]], np.float32))
    norms = {
        "a/kernel": LoggedNorm(9.0, True),
        "a/mean": LoggedNorm(9.0, False),
        "b/kernel": LoggedNorm(3.0, False),
        "b/mean": LoggedNorm(4.0, False),
        "c/x": LoggedNorm(None, True),
    }
    answer = layer_statistics(8, below, dynamics, (5, norms), None)
    found = read(answer)
    assert found["a"]["weight_norm"] == 2
    assert found["b"] == {"weight_norm": 5}
    assert "c" not in found
    steps = {column.name: column.step for column in answer.columns}
    assert steps["weight_norm"] == steps["grad_norm_mean"] == 6
    # Without dynamics: the trainable ones only, at the captures' step.
    answer = layer_statistics(8, below, None, (5, norms), None)
    assert read(answer)["a"] == {"weight_norm": 9}
    steps = {column.name: column.step for column in answer.columns}
    assert steps["weight_norm"] == 5
    assert steps["grad_norm_mean"] is None


def test_outputs_give_the_activation_statistics() -> None:
    summaries = {
        "a": (-1.0, 2.0, 0.5, 0.25, 0.75, 3.0),
        "dead": (None, None, None, None, None, 12.0),
        "old": (),
    }
    found = read(layer_statistics(2, {}, None, None, (2, summaries)))
    assert found == {
        "a": {
            "activation_mean": 0.5,
            "activation_std": 0.25,
            "activation_zero_fraction": 0.75,
            "nonfinite_activations": 3,
        },
        "dead": {
            "activation_mean": "NaN",
            "activation_std": "NaN",
            "activation_zero_fraction": "NaN",
            "nonfinite_activations": 12,
        },
    }


def test_nothing_logged_is_an_answer_without_layers() -> None:
    answer = layer_statistics(2, {"a": ("a/kernel",)}, None, None, None)
    assert answer.layers == ()
    assert [column.name for column in answer.columns] == list(LAYER_STATISTICS)
    assert {column.values for column in answer.columns} == {()}


def test_a_trend_is_every_steps_statistic() -> None:
    random = np.random.default_rng(5)
    first = random.random((3, 2, len(DYNAMICS_COLUMNS)), np.float32)
    second = random.random((2, 1, len(DYNAMICS_COLUMNS)), np.float32)
    parts = [
        rows(("a/kernel", "b/kernel"), [1, 2, 3], first),
        rows(("b/kernel",), [5, 9], second),
    ]
    summaries = {0: (0.0, 1.0, 0.5, 0.1, 0.2, 0.0), 9: (0.0, 1.0, None, 0.1, 0.2, 4.0)}
    trend = layer_trend(
        "b",
        ["b/kernel"],
        dynamics=parts,
        norms={0: {"b/kernel": LoggedNorm(1.0, True)}},
        summaries=summaries,
        left_out={"grad_norm_max": "some"},
    )
    assert trend.layer == "b"
    assert [column.name for column in trend.columns] == list(LAYER_STATISTICS)
    below = {"b": ("b/kernel",)}
    for name in ("grad_norm_mean", "grad_norm_max", "update_ratio", "weight_norm"):
        steps, values, cut = points(trend, name)
        assert steps == [1, 2, 3, 5, 9]
        assert cut == ("some" if name == "grad_norm_max" else "")
        for part in parts:
            for at, step in enumerate(part.steps.tolist()):
                one = DynamicsRows(
                    part.variables,
                    part.steps[at:][:1],
                    part.values[at:][:1],
                    part.damaged[at:][:1],
                )
                alone = read(layer_statistics(step, below, one, None, None))
                assert values[steps.index(step)] == alone["b"][name]
    assert points(trend, "activation_mean") == ([0, 9], [0.5, "NaN"], "")


def test_a_trend_without_dynamics_has_the_captured_norms() -> None:
    norms = {step: {"a/kernel": LoggedNorm(float(step), True)} for step in (2, 4)} | {
        6: {}
    }
    trend = layer_trend(
        "a", ["a/kernel"], dynamics=(), norms=norms, summaries={}, left_out={}
    )
    assert points(trend, "weight_norm") == ([2, 4], [2.0, 4.0], "")
    assert points(trend, "grad_norm_mean") == ([], [], "")


@pytest.mark.parametrize("count", [0, 1, MAX_POINTS, MAX_POINTS + 1, 1999])
@pytest.mark.parametrize("largest", [False, True])
def test_long_trends_keep_the_shape_and_every_spike(count: int, largest: bool) -> None:
    steps = np.arange(count) * 3
    values = np.random.default_rng(1).random(count)
    if count:
        values[count // 2] = 1e9
    found, kept, cut = thin_points(steps, values, largest)
    size = max(1, math.ceil(count / MAX_POINTS))
    parts = [range(at, min(at + size, count)) for at in range(0, count, size)]
    assert found.tolist() == [int(steps[part[-1]]) for part in parts]
    wanted = [
        max(values[list(part)]) if largest else float(np.mean(values[list(part)]))
        for part in parts
    ]
    np.testing.assert_allclose(kept, wanted)
    assert len(found) <= MAX_POINTS
    assert bool(cut) == (size > 1)
    if size > 1:
        assert str(size) in cut
        values[7] = math.nan
        assert np.isnan(thin_points(steps, values, largest)[1]).sum() == 1
