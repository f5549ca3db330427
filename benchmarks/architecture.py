"""What the model graph costs, from the live model to the first paint.

Three tables, the first two with a named peer that takes turns with us:

* *written*: time of `Writer.write_model`, and until it is in the event file, of
  functional and of subclassed models, against the graph that
  `keras.callbacks.TensorBoard(write_graph=True)` writes of the same model; the
  memory is the peak of what Python allocates meanwhile. Of 50,000 calls a graph
  is made up, so that only its encoding and writing are timed;
* *opened*: the same saved model in Netron and in our tab of a real TensorBoard,
  in a Chromium without a window, until the graph is drawn: from the navigation,
  and from the arrival of the model's data;
* *moved*: made-up graphs in our tab, see `benchmarks.architecture_browser`.

    python -m benchmarks.architecture [--rounds 3] [--only written opened moved]
"""

from __future__ import annotations

import argparse
import functools
import gzip
import os
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import playwright.sync_api
from keras import layers
from playwright.sync_api import Browser, sync_playwright

import tb_kerasviz
from benchmarks import architecture_browser, netron_page, synthetic_graph
from benchmarks.netron_page import Opening
from tests.plugin.servers import Process, run_tensorboard

PARTS = ("written", "opened", "moved")
NETRON_SECS = 120
PAINTED = "kerasviz:graph"
"""The mark that our graph leaves in the browser's timeline when it is painted."""


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each ratio")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--layers", type=int, nargs="+", default=[100, 1_000, 10_000], help="written"
    )
    parser.add_argument(
        "--opened-layers", type=int, nargs="+", default=[1_000], help="opened"
    )
    parser.add_argument(
        "--calls", type=int, nargs="+", default=[1_000, 10_000, 50_000], help="moved"
    )
    parser.add_argument("--port", type=int, default=8_099, help="for Netron")
    options = parser.parse_args(arguments)
    print(
        f"Keras {keras.__version__} on {keras.backend.backend()}, {os.cpu_count()} "
        f"CPUs, medians of {options.rounds} rounds"
    )
    if "written" in options.only:
        measure_written(options.layers, options.rounds)
    with sync_playwright() as playwright:
        browser = netron_page.launch_alone(playwright)
        if "opened" in options.only:
            measure_opened(browser, options)
        if "moved" in options.only:
            measure_moved(browser, options.calls)
        browser.close()
    return 0


