"""Logs and TensorBoards that the plugin's tests share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from tensorboard.backend import security_validator

from tests.plugin import log_files, servers

STEPS = range(0, 120, 1)
LOSSES = {3: 2.5, 6: 1.25, 9: math.nan, 12: math.inf}


@pytest.fixture(autouse=True, scope="session")
def _security_warnings_are_errors() -> Iterator[None]:
    """TensorBoard only warns of an answer that is unsafe; here it fails."""

    def fail(message: str) -> None:
        raise AssertionError(f"TensorBoard's SecurityValidator: {message}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(security_validator, "_maybe_raise_value_error", fail)
        yield


@pytest.fixture(scope="session")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def training(logdir: Path) -> log_files.LogFile:
    """A training "run1" with 120 captures; more than TensorBoard keeps."""
    file = log_files.LogFile(logdir / "run1")
    file.write_training(STEPS)
    log_files.write_scalars(logdir / "run1", "train", "epoch_loss", LOSSES)
    return file


@pytest.fixture(scope="session")
def root_training(logdir: Path) -> log_files.LogFile:
    """A training right in TensorBoard's log directory, named "."."""
    file = log_files.LogFile(logdir)
    file.write_training([0, 7])
    log_files.write_scalars(logdir, "validation", "epoch_loss", {7: 0.5})
    return file


@pytest.fixture(scope="session")
def app(
    logdir: Path, training: log_files.LogFile, root_training: log_files.LogFile
) -> servers.Application:
    return servers.Application(logdir)
