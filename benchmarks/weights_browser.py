"""How fast the Weights view opens, scrolls and follows the steps, for very many layers.

    python -m benchmarks.weights_browser

A real TensorBoard on a made-up log of 1,000 layers with 2,000 variables and 100
captures, in a Chromium without a window that draws in software. Printed, in
milliseconds:

* *list*: from the click on the view to the end of the first frame that shows the rows
  of the list, and *curves*: to the one that shows the small curves in them;
* *scroll*: time from frame to frame while the list is scrolled, median and 95th
  percentile;
* *order*, *filter*: from another order, or a letter of the filter, to its rows;
* *variable*: from the key to the frame with another variable's values and histograms
  over all captures;
* *step*: from the key to the frame with the values of the capture before, median and
  largest;
* *task*: the longest task of the page's thread meanwhile.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser_timing import Frames, TimedTab, lists, open_timed_tab
from benchmarks.synthetic_graph import create_graph
from tb_kerasviz.analysis.histogram import histogram
from tb_kerasviz.analysis.tensor_stats import tensor_stats
from tb_kerasviz.wire import schema, tags, weights
from tests.e2e.browser import launch
from tests.plugin.log_files import LogFile, status
from tests.plugin.servers import run_tensorboard

CALLS = 1_640
"""Of the graph; 1,000 of them are layers with two variables each."""

CAPTURES = 100
EVERY = 50
"""Steps from one capture to the next."""

_KINDS = 8
"""Different values that variables have; each has another kind at each capture."""

SCROLLED = 120


@dataclasses.dataclass(frozen=True)
class ViewTimes:
    """What the view took, in milliseconds; fields as in the module's text."""

    list: float
    curves: float
    scroll: Frames
    order: float
    filter: float
    variable: float
    step: float
    longest_step: float
    longest_task: float


def write_log(log_dir: Path) -> int:
    """Writes the graph and the captures; returns the number of variables."""
    graph = create_graph(CALLS)
    paths = [v.path for layer in _flat(graph.layers) for v in layer.variables]
    random = np.random.default_rng(0)
    kernels = [_captured(random, (32, 32)) for _ in range(_KINDS)]
    biases = [_captured(random, (32,)) for _ in range(_KINDS)]
    file = LogFile(log_dir)
    file.write_document(tags.MODEL_GRAPH, 0, graph)
    for number in range(CAPTURES):
        variables = [
            dataclasses.replace(
                (kernels if path.endswith("kernel") else biases)[
                    (place + number) % _KINDS
                ],
                path=path,
            )
            for place, path in enumerate(paths)
        ]
        capture = weights.WeightsCapture(
            step=number * EVERY,
            variables=variables,
            skipped=(),
            raw_bytes=sum(one.values.nbytes for one in variables),
            budget_bytes=2**23,
            previous_step=(number - 1) * EVERY if number else None,
            start_step=0 if number else None,
        )
        blobs = weights.encode_weights(capture, file.next_sequence())
        file.write_blobs(tags.WEIGHTS, number * EVERY, blobs)
    last = (CAPTURES - 1) * EVERY
    file.write_document(tags.STATUS, last, status(last))
    return len(paths)


def _flat(layers: tuple[schema.LayerNode, ...]) -> list[schema.LayerNode]:
    return [one for layer in layers for one in (layer, *_flat(layer.children))]


def _captured(
    random: np.random.Generator, shape: tuple[int, ...]
) -> weights.VariableArrays:
    values = random.normal(0, random.uniform(0.05, 2), shape).astype(np.float32)
    counts, edges = histogram(values)
    return weights.VariableArrays(
        path="",
        shape=shape,
        dtype="float32",
        trainable=True,
        kept=(None,) * len(shape),
        cut="",
        values=values,
        counts=counts,
        edges=edges,
        stats=tensor_stats(values),
        change=float(random.random()),
        change_from_start=float(random.random()),
        axes=tuple(schema.VariableAxis(name=name) for name in ("input", "unit"))[
            -len(shape) :
        ],
    )


