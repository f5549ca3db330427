"""How fast the Gradients view shows a long training of many layers.

    python -m benchmarks.gradients_browser [--calls 1650] [--steps 100000] [--keep DIR]

A made-up training of 1,000 layers with 2,000 variables over 100,000 optimizer steps,
put into windows and written as a real one is, in a real TensorBoard and a Chromium
without a window that draws in software. In one step of all, one variable has a gradient
a million times the usual. Printed, times in milliseconds:

* *server*: what the routes took and answered, first and once more;
* *click*: from the click on "Gradients" to the end of the first frame with the map, and
  the same for another quantity, and for a range of steps that is dragged over;
* *frames*: time from frame to frame, median and 95th percentile, while layers are
  scrolled, the pointer moves over the map, a range is dragged and groups are opened;
* *task*: the longest task of the page's thread meanwhile;
* whether the one step is to be seen with all 100,000 steps in view: a pixel of the row
  has the colour of the largest value of all.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser, Frame, Page, sync_playwright

from benchmarks.synthetic_graph import create_graph
from tb_kerasviz.analysis.dynamics_windows import WindowAggregator
from tb_kerasviz.analysis.step_measurements import (
    TAP_COLUMNS,
    TAP_STEP_COLUMNS,
    StepMeasurements,
)
from tb_kerasviz.training_log import TrainingLog
from tb_kerasviz.wire.schema import LayerNode, ModelGraph
from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tests.e2e.browser import launch
from tests.plugin.servers import BASE, Process, run_tensorboard

WINDOW = (1440, 900)
FRAMES = 90
OPENED = 150
"""Groups that are opened, one a frame: then all layers are in the list."""

CHUNK = 500
_SECS = 120

Array = np.ndarray[Any, Any]

# Long tasks can be asked for only while they are.
_WATCH = """
window.kvTasks = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    window.kvTasks.push(duration);
  }
}).observe({ type: "longtask", buffered: true });
"""

_HELP = """
  const nextFrame = () => new Promise(requestAnimationFrame);
  const button = (name) => [...document.querySelectorAll("button")].find(
    (one) => one.textContent.trim() === name);
  // What is painted, but for the names: where it changes, there is a new map.
  const painted = () => {
    const canvas = document.querySelector(".kv-heat-canvas canvas");
    if (canvas === null || canvas.width === 0) {
      return "";
    }
    const { data } = canvas.getContext("2d").getImageData(
      0, Math.floor(canvas.height / 4), canvas.width, 1);
    return data.some((value) => value > 0) ? data.join() : "";
  };
