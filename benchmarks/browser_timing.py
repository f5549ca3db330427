"""What the benchmarks of the views have in common: a timed tab of a real browser."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import statistics
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Frame

from tests.plugin.servers import Process

WINDOW = (1440, 900)
_SECS = 60

# Long tasks can be asked for only while they are.
_WATCH = """
window.kvTasks = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    window.kvTasks.push(duration);
  }
}).observe({ type: "longtask", buffered: true });
"""

_FRAMES = """async (frames) => {
  const move = (i) => { %s };
  const nextFrame = () => new Promise(requestAnimationFrame);
  const times = [];
  await nextFrame();
  let before = await nextFrame();
  for (let i = 1; i <= frames; i += 1) {
    move(i, frames);
    const now = await nextFrame();
    times.push(now - before);
    before = now;
  }
  return times;
}"""

_UNTIL = """async () => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  const act = () => { %s };
  const isDone = () => %s;
  await nextFrame();
  const start = performance.now();
  act();
  do {
    await nextFrame();
  } while (!isDone());
  // The frame that shows it ends before the next one begins.
  await nextFrame();
  return performance.now() - start;
}"""


@dataclasses.dataclass(frozen=True)
class Frames:
    """Times from frame to frame, in milliseconds."""

    median: float
    p95: float

    def __str__(self) -> str:
        return f"{self.median:4.0f} /{self.p95:4.0f}"


class TimedTab:
    """Our tab in a page of its own.

    Args:
        frame: The plugin's document.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def frames(self, move: str, count: int) -> Frames:
        """Times frames while something is moved.

        Args:
            move: Body of a JavaScript function of the frame's number `i`, from
                1, and of how many `frames` there are; it moves a little.
            count: How many frames.
        """
        times: list[Any] = self.frame.evaluate(_FRAMES % move, count)
        self.frame.page.wait_for_timeout(300)
        return Frames(statistics.median(times), statistics.quantiles(times, n=20)[-1])

    def until(self, act: str, done: str) -> float:
        """Milliseconds from an act to the end of the first frame that shows it.

        Args:
            act: Body of a JavaScript function.
            done: JavaScript expression that is true once it is shown.
        """
        elapsed: float = self.frame.evaluate(_UNTIL % (act, done))
        return elapsed

    def forget_tasks(self) -> None:
        """Forgets the long tasks until now."""
        self.frame.evaluate("window.kvTasks = []")

    def longest_task(self) -> float:
        """The longest task of the page's thread since then, in milliseconds."""
        longest: float = self.frame.evaluate("Math.max(0, ...window.kvTasks)")
        return longest


@contextlib.contextmanager
def open_timed_tab(
    browser: Browser, url: str, place: dict[str, str], scripts: Sequence[str] = ()
) -> Iterator[TimedTab]:
    """Opens our tab of a TensorBoard.

    Args:
        browser: A running browser.
        url: TensorBoard's address.
        place: The state in the address, such as `view`.
        scripts: Run before the page's own.
    """
    page = browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
    page.set_default_timeout(_SECS * 1000)
    for script in (_WATCH, *scripts):
        page.add_init_script(script)
    hash_ = "".join(f"&p.kerasviz.{key}={quote(one)}" for key, one in place.items())
    try:
        page.goto(f"{url}/#kerasviz{hash_}")
        handle = page.wait_for_selector("iframe")
        frame = handle.content_frame() if handle is not None else None
        if frame is None:
            raise RuntimeError("TensorBoard shows no frame of the plugin")
        yield TimedTab(frame)
    finally:
        page.close()


def lists(process: Process, words: bytes) -> bool:
    """Whether TensorBoard's list of our runs holds some words, such as `"status":[`."""
    status, headers, body = process.get("/data/plugin/kerasviz/runs")
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return status == 200 and words in body