def create_functional(count: int) -> keras.Model:
    """Residual networks of dense layers side by side, of about so many layers."""
    x = inputs = keras.Input((8,), name="x")
    ends = []
    for i in range(count // 4):
        if i % 100 == 99:
            # Keras goes through a model by recursion, so that none can be deeper.
            ends.append(x)
            x = inputs
        y = layers.LayerNormalization(name=f"block_{i}_norm")(x)
        y = layers.Dense(8, name=f"block_{i}_dense")(y)
        y = layers.ReLU(name=f"block_{i}_relu")(y)
        x = layers.Add(name=f"block_{i}_add")([x, y])
    return keras.Model(inputs, [*ends, x], name="functional")


class Block(layers.Layer):
    """The same block with a `call` of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.norm = layers.LayerNormalization(name="norm")
        self.dense = layers.Dense(8, name="dense")
        self.relu = layers.ReLU(name="relu")

    def call(self, x: Any) -> Any:
        """Adds what the layers make of the input to it."""
        return x + self.relu(self.dense(self.norm(x)))


class Subclassed(keras.Model):
    """A list of blocks."""

    def __init__(self, count: int) -> None:
        super().__init__(name="subclassed")
        self.blocks = [Block(name=f"block_{i}") for i in range(count // 4)]

    def call(self, x: Any) -> Any:
        """One block after the other."""
        for block in self.blocks:
            x = block(x)
        return x


def create_subclassed(count: int) -> keras.Model:
    """The network as a subclassed model, built."""
    model = Subclassed(count)
    model(np.zeros((1, 8), np.float32))
    return model


def measure_written(counts: list[int], rounds: int) -> None:
    """Prints the first table."""
    print(
        "\nwritten           calls     call  on disk  memory     document    "
        "keras.callbacks.TensorBoard  ratio"
    )
    for count in counts:
        report_written("functional", create_functional(count), rounds)
    for count in counts:
        if count <= 1_000:  # Making one of 10,000 layers takes Keras minutes.
            report_written("subclassed", create_subclassed(count), rounds)
    graph = synthetic_graph.create_graph(50_000)
    secs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            synthetic_graph.write_log(graph, Path(folder))
            secs.append(time.perf_counter() - began)
            size = _bytes_below(Path(folder))
    print(
        f"{'made up':14} {len(graph.nodes):8} {'':8} "
        f"{statistics.median(secs) * 1e3:6.0f} ms {'':9} {size / 1e6:6.2f} MB"
    )


def report_written(name: str, model: keras.Model, rounds: int) -> None:
    """Prints one line: ours beside Keras's own callback, in turns."""
    inputs = np.zeros((1, 8), np.float32)
    times: dict[str, list[float]] = {"call": [], "disk": [], "keras": []}
    calls = size = 0
    for round_ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            call, disk = _write_ours(model, inputs, Path(folder))
            size = _bytes_below(Path(folder))
            calls = len(tb_kerasviz.load(folder)["."].model_graph().nodes)
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            _write_kerass(model, folder)
            secs = time.perf_counter() - began
        if round_:  # The first one imports what is imported once.
            for kind, value in zip(times, (call, disk, secs), strict=True):
                times[kind].append(value)
    with tempfile.TemporaryDirectory() as folder:
        tracemalloc.start()
        _write_ours(model, inputs, Path(folder))
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    medians = {kind: statistics.median(secs) * 1e3 for kind, secs in times.items()}
    peer = f"{medians['keras']:6.0f} ms" if name == "functional" else "writes nothing"
    ratio = medians["call"] / medians["keras"] if name == "functional" else None
    print(
        f"{name:14} {calls:8} {medians['call']:5.0f} ms {medians['disk']:5.0f} ms "
        f"{memory / 1e6:5.1f} MB {size / 1e6:9.2f} MB {peer:>30}"
        + ("" if ratio is None else f" {ratio:6.2f}"),
        flush=True,
    )


def _write_ours(model: keras.Model, inputs: Any, log_dir: Path) -> tuple[float, float]:
    """Seconds until the call returns, and until all is in the file."""
    began = time.perf_counter()
    with tb_kerasviz.Writer(log_dir) as writer:
        writer.write_model(0, model, inputs=inputs)
        call = time.perf_counter() - began
    return call, time.perf_counter() - began


def _write_kerass(model: keras.Model, folder: str) -> None:
    callback = keras.callbacks.TensorBoard(folder, write_graph=True)
    callback.set_model(model)
    callback.on_train_end()


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def measure_opened(browser: Browser, options: argparse.Namespace) -> None:
    """Prints the second table."""
    print(
        "\nopened, ms         layers    from navigation: ours  Netron  ratio    "
        "from data: ours  Netron  ratio"
    )
    models: dict[str, Callable[[], keras.Model]] = {
        "MobileNetV2": lambda: keras.applications.MobileNetV2(
            input_shape=(64, 64, 3), weights=None
        )
    }
    for count in options.opened_layers:
        models[f"functional {count}"] = functools.partial(create_functional, count)
    for name, create in models.items():
        keras.backend.clear_session()
        model = create()
        ours, netrons = open_both(model, browser, options.port, options.rounds)
        line = f"{name:16} {len(model.layers):8}"
        for kind in ("from_start", "from_data"):
            mine = statistics.median(getattr(opening, kind) for opening in ours)
            line += f" {mine:22.0f}"
            if netrons:
                its = statistics.median(getattr(opening, kind) for opening in netrons)
                line += f" {its:7.0f} {mine / its:6.2f}"
            else:
                line += f" > {NETRON_SECS} s {'':6}"
        print(line, flush=True)


def open_both(
    model: keras.Model, browser: Browser, port: int, rounds: int
) -> tuple[list[Opening], list[Opening]]:
    """Opens a model in our tab and in Netron, in turns, after one untimed round.

    Returns:
        Ours and Netron's; of Netron none, where it drew nothing in time.
    """
    ours: list[Opening] = []
    netrons: list[Opening] = []
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "model.keras"
        model.save(saved)
        log_dir = Path(folder) / "log"
        with tb_kerasviz.Writer(log_dir) as writer:
            writer.write_model(0, model)
        with run_tensorboard(log_dir) as process, netron_page.serve(saved, port) as url:
            process.wait_for(lambda: b'"model_graph":[' in read(process))
            in_time = True
            for round_ in range(rounds + 1):
                opening = open_tab(process.url, browser)
                if round_:
                    ours.append(opening)
                if not in_time:
                    continue
                try:
                    opening = netron_page.open_page(url, browser, NETRON_SECS)
                except playwright.sync_api.TimeoutError:
                    in_time = False
                    continue
                if round_:
                    netrons.append(opening)
    return ours, netrons


def read(process: Process) -> bytes:
    """The list of trainings, as our plugin serves it."""
    _, headers, body = process.get("/data/plugin/kerasviz/runs")
    packed = headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(body) if packed else body


def open_tab(url: str, browser: Browser) -> Opening:
    """Opens our tab, and waits until the graph is drawn."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"{url}/#kerasviz&p.kerasviz.run=.&p.kerasviz.view=architecture")
        page.wait_for_selector("iframe")
        frame = page.frames[-1]
        frame.wait_for_function(
            "(name) => performance.getEntriesByName(name).length > 0", arg=PAINTED
        )
        # The frame's clock begins with the frame, the page's with the navigation.
        drawn, arrived, later = frame.evaluate(
            """(name) => [
              performance.getEntriesByName(name)[0].startTime,
              performance.getEntriesByType("resource")
                .find((entry) => /model_graph\\?/.test(entry.name)).responseEnd,
              performance.timeOrigin - parent.performance.timeOrigin,
            ]""",
            PAINTED,
        )
        return Opening(from_start=drawn + later, from_data=drawn - arrived)
    finally:
        context.close()


def measure_moved(browser: Browser, counts: list[int]) -> None:
    """Prints the third table."""
    print(f"\nmoved, ms\n{architecture_browser.HEAD}")
    for count in counts:
        for nested in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                graph = synthetic_graph.create_graph(count, nested=nested)
                synthetic_graph.write_log(graph, Path(folder))
                times = architecture_browser.measure_log(Path(folder), browser)
                name = f"{'nested' if nested else 'flat'} {count}"
                print(architecture_browser.describe(name, times), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
