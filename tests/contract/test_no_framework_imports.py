"""Neither the package nor the plugin loads a framework.

TensorBoard imports the plugin in its own process, which has no need of one, and
where one may not even be installed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FRAMEWORKS = ("jax", "keras", "tensorflow", "torch")

PROGRAM = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps([name for name in sys.argv[2:] if name in sys.modules]))
"""


def frameworks_loaded_by(module: str, *, path: Path | None = None) -> list[str]:
    """Imports a module in a fresh process; returns the frameworks that came along."""
    environ = dict(os.environ)
    if path is not None:
        environ["PYTHONPATH"] = str(path)
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, module, *FRAMEWORKS],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    loaded: list[str] = json.loads(finished.stdout)
    return loaded


@pytest.mark.parametrize(
    "module",
    [
        "tb_kerasviz",
        "tb_kerasviz.analysis",
        "tb_kerasviz.plugin.loader",
        "tb_kerasviz.reader",
        "tb_kerasviz.wire",
        "tb_kerasviz.writer",
    ],
)
def test_importing_it_loads_no_framework(module: str) -> None:
    assert frameworks_loaded_by(module) == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_check_can_fail(tmp_path: Path, framework: str) -> None:
    (tmp_path / f"{framework}.py").touch()
    (tmp_path / "guilty.py").write_text(f"import {framework}\n", "utf-8")
    assert frameworks_loaded_by("guilty", path=tmp_path) == [framework]