"""

_CLICK = (
    """async (name) => {"""
    + _HELP
    + """
  const before = painted();
  await nextFrame();
  const start = performance.now();
  button(name).click();
  await nextFrame();
  while (painted() === before || painted() === "") {
    await nextFrame();
  }
  // The frame that shows it ends before the next one begins.
  await nextFrame();
  return performance.now() - start;
}"""
)

_MOVE = (
    """async ([kind, frames]) => {"""
    + _HELP
    + """
  const rows = document.querySelector(".kv-heat-rows");
  const box = document.querySelector(".kv-heat-canvas").getBoundingClientRect();
  const range = rows.scrollHeight - rows.clientHeight;
  rows.setPointerCapture = () => {};
  const point = (type, x, y) => rows.dispatchEvent(new PointerEvent(type, {
    clientX: box.left + x, clientY: box.top + y, button: 0, bubbles: true,
  }));
  const times = [];
  if (kind === "drag") {
    point("pointerdown", 20, 40);
  }
  await nextFrame();
  let before = await nextFrame();
  for (let i = 1; i <= frames; i += 1) {
    if (kind === "scroll") {
      rows.scrollTop = Math.min(range, (i * range) / frames);
    } else if (kind === "open") {
      const closed = document.querySelectorAll(".kv-heat-toggle[aria-label^=Open]");
      closed[closed.length - 1]?.click();
    } else {
      point("pointermove", 20 + i * 6, kind === "drag" ? 40 : 10 + (i % 30) * 10);
    }
    const now = await nextFrame();
    times.push(now - before);
    before = now;
  }
  return times;
}"""
)

_DROP = (
    """async () => {"""
    + _HELP
    + """
  const rows = document.querySelector(".kv-heat-rows");
  const box = document.querySelector(".kv-heat-canvas").getBoundingClientRect();
  const before = painted();
  const start = performance.now();
  rows.dispatchEvent(new PointerEvent("pointerup", {
    clientX: box.left + 600, clientY: box.top + 40, button: 0, bubbles: true,
  }));
  await nextFrame();
  while (painted() === before) {
    await nextFrame();
  }
  await nextFrame();
  return performance.now() - start;
}"""
)

# The last colour of the scale, as the legend has it; and whether a row has it.
_SPIKE = """(row) => {
  const canvas = document.querySelector(".kv-heat-canvas canvas");
  const density = canvas.width / canvas.clientWidth;
  const { data } = canvas.getContext("2d").getImageData(
    0, Math.floor((row * 20 + 10) * density), canvas.width, 1);
  const stops = getComputedStyle(document.querySelector(".kv-color-ramp"))
    .backgroundImage.match(/rgb\\([^)]*\\)/g);
  const wanted = stops[stops.length - 1].match(/\\d+/g).map(Number);
  let pixels = 0;
  for (let at = 0; at < data.length; at += 4) {
    const far = wanted.some((value, c) => Math.abs(value - data[at + c]) > 24);
    pixels += far ? 0 : 1;
  }
  return pixels;
}"""


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=1650, help="nodes of the graph")
    parser.add_argument("--steps", type=int, default=100_000, help="optimizer steps")
    parser.add_argument("--keep", type=Path, help="where to leave the log, or find it")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory())
        )
        graph = create_graph(options.calls)
        variables = [path for layer in graph.layers for path in _variables(layer)]
        if not (folder / "run1").exists():
            write_log(folder / "run1", graph, variables, options.steps)
        size = sum(file.stat().st_size for file in folder.rglob("events*")) / 1e6
        print(
            f"{len(variables):,} variables, {options.steps:,} steps, {size:.0f} MB",
            flush=True,
        )
        process = stack.enter_context(run_tensorboard(folder))
        process.wait_for(lambda: _is_listed(process), _SECS)
        measure_routes(process, options.steps)
        playwright = stack.enter_context(sync_playwright())
        browser = launch(playwright)
        measure_view(process.url, browser, options.steps, variables)
        browser.close()


def write_log(
    log_dir: Path, graph: ModelGraph, variables: list[str], steps: int
) -> None:
    """Logs a training as a fit does: every step measured, put into windows."""
    writer = AsyncRecordWriter(log_dir, max_block_secs=600)
    log = TrainingLog(writer)
    log.write_model_graph(0, graph)
    log.write_dynamics_index(0, variables)
    windows = WindowAggregator(1)
    for measured in measure_steps(len(variables), steps):
        for row in windows.add(measured):
            log.write_dynamics(row)
    for row in windows.finish():
        log.write_dynamics(row)
    writer.close(600)
    stats = writer.stats()
    if stats.written != stats.accepted or stats.written == 0:
        raise RuntimeError(f"The training was not written: {stats}")


def spike_of(variables: int, steps: int) -> tuple[int, int]:
    """Which variable has the one large gradient, and in which step."""
    return variables // 3, steps // 2 + 1234


def measure_steps(variables: int, steps: int) -> Iterator[StepMeasurements]:
    """Measurements that vary from step to step as those of batches do."""
    random = np.random.default_rng(0)
    shape = (CHUNK, variables, len(TAP_COLUMNS))
    noise = np.exp(random.normal(0, 0.4, shape)).astype(np.float32)
    sizes = 10 ** random.uniform(-4, 0, (variables, 1)).astype(np.float32)
    scale = sizes * np.array([1, 1e-6, 1, 0, 0, 0], np.float32)
    place, step = spike_of(variables, steps)
    for begin in range(1, steps + 1, CHUNK):
        numbers = np.arange(begin, min(begin + CHUNK, steps + 1))
        # Another order each time: windows that are alike would be packed too well.
        values = np.roll(noise, random.integers(variables), 1)[: len(numbers)] * scale
        if begin <= step < begin + CHUNK:
            values[step - begin, place, TAP_COLUMNS.index("grad_square")] = 1e12
        totals = np.full((len(numbers), len(TAP_STEP_COLUMNS)), np.nan, np.float32)
        totals[:, TAP_STEP_COLUMNS.index("learning_rate")] = 1e-3
        totals[:, TAP_STEP_COLUMNS.index("loss")] = 3 / (1 + numbers / 9000)
        totals[:, TAP_STEP_COLUMNS.index("loss_nonfinite")] = 0
        totals[:, TAP_STEP_COLUMNS.index("skipped")] = 0
        yield StepMeasurements(numbers, values, totals)


def measure_routes(process: Process, steps: int) -> None:
    """Prints what the routes take, asked the first time and once more."""
    cells = {"run": "run1", "first": 1, "last": steps, "cells": 600}
    zoom = {**cells, "first": steps // 3, "last": steps // 3 + 2000}
    for name, path, query in (
        ("summary and verdict", "/dynamics", {"run": "run1"}),
        ("map", "/dynamics/map", {**cells, "quantity": "grad_norm"}),
        ("map of 2,000 steps", "/dynamics/map", {**zoom, "quantity": "grad_norm"}),
        (
            "map of update ratios",
            "/dynamics/map",
            {**cells, "quantity": "update_ratio"},
        ),
        ("steps", "/dynamics/steps", cells),
        ("all verdicts", "/dynamics/verdicts", {}),
    ):
        took = []
        for _ in range(2):
            started = time.perf_counter()
            status, _, body = process.get(BASE + path, urlencode(query))
            took.append((time.perf_counter() - started) * 1000)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}: {body!r}")
        first, again = took
        print(
            f"server: {name:22}{first:6.0f}, again{again:5.0f} ms,"
            f"{len(body) / 1e3:8.0f} kB",
            flush=True,
        )


def measure_view(url: str, browser: Browser, steps: int, variables: list[str]) -> None:
    """Prints what the view takes."""
    page = browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
    page.set_default_timeout(_SECS * 1000)
    page.add_init_script(_WATCH)
    page.goto(f"{url}/#kerasviz&p.kerasviz.run=run1")
    frame = _plugin_frame(page)
    frame.get_by_role("tab", name="Gradients").or_(
        frame.get_by_role("button", name="Gradients")
    ).first.wait_for()
    page.wait_for_timeout(3000)
    for name in ("Gradients", "Update ratio", "Gradient norm"):
        frame.evaluate("window.kvTasks = []")
        print(f"click:  {name:22}{frame.evaluate(_CLICK, name):6.0f} ms{_task(frame)}")
    place, _ = spike_of(len(variables), steps)
    row, name = _row_of(frame, variables[place])
    print(f"spike:  {frame.evaluate(_SPIKE, row)} pixels of {name} show it")
    for kind in ("scroll", "point", "open", "scroll", "point", "drag"):
        frame.evaluate("window.kvTasks = []")
        count = OPENED if kind == "open" else FRAMES
        times: list[float] = frame.evaluate(_MOVE, [kind, count])
        page.wait_for_timeout(300)
        p95 = statistics.quantiles(times, n=20)[-1]
        rows = frame.get_by_role("grid").get_attribute("aria-rowcount")
        print(
            f"frames: {kind:8}{statistics.median(times):6.0f} /{p95:5.0f} ms"
            f"{_task(frame)} ({rows} rows)",
            flush=True,
        )
    print(
        f"click:  {'a range of steps':22}{frame.evaluate(_DROP):6.0f} ms{_task(frame)}"
    )
    page.close()


def _row_of(frame: Frame, variable: str) -> tuple[int, str]:
    """The row, closed or open, that a variable is in."""
    names: list[str] = frame.evaluate(
        "[...document.querySelectorAll('.kv-heat-select')].map((one) => "
        "one.title.split(/[:.]/)[0])"
    )
    inside = [at for at, name in enumerate(names) if variable.startswith(f"{name}/")]
    return inside[-1], names[inside[-1]]


def _task(frame: Frame) -> str:
    longest: float = frame.evaluate("Math.max(0, ...window.kvTasks)")
    return f", longest task{longest:5.0f} ms"


def _plugin_frame(page: Page) -> Frame:
    handle = page.wait_for_selector("iframe")
    frame = handle.content_frame() if handle is not None else None
    if frame is None:
        raise RuntimeError("TensorBoard shows no frame of the plugin")
    return frame


def _variables(layer: LayerNode) -> Iterator[str]:
    yield from (variable.path for variable in layer.variables)
    for child in layer.children:
        yield from _variables(child)


def _is_listed(process: Process) -> bool:
    status, headers, body = process.get(f"{BASE}/runs")
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return status == 200 and b'"dynamics":[' in body


if __name__ == "__main__":
    main()
