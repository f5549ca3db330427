"""Logs of real trainings, real TensorBoards over them, and a browser."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

import tb_kerasviz
from tb_kerasviz.wire import tags
from tests.e2e.browser import launch
from tests.e2e.tab import WIDE, Tab
from tests.plugin.servers import Process, run_tensorboard

ROOT = Path(__file__).parents[2]
EPOCHS = 3
RUNS = 5


@pytest.fixture(scope="session")
def demo_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make demo` trains, with fewer epochs."""
    log_dir = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "demo", "--no-serve"]
    command += ["--epochs", str(EPOCHS), "--log-dir", str(log_dir)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"epoch  {EPOCHS}/{EPOCHS}" in done.stdout
    return log_dir


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session", params=["data server", "Python ingester"])
def tensorboard(request: pytest.FixtureRequest, demo_logs: Path) -> Iterator[Process]:
    """TensorBoard on the demo's logs, with each of its two readers."""
    fast = "true" if request.param == "data server" else "false"
    with run_tensorboard(demo_logs, f"--load_fast={fast}") as process:
        wait_for_runs(process, RUNS)
        yield process


@pytest.fixture(scope="session")
def fast_tensorboard(demo_logs: Path) -> Iterator[Process]:
    """TensorBoard on the demo's logs, as it starts by default."""
    with run_tensorboard(demo_logs) as process:
        wait_for_runs(process, RUNS)
        yield process


@pytest.fixture(scope="module")
def served(logs: Path) -> Iterator[Process]:
    """TensorBoard on a module's own logs, its fixture `logs`, read to their end."""
    with run_tensorboard(logs) as process:
        wait_for_runs(process, len(tb_kerasviz.load(logs)))
        yield process


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Makes tabs; any error in one of them fails the test.

    A test that expects problems takes them out of `tab.problems`.
    """
    tabs: list[Tab] = []

    def open_(process: Process, size: tuple[int, int] = WIDE) -> Tab:
        tabs.append(Tab(browser, process.url, size))
        return tabs[-1]

    yield open_
    problems = [problem for tab in tabs for problem in tab.problems]
    for tab in tabs:
        tab.close()
    assert not problems


@pytest.fixture
def damaged_logs(demo_logs: Path, tmp_path: Path) -> Path:
    """The healthy training, with one bit of the layer "pool" flipped."""
    source = demo_logs / "healthy"
    shutil.copytree(source, tmp_path / "damaged")
    run = tb_kerasviz.load(tmp_path)["damaged"]
    step = run.steps("activations")[-1]
    entry = next(e for e in run.activation_index(step).layers if e.path == "pool")
    index = run._records.index(tags.PLUGIN_DIR)
    ref = entry.members[0]
    blob = index.blobs(tags.ACTIVATIONS, step)[ref.blob]
    member = blob[ref.offset : ref.offset + ref.length]
    (file,) = (tmp_path / "damaged" / tags.PLUGIN_DIR).iterdir()
    data = bytearray(file.read_bytes())
    assert data.count(member) == 1
    data[data.index(member) + len(member) // 2] ^= 0x10
    file.write_bytes(data)
    return tmp_path


def wait_for_runs(process: Process, count: int) -> None:
    """Waits until a TensorBoard has read the logs of so many runs to their end."""

    def loaded() -> bool:
        status, headers, body = process.get("/data/plugin/kerasviz/runs")
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        # The end marker of each: then everything before it was read as well.
        return status == 200 and body.count(b'"status":[') == count

    process.wait_for(loaded)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
