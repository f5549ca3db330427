"""All of these tests once more, in a process for each other backend."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import keras
import pytest

from tests.activations.conftest import OTHER_BACKEND

pytestmark = pytest.mark.skipif(
    OTHER_BACKEND in os.environ, reason="this is the process of another backend"
)

HERE = str(pathlib.Path(__file__).parent)
ROOT = pathlib.Path(__file__).parents[2]
OTHERS = [
    name for name in ("jax", "tensorflow", "torch") if name != keras.backend.backend()
]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]


SECONDS = 3600


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Status and output of each; they run at the same time, a core for each."""
    folder = tmp_path_factory.mktemp("backends")
    running = {}
    for backend in OTHERS:
        output = folder / f"{backend}.txt"
        variables = {"KERAS_BACKEND": backend, OTHER_BACKEND: "1"}
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*PYTEST, HERE],
                cwd=ROOT,
                # Threads that wait for one another are slow beside others.
                env={**os.environ, **variables, "OMP_NUM_THREADS": "1"},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        running[backend] = (process, output)
    try:
        return {
            backend: (process.wait(SECONDS), output.read_text())
            for backend, (process, output) in running.items()
        }
    finally:
        for process, _ in running.values():
            process.kill()


@pytest.mark.parametrize("backend", OTHERS)
def test_activations_are_true_on(
    backend: str, outcomes: dict[str, tuple[int, str]]
) -> None:
    returncode, output = outcomes[backend]
    if returncode:
        # As it is, and not as the repr of a text of a thousand lines.
        pytest.fail(f"on {backend}:\n{output}", pytrace=False)
    assert " passed" in output
