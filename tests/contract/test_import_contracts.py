"""Each contract on the direction of imports can fail."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Module, what it imports, and a word of the contract that forbids it.
VIOLATIONS = [
    ("wire/planted.py", "from tb_kerasviz import analysis", "wire <- analysis"),
    ("analysis/planted.py", "from tb_kerasviz import capture", "wire <- analysis"),
    ("capture/planted.py", "from tb_kerasviz import writer", "wire <- analysis"),
    ("writer/planted.py", "from tb_kerasviz import capture", "wire <- analysis"),
    ("capture/planted.py", "from tb_kerasviz import callback", "wire <- analysis"),
    ("writer/planted.py", "from tb_kerasviz import analysis", "The writer sees"),
    ("capture/planted.py", "from tb_kerasviz import reader", "Nothing that writes"),
    ("writer/planted.py", "import tb_kerasviz.plugin.loader", "Nothing that writes"),
    ("plugin/planted.py", "from tb_kerasviz import writer", "plugin and the reader"),
    ("plugin/planted.py", "import tb_kerasviz.callback", "plugin and the reader"),
    ("plugin/planted.py", "import keras", "No framework"),
    ("wire/planted.py", "def f():\n    import tensorflow", "No framework"),
    ("analysis/planted.py", "import torch", "No framework"),
    ("writer/planted.py", "import jax", "No framework"),
    ("capture/planted.py", "def f():\n    import jax", "only the backends"),
]


def contracts_broken_in(folder: Path) -> set[str]:
    finished = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in finished.stdout, finished.stdout + finished.stderr
    return set(re.findall(r"^(.+) BROKEN(?: \(.*\))?$", finished.stdout, re.MULTILINE))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignore = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(ROOT / "tb_kerasviz", tmp_path / "tb_kerasviz", ignore=ignore)
    return tmp_path


def test_no_contract_is_broken_as_it_is(copy: Path) -> None:
    assert contracts_broken_in(copy) == set()


def test_every_contract_is_broken_by_what_it_forbids(copy: Path) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = {c["name"] for c in settings["tool"]["importlinter"]["contracts"]}
    for name, text, _ in VIOLATIONS:
        with (copy / "tb_kerasviz" / name).open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
    assert contracts_broken_in(copy) == contracts


@pytest.mark.parametrize(("name", "text", "contract"), VIOLATIONS)
def test_the_contract_that_is_meant_is_the_one_that_breaks(
    copy: Path, name: str, text: str, contract: str
) -> None:
    (copy / "tb_kerasviz" / name).write_text(f"{text}\n", "utf-8")
    assert any(contract in broken for broken in contracts_broken_in(copy))
