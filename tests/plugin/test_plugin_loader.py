"""The loader: whatever is wrong with us, TensorBoard starts."""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from tensorboard.plugins import base_plugin

from tb_kerasviz.plugin.loader import KerasVizLoader
from tests.plugin import log_files, servers


def test_everything_that_was_logged_is_kept(tmp_path: Path) -> None:
    assert servers.parse_flags(tmp_path).samples_per_plugin == {"kerasviz": 0}


def test_what_the_user_asked_for_holds(tmp_path: Path) -> None:
    flags = servers.parse_flags(tmp_path, "--samples_per_plugin", "images=3,kerasviz=7")
    assert flags.samples_per_plugin == {"images": 3, "kerasviz": 7}


class ReadOnlyFlags:
    samples_per_plugin = None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)


@pytest.mark.parametrize(
    "flags", [argparse.Namespace(), argparse.Namespace(samples_per_plugin=5), None]
)
def test_odd_flags_do_not_stop_tensorboard(flags: Any) -> None:
    KerasVizLoader().fix_flags(flags)


def test_flags_that_cannot_be_set_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    flags: Any = ReadOnlyFlags()
    with caplog.at_level(logging.ERROR):
        KerasVizLoader().fix_flags(flags)
    assert "could not set TensorBoard's sampling" in caplog.text


def test_no_flags_are_defined() -> None:
    parser = argparse.ArgumentParser()
    KerasVizLoader().define_flags(parser)
    assert vars(parser.parse_args([])) == {}


def test_without_a_data_provider_there_is_no_plugin(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        assert KerasVizLoader().load(base_plugin.TBContext()) is None
    assert "needs TensorBoard's data provider" in caplog.text


def test_a_broken_installation_leaves_tensorboard_without_the_tab(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_files.LogFile(tmp_path / "run").write_training([0])
    broken = types.ModuleType("tb_kerasviz.plugin.plugin")  # without its class
    monkeypatch.setitem(sys.modules, "tb_kerasviz.plugin.plugin", broken)
    monkeypatch.setattr("tb_kerasviz.plugin.plugin", broken, raising=False)
    with caplog.at_level(logging.ERROR):
        app = servers.Application(tmp_path)
    assert "could not be loaded" in caplog.text
    listing = app.client.get("/data/plugins_listing")
    assert listing.status_code == 200
    assert listing.json == {}


# Each line of what may not be loaded; `blocked` proves that the check works.
_IMPORT = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError(f"refused: {{name}}")

sys.meta_path.insert(0, Refuse())
import tb_kerasviz
from tb_kerasviz.plugin.loader import KerasVizLoader
from tensorboard.plugins import base_plugin
KerasVizLoader().fix_flags(type("Flags", (), {{}})())
plugin = KerasVizLoader().load(base_plugin.TBContext(data_provider=object()))
assert plugin is not None
plugin.get_plugin_apps()
plugin.frontend_metadata()
assert plugin.is_active() is False
print(*sorted(set(sys.modules) & {frameworks!r}))
"""

FRAMEWORKS = {"tensorflow", "keras", "jax", "torch", "grpc"}


def import_plugin(blocked: set[str]) -> subprocess.CompletedProcess[str]:
    code = _IMPORT.format(blocked=blocked, frameworks=FRAMEWORKS)
    return subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:tb_kerasviz", "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_plugin_loads_no_framework() -> None:
    result = import_plugin(blocked=FRAMEWORKS)
    assert (result.returncode, result.stdout) == (0, "\n"), result.stderr


def test_a_missing_requirement_is_logged_and_nothing_else() -> None:
    result = import_plugin(blocked={"msgspec"})
    assert result.returncode == 1
    assert "AssertionError" in result.stderr  # there is no plugin,
    assert "refused: msgspec" in result.stderr  # the log says why,
    assert "tb_kerasviz could not be loaded" in result.stderr  # and nothing rose.
