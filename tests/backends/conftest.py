"""Trainings with Keras's backend of this process.

Keras takes its backend from `KERAS_BACKEND` when it is imported, TensorFlow
by default. `test_other_backends.py` runs them again on the other ones; what
only one backend has is marked with `only_on`.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping

import keras
import pytest

RunScript = Callable[..., subprocess.CompletedProcess[str]]

NUMBERS_DIR = "TB_KERASVIZ_TEST_NUMBERS"
"""Names the directory for numbers that are to be compared between backends."""

_ROOT = pathlib.Path(__file__).parents[2]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on(*backends): what only these have")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("only_on")
        if marker is not None and keras.backend.backend() not in marker.args:
            reason = f"only on the backends {marker.args}"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _fresh_keras() -> Iterator[None]:
    """Equal names and seeds for every training."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def numbers_dir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Where the numbers of this process are kept."""
    named = os.environ.get(NUMBERS_DIR)
    return pathlib.Path(named) if named else tmp_path_factory.mktemp("numbers")


@pytest.fixture
def run_script(tmp_path: pathlib.Path) -> RunScript:
    """Runs Python code in a process of its own, in an empty directory.

    The process has this one's backend. Its working directory is `tmp_path`.
    """

    def run(
        code: str,
        *arguments: str,
        python: tuple[str, ...] = (),
        returncode: int | None = 0,
        timeout: float = 180,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        script = tmp_path / "script.py"
        script.write_text(code)
        variables = {**os.environ, **(environment or {}), "PYTHONPATH": str(_ROOT)}
        variables["KERAS_BACKEND"] = keras.backend.backend()
        done = subprocess.run(
            [sys.executable, *python, str(script), *arguments],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if returncode is not None:
            assert done.returncode == returncode, done.stdout + done.stderr
        return done

    return run
