from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tb_kerasviz.analysis.nonfinite_origin import (
    FirstNonfinite,
    describe_first_nonfinite,
    find_first_nonfinite,
)
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS

Array = np.ndarray[Any, Any]

VARIABLES = ("a/kernel", "a/bias", "b/kernel")
GRADIENT, WEIGHT, LOSS = "gradient", "weight", "loss"


def series(*events: tuple[str, int, int]) -> tuple[Array, Array]:
    """Rows of windows of one step, 1 to 9; events: kind, step, variable."""
    values = np.zeros((9, 3, len(DYNAMICS_COLUMNS)), np.float32)
    totals = np.zeros((9, len(STEP_COLUMNS)), np.float32)
    columns = {
        GRADIENT: DYNAMICS_COLUMNS.index("nonfinite_first_step"),
        WEIGHT: DYNAMICS_COLUMNS.index("weight_nonfinite_first_step"),
    }
    loss = STEP_COLUMNS.index("loss_nonfinite_first_step")
    values[:, :, list(columns.values())] = -1
    totals[:, loss] = -1
    for kind, step, variable in events:
        if kind == LOSS:
            totals[step - 1, loss] = step
        else:
            values[step - 1, variable, columns[kind]] = step
    return values, totals


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], None),
        ([(LOSS, 4, 0), (GRADIENT, 5, 0)], FirstNonfinite(4, "loss", ())),
        # In a step the loss is computed first, then gradients, then weights.
        (
            [(WEIGHT, 4, 0), (GRADIENT, 4, 1), (LOSS, 4, 0)],
            FirstNonfinite(4, "loss", ()),
        ),
        (
            [(WEIGHT, 4, 0), (GRADIENT, 4, 2), (GRADIENT, 4, 1), (LOSS, 5, 0)],
            FirstNonfinite(4, "gradient", ("a/bias", "b/kernel")),
        ),
        # The weights are worse from step 3 on, the loss of step 4 shows it.
        (
            [(WEIGHT, 3, 1), (LOSS, 4, 0), (GRADIENT, 4, 0)],
            FirstNonfinite(3, "weight", ("a/bias",)),
        ),
    ],
)
def test_the_first_of_all(
    events: list[tuple[str, int, int]], expected: FirstNonfinite | None
) -> None:
    values, totals = series(*events)
    assert find_first_nonfinite(VARIABLES, values, totals) == expected


def test_without_totals_and_with_unknown_columns() -> None:
    values, _ = series((GRADIENT, 4, 2))
    values[:, :, DYNAMICS_COLUMNS.index("weight_nonfinite_first_step")] = np.nan
    found = find_first_nonfinite(VARIABLES, values, None)
    assert found == FirstNonfinite(4, "gradient", ("b/kernel",))


@pytest.mark.parametrize("kind", [LOSS, GRADIENT, WEIGHT])
def test_a_sentence_names_what_where_and_when(kind: Any) -> None:
    paths = () if kind == LOSS else tuple(f"layer_{i}/kernel" for i in range(5))
    text = describe_first_nonfinite(FirstNonfinite(17, kind, paths))
    assert kind in text
    assert "step 17" in text
    if paths:
        assert "layer_2/kernel and 2 more" in text
