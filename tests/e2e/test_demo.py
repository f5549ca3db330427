"""The demo, as `make demo` runs it; its trainings are those of `demo_logs`."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from demo.check import check_logs
from tests.e2e.conftest import EPOCHS, ROOT, RUNS

pytestmark = pytest.mark.e2e


def test_it_serves_on_a_free_port_and_prints_the_address(demo_logs: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from demo.serve import serve
sys.exit(serve(Path({str(demo_logs)!r}), "healthy"))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = ""
        for line in process.stdout:
            url = url or line.strip()
            if found := re.search(
                r"http://127\.0\.0\.1:\d+/#kerasviz&p.kerasviz.run=healthy", line
            ):
                url = found.group()
            if "Ctrl-C" in line:
                break
        page = url.partition("#")[0]
        with urllib.request.urlopen(f"{page}data/plugins_listing") as answer:
            assert b'"tab_name": "Keras"' in answer.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait(30)


def test_the_check_says_what_is_missing(demo_logs: Path, tmp_path: Path) -> None:
    assert len(check_logs(demo_logs, EPOCHS)) == RUNS
    with pytest.raises(RuntimeError, match=r"healthy: 3 epoch losses .* 5 expected"):
        check_logs(demo_logs, 5)
    with pytest.raises(RuntimeError, match="healthy was not logged"):
        check_logs(tmp_path, EPOCHS)


def test_wrong_arguments_are_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--epochs", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--epochs must be at least 1; received 0" in done.stderr
