"""The tests of what differs between backends, in a process for each other one."""

from __future__ import annotations

import itertools
import os
import pathlib
import subprocess
import sys
from collections.abc import Sequence

import keras
import numpy as np
import pytest

from tests.backends.conftest import NUMBERS_DIR

pytestmark = pytest.mark.skipif(
    NUMBERS_DIR in os.environ, reason="this is the process of another backend"
)

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
BACKENDS = ("jax", "tensorflow", "torch")
OTHERS = [name for name in BACKENDS if name != keras.backend.backend()]
QUICK = [
    str(HERE / f"test_{name}.py")
    for name in (
        "dynamics",
        "training_unchanged",
        "data_parallel",
        "processes",
        "train_function",
        "jax_train_function",
        "gradient_histograms",
        "fits",
        "saving",
        "faults",
    )
]
NUMBERS = (str(HERE / "test_dynamics.py"), "-k", "numbers_to_compare")
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
SECONDS = 3600


def run_others(
    folder: pathlib.Path, *arguments: str, backends: Sequence[str] = OTHERS
) -> dict[str, tuple[int, str]]:
    """Runs the backends at the same time; return codes and outputs."""
    running = {}
    for backend in backends:
        (folder / backend).mkdir()
        output = folder / f"{backend}.txt"
        environment = {
            **os.environ,
            "KERAS_BACKEND": backend,
            NUMBERS_DIR: str(folder / backend),
            # Threads of several processes that wait for each other are slow.
            "OMP_NUM_THREADS": "1",
            # Many tests compile the same train step.
            "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
        }
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*PYTEST, *arguments],
                cwd=ROOT,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        running[backend] = process, output
    try:
        return {
            backend: (process.wait(SECONDS), output.read_text())
            for backend, (process, output) in running.items()
        }
    finally:
        for process, _ in running.values():
            process.kill()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Where each backend puts its numbers, in a folder of its name."""
    return tmp_path_factory.mktemp("backends")


@pytest.fixture(scope="module")
def outcomes(folder: pathlib.Path) -> dict[str, tuple[int, str]]:
    """How the quick tests went."""
    return run_others(folder, *QUICK)


@pytest.mark.parametrize("backend", OTHERS)
def test_trainings_on(backend: str, outcomes: dict[str, tuple[int, str]]) -> None:
    check(backend, *outcomes[backend])


@pytest.mark.slow
def test_slow_trainings_on_other_backends(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = run_others(
        tmp_path_factory.mktemp("slow"), "-m", "slow or not slow", str(HERE)
    )
    for backend, outcome in found.items():
        check(backend, *outcome)


def check(backend: str, returncode: int, output: str) -> None:
    if returncode:
        # As it is, and not as the repr of a text of a thousand lines.
        pytest.fail(f"on {backend}:\n{output}", pytrace=False)
    assert " passed" in output


def test_the_numbers_are_the_same_on_every_backend(
    outcomes: dict[str, tuple[int, str]], folder: pathlib.Path
) -> None:
    assert outcomes
    # This backend's too, since another process may have had the tests of it.
    own = keras.backend.backend()
    check(own, *run_others(folder, *NUMBERS, backends=[own])[own])
    numbers = {
        backend: {f.stem: np.load(f) for f in (folder / backend).glob("*.npy")}
        for backend in BACKENDS
    }
    for (one, here), (other, there) in itertools.combinations(numbers.items(), 2):
        assert here.keys() == there.keys() != set()
        for name, values in here.items():
            np.testing.assert_allclose(
                values, there[name], 2e-4, 1e-6, err_msg=f"{name} of {one} and {other}"
            )
