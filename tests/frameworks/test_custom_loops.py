"""The custom loops of the demo, each on its backend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tb_kerasviz
from demo import digits
from demo.custom_loops.small_model import BATCH, EPOCHS, EVERY
from tests.frameworks.conftest import BACKENDS, RunProgram


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_custom_loop_logs_everything(
    backend: str, run_program: RunProgram, tmp_path: Path
) -> None:
    run_program(backend, "-m", f"demo.custom_loops.{backend}_loop", str(tmp_path))

    per_epoch = -(-len(digits.load().y_train) // BATCH)
    last = EPOCHS * per_epoch
    ends = [per_epoch, last]
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.status().notices == ()
    assert run.scalars("loss").steps.tolist() == list(range(1, last + 1))
    assert run.scalars("accuracy", split="validation").steps.tolist() == ends
    assert run.steps("weights") == ends
    assert run.steps("activations") == [0, *ends]
    assert any(layer.path.endswith("edges") for layer in run.model_graph().layers)

    dynamics = run.dynamics()
    assert dynamics.steps.tolist() == list(range(EVERY, last + 1, EVERY))
    norm, weight = (
        dynamics.values[..., dynamics.columns.index(name)]
        for name in ("grad_norm_mean", "weight_norm")
    )
    assert (norm > 0).all()
    # The weights of each step, and not those of the beginning.
    assert (np.diff(weight[:, 0]) != 0).all()
    kernel = dynamics.variables[0]
    early, late = (run.weights(kernel, step).values for step in ends)
    assert np.abs(late - early).max() > 1e-3
    losses = run.scalars("loss").values
    assert losses[-5:].mean() < 0.7 * losses[:5].mean()
    # What that cost is known, and not taken for what the loop itself did.
    status = run.status()
    assert 0 < status.overhead_secs < 0.9 * status.training_secs
