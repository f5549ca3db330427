"""Programs that run on one backend each, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BACKENDS = ("tensorflow", "jax", "torch")

RunProgram = Callable[..., str]

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def run_program(tmp_path_factory: pytest.TempPathFactory) -> RunProgram:
    """Runs Python with a backend, and gives what was printed."""

    def run(backend: str, *arguments: str) -> str:
        environment = {
            **os.environ,
            "KERAS_BACKEND": backend,
            "PYTHONPATH": str(_ROOT),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path_factory.mktemp("program"),
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
