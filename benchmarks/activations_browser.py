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
import os
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser_timing import Frames, lists, open_timed_tab
from tests.e2e.browser import launch
from tests.plugin.servers import run_tensorboard

FRAMES = 120

LAYERS = {"deep": (14, 14, 2048), "last": (7, 7, 1280)}
"""Height, width and channels of the layers, as in ResNet50 and MobileNetV2."""

SIDES = {
    "alone": {},
    "alone, smallest": {},
    "side by side": {"vs": "step:first"},
    "difference": {"vs": "step:first", "difference": "1"},
}

_SMALLEST = "localStorage.setItem('tb_kerasviz.map_size', '24');"

_SCROLL = """
const grid = document.querySelector(".kv-scroller");
const range = grid.scrollHeight - grid.clientHeight;
grid.scrollTop = Math.min(range, i * Math.max(70, range / frames));
if (i === frames) {
  grid.scrollTop = 0;
}
"""

_POINT = """
const grid = document.querySelector(".kv-scroller");
const box = grid.getBoundingClientRect();
grid.dispatchEvent(new PointerEvent("pointermove", {
  clientX: box.left + 20 + i * 7, clientY: box.top + 20 + i * 3, bubbles: true,
}));
"""


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
    scroll: Frames
    point: Frames
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
        process.wait_for(lambda: lists(process, b'"status":['))
        return {
            (name, side): _measure(process.url, browser, name, side)
            for name in LAYERS
            for side in SIDES
        }


def _measure(url: str, browser: Browser, name: str, side: str) -> GridTimes:
    layer = f"{name}_relu"
    other = next(f"{name}_relu" for name in LAYERS if f"{name}_relu" != layer)
    place = {"view": "activations", "layer": other, **SIDES[side]}
    scripts = [_SMALLEST] if side.endswith("smallest") else []
    with open_timed_tab(browser, url, place, scripts) as tab:
        tab.frame.wait_for_selector(".kv-tile")
        tab.frame.page.wait_for_timeout(1000)
        tab.forget_tasks()
        click = tab.until(
            "[...document.querySelectorAll('[role=option]')]"
            f".find((row) => row.textContent.startsWith('{layer}')).click()",
            "document.querySelector("
            f"'[aria-label=\"{LAYERS[name][2]} channel maps\"] .kv-tile') !== null",
        )
        tab.frame.page.wait_for_timeout(500)
        return GridTimes(
            click=click,
            scroll=tab.frames(_SCROLL, FRAMES),
            point=tab.frames(_POINT, FRAMES),
            longest_task=tab.longest_task(),
            tiles=tab.frame.locator(".kv-tile").count(),
        )


HEAD = (
    "layer                             maps in view   click    scroll     point   task"
)


def describe(name: str, side: str, times: GridTimes) -> str:
    """One line of the table."""
    height, width, channels = LAYERS[name]
    shape = f"{channels} x {height}x{width}, {side}"
    moved = f"{times.scroll}  {times.point}"
    return (
        f"{shape:33} {times.tiles:12} {times.click:7.0f}  {moved} "
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
