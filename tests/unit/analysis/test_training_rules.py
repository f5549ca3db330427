"""The rules that a training is judged by, on made-up dynamics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from tb_kerasviz.analysis.layer_statistics import DynamicsRows
from tb_kerasviz.analysis.training_verdict import judge_training
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS, TrainingVerdict

Array = np.ndarray[Any, Any]

AT = {name: at for at, name in enumerate(DYNAMICS_COLUMNS)}
STEP_AT = {name: at for at, name in enumerate(STEP_COLUMNS)}
STEPS = 40
VARIABLES = ("a/kernel", "a/bias", "b/kernel", "b/bias", "c/kernel", "c/bias")


def rows_of(
    variables: Sequence[str] = VARIABLES, first: int = 1, steps: int = STEPS
) -> DynamicsRows:
    """A training in which all is well: gradients of 1, update ratios of 0.002."""
    values = np.zeros((steps, len(variables), len(DYNAMICS_COLUMNS)), np.float32)
    for name, value in {
        "grad_norm_mean": 1.0,
        "grad_norm_max": 1.0,
        "update_norm_mean": 0.02,
        "update_norm_max": 0.02,
        "weight_norm": 10.0,
        "nonfinite_first_step": -1,
        "weight_nonfinite_first_step": -1,
        "window": 1,
    }.items():
        values[:, :, AT[name]] = value
    there = np.zeros(values.shape[:2], bool)
    return DynamicsRows(
        tuple(variables), np.arange(first, first + steps), values, there
    )


def totals_of(steps: int = STEPS) -> Array:
    totals = np.zeros((steps, len(STEP_COLUMNS)), np.float32)
    for name, value in {
        "learning_rate": 0.5,
        "global_norm_max": 2.0,
        "loss_mean": 2.3,
        "loss_max": 2.3,
        "loss_nonfinite_first_step": -1,
        "window": 1,
    }.items():
        totals[:, STEP_AT[name]] = value
    return totals


def judge(
    rows: DynamicsRows | Sequence[DynamicsRows], totals: Array | None = None
) -> TrainingVerdict:
    parts = [rows] if isinstance(rows, DynamicsRows) else list(rows)
    totals = totals_of() if totals is None else totals
    return judge_training("run1", parts, np.arange(1, len(totals) + 1), totals)


def change(
    rows: DynamicsRows, variable: str, values: Mapping[str, float], where: slice
) -> None:
    for name, value in values.items():
        rows.values[where, rows.variables.index(variable), AT[name]] = value


def no_gradient(rows: DynamicsRows, variable: str, where: slice) -> None:
    none = dict.fromkeys(("grad_norm_mean", "grad_norm_max", "update_norm_mean"), 0.0)
    change(rows, variable, none, where)


def test_nothing_unusual_is_not_called_healthy() -> None:
    found = judge(rows_of())
    assert (found.state, found.findings, found.first_nonfinite) == ("judged", (), None)
    assert found.headline == "Nothing unusual"
    assert "40 steps" in found.text
    assert "update ratios of kernels are 0.002 to 0.002" in found.text
    assert found.steps == tuple(range(1, STEPS + 1))
    assert set(found.ratio_median) == {0.002}


def test_a_few_steps_are_not_judged() -> None:
    assert judge(rows_of(steps=4), totals_of(4)).state == "short"
    assert judge([], totals_of(0)).state == "none"


@pytest.mark.parametrize("name", ["bias", "gamma", "embeddings"])
def test_ratios_of_what_begins_small_say_nothing(name: str) -> None:
    rows = rows_of(("a/kernel", f"a/{name}"))
    change(rows, f"a/{name}", {"update_norm_mean": 9.0}, slice(0, 20))
    assert judge(rows).findings == ()


def test_a_kernel_that_begins_at_zero_is_no_step_too_large() -> None:
    rows = rows_of()
    steps = np.arange(1, STEPS + 1)
    rows.values[:, 4, AT["weight_norm"]] = 0.1 * steps
    rows.values[:, 4, AT["update_norm_mean"]] = 0.1
    assert judge(rows).findings == ()


def test_a_kernel_may_stay_at_zero_for_a_while() -> None:
    rows = rows_of()
    steps = np.maximum(0, np.arange(STEPS) - 4)
    rows.values[:, 4, AT["weight_norm"]] = 0.1 * steps
    rows.values[:, 4, AT["update_norm_mean"]] = np.where(steps > 0, 0.1, 0)
    assert judge(rows).findings == ()


def test_large_steps_count_when_they_follow_one_another() -> None:
    rows = rows_of()
    for at in (0, 1, 3, 4, 7, 8):
        change(rows, "b/kernel", {"update_norm_mean": 2.0}, slice(at, at + 1))
    assert judge(rows).findings == ()

    change(rows, "b/kernel", {"update_norm_mean": 3.0}, slice(9, 10))
    (found,) = judge(rows).findings
    assert (found.kind, found.broken) == ("steps_too_large", True)
    assert (found.variable, found.step) == ("b/kernel", 8)
    assert "1 of 3 kernels" in found.text
    assert "by 30% at step 10" in found.text
    assert found.text.endswith("Lower the learning rate, which was 0.5.")


def test_a_long_window_counts_as_its_steps() -> None:
    rows = rows_of()
    rows.values[:, :, AT["window"]] = 4
    change(rows, "b/kernel", {"update_norm_mean": 2.0}, slice(9, 10))
    spaced = DynamicsRows(rows.variables, rows.steps * 4, rows.values, rows.damaged)
    (found,) = judge(spaced).findings
    assert (found.kind, found.step) == ("steps_too_large", 37)


def test_layers_that_no_gradient_reaches_are_named_up_to_the_loss() -> None:
    rows = rows_of()
    for path in VARIABLES[:4]:
        no_gradient(rows, path, slice(11, None))
    no_gradient(rows, "c/kernel", slice(5, None))  # Its bias still learns.
    (found,) = judge(rows).findings
    assert found.headline == "No gradient reaches 2 of 3 layers, a to b, since step 12"
    assert (found.kind, found.variable, found.step) == ("no_gradient", "b/kernel", 12)


def test_a_gradient_that_does_not_exist_is_none() -> None:
    rows = rows_of()
    none = {"grad_norm_mean": np.nan, "grad_norm_max": np.nan, "update_norm_mean": 0.0}
    for path in ("a/kernel", "a/bias"):
        change(rows, path, none, slice(None))
    (found,) = judge(rows).findings
    assert found.headline == "No gradient reaches a, since step 1"


def test_what_comes_back_or_is_frozen_is_not_dead() -> None:
    rows = rows_of()
    no_gradient(rows, "a/kernel", slice(0, -1))
    no_gradient(rows, "b/bias", slice(None))
    assert judge(rows).findings == ()

    later = rows_of(VARIABLES[4:], first=STEPS + 1)
    assert judge([rows_of(), later], totals_of(2 * STEPS)).findings == ()


def test_the_loss_may_vary_and_must_not_explode() -> None:
    totals = totals_of()
    totals[20, STEP_AT["loss_max"]] = 20.0
    assert judge(rows_of(), totals).findings == ()
    totals[25:, STEP_AT["loss_max"]] = 24.0
    totals[30, STEP_AT["loss_max"]] = 230.0
    (found,) = judge(rows_of(), totals).findings
    assert (found.kind, found.step) == ("loss_rose", 26)
    assert found.headline == "The loss rose to 100 times its start at step 26"
    assert "from 2.3 to 230 at step 31" in found.text


def test_gradients_that_vanish_and_steps_that_are_too_small() -> None:
    rows = rows_of()
    rows.values[:, :, AT["update_norm_mean"]] = 1e-6
    (found,) = judge(rows).findings
    assert (found.kind, found.broken) == ("steps_too_small", False)

    many = tuple(f"{name}/kernel" for name in "abcdefgh")
    rows = rows_of(many)
    for path in many[:2]:
        change(
            rows, path, {"grad_norm_max": 1e-6, "update_norm_mean": 1e-7}, slice(None)
        )
    (found,) = judge(rows).findings
    assert found.headline == "Gradients vanish towards a"


def test_a_spike_is_unusual_and_names_the_layer() -> None:
    totals, rows = totals_of(), rows_of()
    totals[20, STEP_AT["global_norm_max"]] = 190.0
    assert judge(rows, totals).findings == ()
    totals[20, STEP_AT["global_norm_max"]] = 900.0
    change(rows, "c/kernel", {"grad_norm_max": 890.0}, slice(20, 21))
    (found,) = judge(rows, totals).findings
    assert (found.kind, found.broken, found.step) == ("gradient_spike", False, 21)
    assert found.headline == "A spike of the gradients at step 21, most in c"


def test_what_follows_a_nan_is_not_held_against_the_training() -> None:
    rows, totals = rows_of(), totals_of()
    rows.values[9:, 2, AT["nonfinite"]] = 7
    rows.values[9:, 2, AT["nonfinite_first_step"]] = np.arange(10, STEPS + 1)
    for name in ("grad_norm_mean", "grad_norm_max", "update_norm_mean"):
        rows.values[9:, :, AT[name]] = np.nan
    found = judge(rows, totals)
    assert [one.kind for one in found.findings] == ["nonfinite"]
    assert found.headline == "Gradients are NaN or infinite from step 10, first in b"
    assert found.first_nonfinite is not None
    assert (found.first_nonfinite.kind, found.first_nonfinite.step) == ("gradient", 10)
    assert found.first_nonfinite.variables == ("b/kernel",)

    totals[9, STEP_AT["loss_nonfinite_first_step"]] = 10
    found = judge(rows, totals)
    assert found.headline == "The loss is NaN or infinite from step 10"
    assert found.first_nonfinite is not None
    assert found.first_nonfinite.variables == ()


def test_findings_stand_in_the_order_in_which_they_came_about() -> None:
    rows, totals = rows_of(), totals_of()
    for path in VARIABLES[:2]:
        no_gradient(rows, path, slice(20, None))
    change(rows, "b/kernel", {"update_norm_mean": 5.0}, slice(2, 9))
    totals[5, STEP_AT["loss_max"]] = 1e9
    found = judge(rows, totals)
    kinds = [one.kind for one in found.findings]
    assert kinds == ["steps_too_large", "loss_rose", "no_gradient"]
    assert found.headline.startswith("Steps too large from step 3, most in b; then the")


def test_the_strip_has_few_points_and_keeps_the_largest() -> None:
    rows = rows_of(steps=1000)
    rows.values[777, 2, AT["update_norm_max"]] = 5.0
    found = judge(rows, totals_of(1000))
    assert len(found.steps) == len(found.ratio_largest) == 60
    assert max(float(value or 0) for value in found.ratio_largest) == 0.5
    assert max(float(value or 0) for value in found.ratio_median) == 0.002
