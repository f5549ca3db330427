from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

ROOT = str(pathlib.Path(__file__).parents[3])

CODE = """
import sys

sys.path.insert(0, sys.argv[1])
{extra}
from tb_kerasviz.writer import async_writer, memory_writer, remote_file, schedule

frameworks = [name for name in ("tensorflow", "keras", "torch", "jax")
              if name in sys.modules]
print("loaded:", *frameworks)
"""


@pytest.mark.parametrize(
    ("extra", "loaded"),
    [("", []), ("import types; sys.modules['tensorflow'] = types", ["tensorflow"])],
    ids=["writer", "the check can fail"],
)
def test_the_writer_imports_no_framework(extra: str, loaded: list[str]) -> None:
    found = subprocess.run(
        [sys.executable, "-c", CODE.format(extra=extra), ROOT],
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.split() == ["loaded:", *loaded]
