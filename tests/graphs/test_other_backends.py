"""All of these tests once more, in a process for each other backend."""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import os
import pathlib
import subprocess
import sys

import keras
import pytest

from tests.graphs.conftest import GRAPHS_DIR

pytestmark = pytest.mark.skipif(
    GRAPHS_DIR in os.environ, reason="this is the process of another backend"
)

HERE = str(pathlib.Path(__file__).parent)
ROOT = pathlib.Path(__file__).parents[2]
BACKENDS = ("jax", "tensorflow", "torch")
OTHERS = [name for name in BACKENDS if name != keras.backend.backend()]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
SECONDS = 3600


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How the tests went on one backend."""

    returncode: int
    output: str
    graphs: pathlib.Path


def run_others(graphs: pathlib.Path, *arguments: str) -> dict[str, Outcome]:
    """Runs the backends at the same time, since each keeps one core busy."""
    running = {}
    for backend in OTHERS:
        folder = graphs / backend
        folder.mkdir()
        output = folder / "output.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*PYTEST, *arguments, HERE],
                cwd=ROOT,
                env={**os.environ, "KERAS_BACKEND": backend, GRAPHS_DIR: str(folder)},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        running[backend] = (process, folder, output)
    outcomes = {}
    try:
        for backend, (process, folder, output) in running.items():
            returncode = process.wait(SECONDS)
            outcomes[backend] = Outcome(returncode, output.read_text(), folder)
    finally:
        for process, _, _ in running.values():
            process.kill()
    return outcomes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """How all of the quick tests went."""
    return run_others(tmp_path_factory.mktemp("backends"))


@pytest.fixture(scope="module")
def slow_outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """How all of the slow ones went."""
    return run_others(tmp_path_factory.mktemp("slow_backends"), "-m", "slow")


@pytest.mark.parametrize("backend", OTHERS)
def test_graphs_are_true_on(backend: str, outcomes: dict[str, Outcome]) -> None:
    check(backend, outcomes[backend])


@pytest.mark.slow
@pytest.mark.parametrize("backend", OTHERS)
def test_slow_graphs_are_true_on(
    backend: str, slow_outcomes: dict[str, Outcome]
) -> None:
    check(backend, slow_outcomes[backend])


def check(backend: str, outcome: Outcome) -> None:
    if outcome.returncode:
        # As it is, and not as the repr of a text of a thousand lines.
        pytest.fail(f"on {backend}:\n{outcome.output}", pytrace=False)
    assert " passed" in outcome.output


def test_graphs_are_the_same_on_every_backend(
    outcomes: dict[str, Outcome], graphs_dir: pathlib.Path
) -> None:
    folders = {keras.backend.backend(): graphs_dir}
    folders |= {backend: outcome.graphs for backend, outcome in outcomes.items()}
    compared = set()
    for (one, here), (other, there) in itertools.combinations(folders.items(), 2):
        names = {file.name for file in here.glob("*.json")}
        names &= {file.name for file in there.glob("*.json")}
        compared |= names
        for name in sorted(names):
            left, right = (here / name).read_text(), (there / name).read_text()
            if left != right:
                lines = difflib.unified_diff(
                    left.splitlines(), right.splitlines(), one, other, n=8, lineterm=""
                )
                shown = "\n".join(itertools.islice(lines, 60))
                pytest.fail(f"{name}:\n{shown}", pytrace=False)
    assert compared
