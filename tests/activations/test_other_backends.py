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


@pytest.mark.parametrize("backend", OTHERS)
def test_activations_are_true_on(backend: str) -> None:
    done = subprocess.run(
        [*PYTEST, HERE],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend, OTHER_BACKEND: "1"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    if done.returncode:
        # As it is, and not as the repr of a text of a thousand lines.
        pytest.fail(f"on {backend}:\n{done.stdout}\n{done.stderr}", pytrace=False)
    assert " passed" in done.stdout
