"""The "Keras" tab in a browser, as a user has it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, unquote

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    FrameLocator,
    Locator,
    Page,
    Response,
    expect,
)

WIDE = (1440, 900)
NARROW = (900, 700)
TIMEOUT_MS = 20_000

expect.set_options(timeout=TIMEOUT_MS)

# TensorBoard's own page says this of a library of its own.
_HARMLESS = re.compile("Multiple instances of Three.js")


class Tab:
    """One page of TensorBoard with our tab in front.

    Args:
        browser: A running browser.
        url: TensorBoard's address.
        size: Width and height of the window.
    """

    def __init__(
        self, browser: Browser, url: str, size: tuple[int, int] = WIDE
    ) -> None:
        self._url = url
        self.page: Page = browser.new_page(
            viewport={"width": size[0], "height": size[1]}
        )
        self.page.set_default_timeout(TIMEOUT_MS)
        self.problems: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("response", self._on_response)

    @property
    def frame(self) -> FrameLocator:
        """The plugin's own document."""
        return self.page.frame_locator("iframe")

    def open(self, *, dark: bool = False, **state: object) -> Tab:
        """Opens the tab with a state in the address.

        Args:
            dark: TensorBoard's dark mode.
            **state: Such as `view="activations"`, `layer="stem"`.
        """
        parts = [f"&p.kerasviz.{k}={quote(str(v), safe='')}" for k, v in state.items()]
        query = "?darkMode=true" if dark else ""
        # A changed hash alone would not load the page again.
        self.page.goto("about:blank")
        self.page.goto(f"{self._url}/{query}#kerasviz{''.join(parts)}")
        return self

    def state(self) -> dict[str, str]:
        """What the address says."""
        hash_ = self.page.evaluate("location.hash")
        pairs = re.findall(r"&p\.kerasviz\.([^=&]+)=([^&]*)", hash_)
        return {key: unquote(value) for key, value in pairs}

    def button(self, name: str | re.Pattern[str], *, exact: bool = True) -> Locator:
        """A button of the tab by its accessible name."""
        return self.frame.get_by_role("button", name=name, exact=exact)

    def text(self, text: str | re.Pattern[str], *, exact: bool = False) -> Locator:
        """An element of the tab by its text."""
        return self.frame.get_by_text(text, exact=exact)

    def overflow(self) -> int:
        """Pixels by which the tab is wider than its window."""
        width: int = self.frame.locator("html").evaluate(
            "e => e.scrollWidth - e.clientWidth"
        )
        return width

    def screenshot(self, path: Path) -> None:
        """Saves a picture, for people to look at."""
        self.page.screenshot(path=path)

    def close(self) -> None:
        """Closes the page."""
        self.page.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _HARMLESS.search(message.text):
            self.problems.append(f"{message.type}: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")
