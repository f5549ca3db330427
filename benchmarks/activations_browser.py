"""How fast the grid of channels is painted, and how smoothly it scrolls.

    python -m benchmarks.activations_browser

A real TensorBoard on captures of two wide layers, in a Chromium without a window
that draws in software. Printed for each layer, alone (also at the smallest size),
beside another step, and as the difference to it, in milliseconds:

* *click*: from the click on the layer in the list to the end of the first frame
  that shows its grid, with everything that is asked of the server in between;
* *scroll*: time from frame to frame while the grid is scrolled, a row or more per
  frame, median and 95th percentile;
* *point*: the same while the pointer moves over the maps, whose cells are marked in
  all maps in view;
* *task*: the longest task of the page's thread meanwhile.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from playwright.sync_api import Browser, Frame, sync_playwright

from tests.e2e.browser import launch
from tests.plugin.servers import Process, run_tensorboard

WINDOW = (1440, 900)
FRAMES = 120
_SECS = 60

LAYERS = {"deep": (14, 14, 2048), "last": (7, 7, 1280)}
"""Height, width and channels of the layers, as in ResNet50 and MobileNetV2."""

SIDES = {
    "alone": {},
    "alone, smallest": {},
    "side by side": {"vs": "step:first"},
    "difference": {"vs": "step:first", "difference": "1"},
}

# Long tasks can be asked for only while they are.
_WATCH = """
window.kvTasks = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    window.kvTasks.push(duration);
  }
}).observe({ type: "longtask", buffered: true });
"""

_SMALLEST = "localStorage.setItem('tb_kerasviz.map_size', '24');"

_CLICK = """async ([name, label]) => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  const rows = [...document.querySelectorAll("[role=option]")];
  const row = rows.find((one) => one.textContent.startsWith(name));
  await nextFrame();
  const start = performance.now();
  row.click();
  while (document.querySelector(`[aria-label="${label}"] .kv-tile`) === null) {
    await nextFrame();
  }
  // The frame that shows it ends before the next one begins.
  await nextFrame();
  return performance.now() - start;
}"""

_MOVE = """async ([kind, frames]) => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  const grid = document.querySelector(".kv-scroller");
  const box = grid.getBoundingClientRect();
  const range = grid.scrollHeight - grid.clientHeight;
  const times = [];
  await nextFrame();
  let before = await nextFrame();
  for (let i = 1; i <= frames; i += 1) {
    if (kind === "scroll") {
      grid.scrollTop = Math.min(range, i * Math.max(70, range / frames));
    } else {
      grid.dispatchEvent(new PointerEvent("pointermove", {
        clientX: box.left + 20 + i * 7, clientY: box.top + 20 + i * 3, bubbles: true,
      }));
    }
    const now = await nextFrame();
    times.push(now - before);
    before = now;
  }
  grid.scrollTop = 0;
  return times;
}"""


@dataclasses.dataclass(frozen=True)
class GridTimes:
    """What one layer took, in milliseconds.

    Attributes:
        click: from the click to the painted grid.
        scroll: frames while it is scrolled: median and 95th percentile.
        point: frames while the pointer moves: median and 95th percentile.
        longest_task: of the page's thread.
        tiles: maps in view.
    """

    click: float
    scroll: tuple[float, float]
    point: tuple[float, float]
    longest_task: float
    tiles: int


def write_log(log_dir: Path) -> None:
    """Logs two captures of the layers, with dead channels and NaN among them."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    import tb_kerasviz

    rng = np.random.default_rng(0)
    inputs = {name: keras.Input(shape, name=name) for name, shape in LAYERS.items()}
    outputs = [
        keras.layers.ReLU(name=f"{name}_relu")(one) for name, one in inputs.items()
    ]
    model = keras.Model(inputs, outputs)
    with tb_kerasviz.Writer(log_dir) as writer:
        for step in (0, 100):
            probe = {
                name: rng.normal(size=(1, *shape)).astype("float32")
                for name, shape in LAYERS.items()
            }
            for values in probe.values():
                values[..., ::11] = -1.0
                values[:, 2, 3, ::13] = np.nan
            writer.write_activations(step, model, probe)


def measure_log(log_dir: Path, browser: Browser) -> dict[tuple[str, str], GridTimes]:
    """Opens both layers in each way, in a TensorBoard of its own."""
    with run_tensorboard(log_dir) as process:
        process.wait_for(lambda: _is_listed(process))
        return {
            (name, side): _measure(process.url, browser, name, side)
            for name in LAYERS
            for side in SIDES
        }


def _measure(url: str, browser: Browser, name: str, side: str) -> GridTimes:
    page = browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
    page.set_default_timeout(_SECS * 1000)
    page.add_init_script(_WATCH)
    if side.endswith("smallest"):
        page.add_init_script(_SMALLEST)
    layer = f"{name}_relu"
    other = next(f"{name}_relu" for name in LAYERS if f"{name}_relu" != layer)
    place = {"view": "activations", "layer": other, **SIDES[side]}
    hash_ = "".join(f"&p.kerasviz.{k}={quote(v)}" for k, v in place.items())
    try:
        page.goto(f"{url}/#kerasviz{hash_}")
        handle = page.wait_for_selector("iframe")
        frame = handle.content_frame() if handle is not None else None
        if frame is None:
            raise RuntimeError("TensorBoard shows no frame of the plugin")
        frame.wait_for_selector(".kv-tile")
        page.wait_for_timeout(1000)
        frame.evaluate("window.kvTasks = []")
        label = f"{LAYERS[name][2]} channel maps"
        click = frame.evaluate(_CLICK, [layer, label])
        page.wait_for_timeout(500)
        return GridTimes(
            click=click,
            scroll=_move(frame, "scroll"),
            point=_move(frame, "point"),
            longest_task=frame.evaluate("Math.max(0, ...window.kvTasks)"),
            tiles=frame.locator(".kv-tile").count(),
        )
    finally:
        page.close()


def _move(frame: Frame, kind: str) -> tuple[float, float]:
    times: list[Any] = frame.evaluate(_MOVE, [kind, FRAMES])
    frame.page.wait_for_timeout(300)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _is_listed(process: Process) -> bool:
    status, headers, body = process.get("/data/plugin/kerasviz/runs")
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return status == 200 and b'"status":[' in body


HEAD = (
    "layer                             maps in view   click    scroll     point   task"
)


def describe(name: str, side: str, times: GridTimes) -> str:
    """One line of the table."""
    height, width, channels = LAYERS[name]
    moved = [f"{a:4.0f} /{b:4.0f}" for a, b in (times.scroll, times.point)]
    shape = f"{channels} x {height}x{width}, {side}"
    return (
        f"{shape:33} {times.tiles:12} {times.click:7.0f}  {'  '.join(moved)} "
        f"{times.longest_task:6.0f}"
    )


def main() -> None:
    """Prints the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as directory:
        write_log(Path(directory))
        print(HEAD)
        with sync_playwright() as playwright:
            browser = launch(playwright)
            for (name, side), times in measure_log(Path(directory), browser).items():
                print(describe(name, side, times), flush=True)
            browser.close()


if __name__ == "__main__":
    main()
