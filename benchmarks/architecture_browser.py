"""How fast the Architecture view opens, and how smoothly it moves.

    python -m benchmarks.architecture_browser [--calls 1000 10000 50000]

A real TensorBoard on the log of a made-up graph, in a Chromium without a window
that draws in software. Printed for each graph, in milliseconds:

* *paint*: from the arrival of the answer's last byte to the end of the first
  frame that shows the graph;
* *open all*: from the click on "Expand all" to the end of the frame that shows it;
* *pan*, *zoom*: time from frame to frame while the graph is moved, median and
  95th percentile, worst of several zooms;
* *task*: the longest task of the page's thread while it opened.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Frame, Page, sync_playwright

from benchmarks.synthetic_graph import create_graph, write_log
from tests.e2e.browser import launch
from tests.plugin.servers import Process, run_tensorboard

WINDOW = (1440, 900)
_PAINTED = "kerasviz:graph"
_SECS = 180

# Long tasks can be asked for only while they are; frames are in the iframe.
_WATCH = """
window.kvTasks = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) {
    window.kvTasks.push({ start: startTime, ms: duration });
  }
}).observe({ type: "longtask", buffered: true });
"""

_MOVE = """async ([kind, frames]) => {
  const graph = document.querySelector(".kv-graph");
  const box = graph.getBoundingClientRect();
  const x = box.left + box.width / 2;
  const y = box.top + box.height / 2;
  const nextFrame = () => new Promise(requestAnimationFrame);
  const point = (type, at, buttons) => graph.dispatchEvent(
    new PointerEvent(type, {
      pointerId: 7, clientX: x + at, clientY: y + at * 2, buttons, bubbles: true,
    }));
  graph.setPointerCapture = () => {};
  const times = [];
  await nextFrame();
  let before = await nextFrame();
  if (kind === "pan") {
    point("pointerdown", 0, 1);
  }
  for (let i = 1; i <= frames; i += 1) {
    const there = i % 40 < 20 ? i % 20 : 20 - (i % 20);
    if (kind === "pan") {
      point("pointermove", there * 12, 1);
    } else {
      graph.dispatchEvent(new WheelEvent("wheel", {
        deltaY: i % 40 < 20 ? -60 : 60, clientX: x, clientY: y,
        bubbles: true, cancelable: true,
      }));
    }
    const now = await nextFrame();
    times.push(now - before);
    before = now;
  }
  if (kind === "pan") {
    point("pointerup", 0, 0);
  }
  return times;
}"""


@dataclasses.dataclass(frozen=True)
class Frames:
    """Times from frame to frame, in milliseconds."""

    median: float
    p95: float


@dataclasses.dataclass(frozen=True)
class BrowserTimes:
    """What one graph took, in milliseconds.

    Attributes:
        nodes: calls of the graph.
        document_mb: size of the document as JSON, in megabytes.
        first_paint: from the answer's last byte to the first frame.
        open_all: from the click to the frame with everything open.
        longest_task: of the page's thread, while it opened.
        open_task: of the page's thread, while everything was opened.
        drawn: cards and frames that are drawn with everything open.
        folded: frames while the closed graph is moved, by what is done.
        opened: frames while the open graph is moved, by what is done.
    """

    nodes: int
    document_mb: float
    first_paint: float
    open_all: float
    longest_task: float
    open_task: float
    drawn: int
    folded: dict[str, Frames]
    opened: dict[str, Frames]


def measure_log(log_dir: Path, browser: Browser, run: str = ".") -> BrowserTimes:
    """Opens the architecture of a run in a TensorBoard of its own."""
    with run_tensorboard(log_dir) as process:
        process.wait_for(lambda: _is_listed(process))
        return measure(process.url, browser, run)


def measure(url: str, browser: Browser, run: str = ".") -> BrowserTimes:
    """Opens the architecture of a run, opens all of it, and moves it.

    Args:
        url: Address of a TensorBoard that has read the log.
        browser: A running Chromium.
        run: Name of the training, in TensorBoard.
    """
    page = browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
    page.set_default_timeout(_SECS * 1000)
    page.add_init_script(_WATCH)
    try:
        page.goto(f"{url}/#kerasviz&p.kerasviz.run={run}")
        frame = _plugin_frame(page)
        _wait_for_paints(frame, 1)
        first = frame.evaluate(
            """(name) => {
              const [asked] = performance.getEntriesByType("resource")
                .filter((entry) => /model_graph\\?/.test(entry.name));
              const painted = performance.getEntriesByName(name)[0].startTime;
              return [painted - asked.responseEnd, asked.decodedBodySize];
            }""",
            _PAINTED,
        )
        # A task is told of only when it is over and the page has had a rest.
        page.wait_for_timeout(1000)
        longest = _longest_task(frame)
        folded = _move(frame)
        opened, open_all, open_task = _open_all(frame)
        return BrowserTimes(
            nodes=_last_paint(frame)["calls"],
            document_mb=first[1] / 1e6,
            first_paint=first[0],
            open_all=open_all,
            longest_task=longest,
            open_task=open_task,
            drawn=_last_paint(frame)["drawn"],
            folded=folded,
            opened=opened,
        )
    finally:
        page.close()


def _open_all(frame: Frame) -> tuple[dict[str, Frames], float, float]:
    button = frame.get_by_role("button", name="Expand all", exact=True)
    if button.count() == 0:
        return _move(frame), 0.0, 0.0
    before = frame.evaluate(
        "(name) => performance.getEntriesByName(name).length", _PAINTED
    )
    frame.evaluate("window.kvTasks = []")
    start = frame.evaluate(
        """() => {
          const buttons = [...document.querySelectorAll("button")];
          const start = performance.now();
          buttons.find((one) => one.textContent === "Expand all").click();
          return start;
        }"""
    )
    _wait_for_paints(frame, before + 1)
    frame.page.wait_for_timeout(1000)
    # The groups may open in steps that can be followed: the last one counts.
    painted = _last_paint(frame)["at"]
    return _move(frame), painted - start, _longest_task(frame)


def _move(frame: Frame) -> dict[str, Frames]:
    """Pans and zooms, with all in sight and at zooms on the way to where it is read."""
    results: dict[str, list[Frames]] = {"pan": [], "zoom": []}
    frame.evaluate("document.querySelector('.kv-graph').focus()")
    frame.page.keyboard.press("f")
    for presses in (0, 8, 6, 6):
        for _ in range(presses):
            frame.page.keyboard.press("+")
        frame.page.wait_for_timeout(400)
        for kind, found in results.items():
            times = frame.evaluate(_MOVE, [kind, 60])
            found.append(
                Frames(
                    median=statistics.median(times),
                    p95=statistics.quantiles(times, n=20)[-1],
                )
            )
    return {
        kind: Frames(
            median=max(one.median for one in found), p95=max(one.p95 for one in found)
        )
        for kind, found in results.items()
    }


def _plugin_frame(page: Page) -> Frame:
    handle = page.wait_for_selector("iframe")
    frame = handle.content_frame() if handle is not None else None
    if frame is None:
        raise RuntimeError("TensorBoard shows no frame of the plugin")
    return frame


def _wait_for_paints(frame: Frame, count: int) -> None:
    frame.wait_for_function(
        "([name, count]) => performance.getEntriesByName(name).length >= count",
        arg=[_PAINTED, count],
    )


def _last_paint(frame: Frame) -> dict[str, Any]:
    paint: dict[str, Any] = frame.evaluate(
        """(name) => {
          const last = performance.getEntriesByName(name).at(-1);
          return { at: last.startTime, ...last.detail };
        }""",
        _PAINTED,
    )
    return paint


def _longest_task(frame: Frame) -> float:
    longest: float = frame.evaluate(
        "Math.max(0, ...window.kvTasks.map((task) => task.ms))"
    )
    return longest


def _is_listed(process: Process) -> bool:
    status, headers, body = process.get("/data/plugin/kerasviz/runs")
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return status == 200 and b'"model_graph":[' in body


def describe(name: str, times: BrowserTimes) -> str:
    """One line of the table."""
    frames = [
        f"{moved[kind].median:4.0f} /{moved[kind].p95:4.0f}"
        for moved in (times.folded, times.opened)
        for kind in ("pan", "zoom")
    ]
    return (
        f"{name:14} {times.nodes:7} {times.document_mb:6.1f} {times.first_paint:7.0f} "
        f"{times.longest_task:6.0f} {times.open_all:8.0f} {times.open_task:6.0f} "
        f"{times.drawn:7}  " + "  ".join(frames)
    )


HEAD = (
    "graph            calls     MB   paint   task open all   task   drawn  "
    "folded: pan  zoom        open: pan   zoom"
)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    parser.add_argument("--flat", action="store_true", help="without nested models")
    arguments = parser.parse_args()
    print(HEAD)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for calls in arguments.calls:
            with tempfile.TemporaryDirectory() as directory:
                graph = create_graph(calls, nested=not arguments.flat)
                write_log(graph, Path(directory))
                times = measure_log(Path(directory), browser)
                name = f"{'flat' if arguments.flat else 'nested'} {calls}"
                print(describe(name, times))
                sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()
