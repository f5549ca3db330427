"""One training on three backends, two of them without TensorFlow."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import tb_kerasviz
from tests.frameworks import same_training
from tests.frameworks.conftest import BACKENDS, RunProgram

STEPS = list(range(1, 21))


@pytest.fixture(scope="session")
def logs(
    run_program: RunProgram, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What each backend logged, by its name."""
    directory = tmp_path_factory.mktemp("logs")
    for backend in BACKENDS:
        blocked = [] if backend == "tensorflow" else ["tensorflow"]
        printed = run_program(
            backend, same_training.__file__, str(directory / backend), *blocked
        )
        loaded = json.loads(printed.splitlines()[-1])
        assert backend in loaded
        assert ("tensorflow" in loaded) == (backend == "tensorflow")
    return dict(tb_kerasviz.load(directory))


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_kind_of_data_is_logged(backend: str, logs: dict[str, Any]) -> None:
    run = logs[backend]
    assert run.status().notices == ()
    assert run.status().closed
    assert run.steps("weights")[-2:] == [10, 20]
    assert run.steps("activations") == [0, 10, 20]
    assert run.dynamics().steps.tolist() == STEPS
    assert run.scalars("epoch_loss").steps.tolist() == [10, 20]
    assert run.scalars("epoch_loss", split="validation").steps.tolist() == [10, 20]
    paths = [layer.path for layer in run.model_graph().layers]
    assert any("edges" in path for path in paths)
    # And all of it can be read.
    assert run.weights(run.dynamics().variables[0], 20).values is not None
    edges = next(path for path in paths if path.endswith("edges"))
    assert run.activations(edges, 20).maps.shape == (4, 6, 6)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_numbers_as_on_tensorflow(backend: str, logs: dict[str, Any]) -> None:
    for kind in ("dynamics", "step_dynamics"):
        wanted, received = (
            getattr(logs[name], kind)() for name in ("tensorflow", backend)
        )
        assert received.columns == wanted.columns
        # Rounding differs, and Adam makes much of the smallest gradients: what
        # would be another meaning of a column is far beyond this.
        for at, column in enumerate(wanted.columns):
            if column != "crc16":
                np.testing.assert_allclose(
                    received.values[..., at],
                    wanted.values[..., at],
                    rtol=2e-3,
                    atol=2e-4,
                    err_msg=column,
                )
    assert logs[backend].dynamics().variables == logs["tensorflow"].dynamics().variables
