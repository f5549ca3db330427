from __future__ import annotations

from typing import Any

import numpy as np

from tb_kerasviz.analysis.step_measurements import (
    TAP_COLUMNS,
    TAP_STEP_COLUMNS,
    StepMeasurements,
    global_norms,
    merge_measurements,
)

Array = np.ndarray[Any, Any]
COLUMN = {name: at for at, name in enumerate(TAP_COLUMNS)}
TOTAL = {name: at for at, name in enumerate(TAP_STEP_COLUMNS)}


def measured(steps: list[int], squares: Any, **totals: float) -> StepMeasurements:
    """Steps of variables with these squares of gradients, NaN for none."""
    grads = np.asarray(squares, np.float32)
    variables = np.zeros((*grads.shape, len(COLUMN)), np.float32)
    variables[..., COLUMN["grad_square"]] = grads
    variables[..., COLUMN["update_square"]] = np.nan_to_num(grads)
    known = {"clipped_square": np.nan, "loss": np.nan, "loss_scale": np.nan, **totals}
    row = [known.get(name, 0.0) for name in TAP_STEP_COLUMNS]
    return StepMeasurements(
        np.array(steps, np.int64), variables, np.array([row] * len(steps), np.float32)
    )


def test_global_norms_leave_out_what_has_no_gradient() -> None:
    one = measured([1, 2, 3], [[9, 16], [np.nan, 4], [np.nan, np.nan]])
    whole, clipped = global_norms(one)
    np.testing.assert_array_equal(whole, [5, 2, np.nan])
    np.testing.assert_array_equal(clipped, whole)
    _, clipped = global_norms(measured([1], [[9, 16]], clipped_square=4))
    assert clipped.tolist() == [2]


def test_a_gradient_that_is_nan_is_not_one_that_is_missing() -> None:
    one = measured([1], [[np.nan, 4]])
    one.variables[0, 0, COLUMN["nonfinite"]] = 1
    assert np.isnan(global_norms(one)[0]).all()


def test_two_optimizers_of_one_model() -> None:
    nan = np.nan
    often = measured([1, 2, 3, 4], [[1, nan]] * 4, learning_rate=0.5, loss_scale=nan)
    seldom = measured(
        [2, 4], [[nan, 9]] * 2, learning_rate=0.1, loss=7, skipped=2, clipped_square=4
    )
    both = merge_measurements([often, seldom])
    assert both.steps.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(
        both.variables[:, :, COLUMN["grad_square"]],
        [[1, nan], [1, 9], [1, nan], [1, 9]],
    )
    np.testing.assert_array_equal(
        both.variables[:, :, COLUMN["update_square"]], [[1, 0], [1, 9], [1, 0], [1, 9]]
    )
    assert (both.totals[:, TOTAL["learning_rate"]] == 0.5).all()
    np.testing.assert_array_equal(both.totals[:, TOTAL["loss"]], [nan, 7, nan, 7])
    assert both.totals[:, TOTAL["skipped"]].tolist() == [0, 2, 0, 2]
    # One clips, the other does not.
    whole, clipped = global_norms(both)
    np.testing.assert_allclose(whole, np.sqrt([1, 10, 1, 10]))
    np.testing.assert_allclose(clipped, np.sqrt([1, 5, 1, 5]))


def test_of_one_optimizer_nothing_changes() -> None:
    one = measured([3], [[1, 2]])
    assert merge_measurements([one, StepMeasurements.none(2)]) is one
    nothing = StepMeasurements.none(2)
    assert len(merge_measurements([nothing, StepMeasurements.none(2)]).steps) == 0