_FIND = "document.querySelector"
_ROWS = "document.querySelectorAll('.kv-weight-row')"
_FIRST = f"{_ROWS}[0]?.title ?? ''"
_TITLE = f"{_FIND}('.kv-weight-title h2')?.textContent"
_STEP = f"{_FIND}('.kv-histogram-map').getAttribute('aria-valuenow')"
_CURVES = f"{_FIND}('.kv-weight-row canvas') !== null"
_SHOWN = (
    f"{_FIND}('.kv-weight-grid canvas') !== null && "
    f"{_FIND}('.kv-histogram-map canvas') !== null && "
    f"{_FIND}('.kv-busy-line') === null"
)
_CLICK = """
const buttons = [...document.querySelectorAll("button, a")];
buttons.find((one) => one.textContent.trim() === "Weights").click();
"""
_SCROLL = """
const list = document.querySelector(".kv-weight-rows");
list.scrollTop = (i / frames) * (list.scrollHeight - list.clientHeight);
if (i === frames) {
  list.scrollTop = 0;
}
"""
_ORDER = """
const select = document.querySelector(".kv-weight-choice select");
select.value = "norm";
select.dispatchEvent(new Event("change", { bubbles: true }));
"""
_FILTER = """
const input = document.querySelector(".kv-weight-choice input");
input.value = "block_77/";
input.dispatchEvent(new Event("input", { bubbles: true }));
"""


def measure_log(log_dir: Path, browser: Browser) -> ViewTimes:
    """Uses the view, in a TensorBoard of its own."""
    with run_tensorboard(log_dir) as process:
        process.wait_for(lambda: lists(process, b'"status":['))
        place = {"view": "gradients"}
        with open_timed_tab(browser, process.url, place) as tab:
            tab.frame.wait_for_selector("text=No gradients were logged yet")
            tab.frame.page.wait_for_timeout(1000)
            return _measure(tab)


def _measure(tab: TimedTab) -> ViewTimes:
    tab.forget_tasks()
    shown = tab.until(_CLICK, f"{_ROWS}.length > 10")
    curves = shown + tab.until("", _CURVES)
    tab.until("", _SHOWN)
    tab.frame.page.wait_for_timeout(500)
    scroll = tab.frames(_SCROLL, SCROLLED)
    variables = [_press(tab, ".kv-weight-rows", "ArrowDown", _TITLE) for _ in range(5)]
    steps = [_press(tab, ".kv-histogram-map", "ArrowLeft", _STEP) for _ in range(20)]
    tab.frame.evaluate(f"window.kvBefore = {_FIRST}")
    order = tab.until(_ORDER, f"{_FIRST} !== window.kvBefore")
    narrowed = tab.until(_FILTER, f"{_ROWS}.length === 16")
    return ViewTimes(
        list=shown,
        curves=curves,
        scroll=scroll,
        order=order,
        filter=narrowed,
        variable=statistics.median(variables),
        step=statistics.median(steps),
        longest_step=max(steps),
        longest_task=tab.longest_task(),
    )


def _press(tab: TimedTab, selector: str, key: str, changes: str) -> float:
    """Presses a key; something changes, and the values that belong to it are shown."""
    tab.frame.evaluate(f"window.kvBefore = {changes}")
    press = f"new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }})"
    elapsed = tab.until(
        f"{_FIND}('{selector}').dispatchEvent({press})",
        f"{changes} !== window.kvBefore && {_SHOWN}",
    )
    tab.frame.page.wait_for_timeout(200)
    return elapsed


def main() -> None:
    """Prints the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as directory:
        log_dir = Path(directory) / "run"
        count = write_log(log_dir)
        print(f"{count} variables, {CAPTURES} captures")
        with sync_playwright() as playwright:
            browser = launch(playwright)
            times = measure_log(log_dir.parent, browser)
            browser.close()
        print("list  curves     scroll  order  filter  variable  step (most)  task")
        print(
            f"{times.list:4.0f} {times.curves:7.0f} {times.scroll} {times.order:6.0f} "
            f"{times.filter:7.0f} {times.variable:9.0f} {times.step:5.0f} "
            f"({times.longest_step:4.0f}) {times.longest_task:6.0f}"
        )


if __name__ == "__main__":
    main()
