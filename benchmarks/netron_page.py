"""Netron opening a saved model, as a peer of the Architecture view.

Netron serves the file on this machine and draws it in a Chromium that reaches
nothing else: its questions about consent and its telemetry are left unanswered.
"""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.e2e.browser import FLAGS, provide_browser

NETRON = (sys.executable, "-c", "import netron; netron.main()")

_DRAWN = "netron:drawn"

# Playwright's evaluate() needs the eval that Netron takes away; an old version
# asks for an update before anything else; "default" is the page with the graph.
_WATCH = f"""
const kept = window.eval;
Object.defineProperty(window, "eval", {{ get: () => kept, set: () => {{}} }});
document.addEventListener("DOMContentLoaded", () => {{
  const date = document.querySelector("meta[name=date]");
  if (date !== null) {{
    date.content = new Date().toISOString().slice(0, 19).replace("T", " ");
  }}
  const observer = new MutationObserver(() => {{
    if (document.body.classList.contains("default")) {{
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => performance.mark("{_DRAWN}")));
    }}
  }});
  observer.observe(document.body, {{ attributes: true, attributeFilter: ["class"] }});
}});
"""


@dataclasses.dataclass(frozen=True)
class Opening:
    """How long a graph took to appear, in milliseconds.

    Attributes:
        from_start: from the navigation to the end of the first frame with it.
        from_data: from the arrival of the model's last byte.
    """

    from_start: float
    from_data: float


def launch_alone(playwright: Playwright) -> Browser:
    """Starts a browser that can reach this machine only."""
    return playwright.chromium.launch(
        executable_path=provide_browser(),
        args=[*FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        chromium_sandbox=False,
    )


@contextlib.contextmanager
def serve(model: Path, port: int) -> Iterator[str]:
    """Serves a saved model from a process of its own; gives the page's address.

    Raises:
        RuntimeError: Netron did not start.
    """
    process = subprocess.Popen(
        [*NETRON, str(model), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for_port(process, port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait()


def _wait_for_port(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"Netron does not answer on port {port}")


def open_page(url: str, browser: Browser, seconds: float) -> Opening:
    """Opens the page, and waits until the graph is drawn.

    Raises:
        playwright.sync_api.TimeoutError: It was not within so many seconds.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "consent", "value": "1", "url": url}])
    try:
        page = context.new_page()
        page.add_init_script(_WATCH)
        page.goto(url)
        page.wait_for_function(
            "(name) => performance.getEntriesByName(name).length > 0",
            arg=_DRAWN,
            timeout=seconds * 1000,
        )
        drawn, arrived = page.evaluate(
            """(name) => [
              performance.getEntriesByName(name)[0].startTime,
              performance.getEntriesByType("resource")
                .find((entry) => entry.name.includes("/data/")).responseEnd,
            ]""",
            _DRAWN,
        )
        return Opening(from_start=drawn, from_data=drawn - arrived)
    finally:
        context.close()
