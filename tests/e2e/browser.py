"""Finds a Chromium for the browser tests, and gets one where there is none.

In this order: the one that `$TB_KERASVIZ_BROWSER` names, an installed one,
the one that Playwright has installed before, the one that Playwright installs
now, and Debian's package where packages may be installed. Where none can be
had, that is an error that says how to get one: the browser tests are never
skipped in silence.

`python tests/e2e/browser.py` prints which it is, and gets it if need be.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Playwright

VARIABLE = "TB_KERASVIZ_BROWSER"

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

# Without a font, a page has no text, and its layout is another one.
DEBIAN_PACKAGES = ("chromium", "fonts-liberation")

_INSTALL_SECONDS = 900

FLAGS = (
    # Tests draw alike on a machine with and without a graphics card.
    "--disable-gpu",
    # Nothing but the page under test talks to the network.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class NoBrowserError(RuntimeError):
    """There is no browser, and none could be had."""


@dataclass(frozen=True)
class Machine:
    """What the search for a browser asks of the machine.

    Attributes:
        environ: the environment variables.
        which: returns where a command is, or None.
        works: whether an executable starts and answers.
        playwright_path: returns where Playwright keeps its own browser,
            installed or not.
        install_by_playwright: installs it; returns whether that went well.
        install_by_debian: installs Debian's package, where that is possible;
            returns whether that went well.
    """

    environ: Mapping[str, str]
    which: Callable[[str], str | None]
    works: Callable[[str], bool]
    playwright_path: Callable[[], str | None]
    install_by_playwright: Callable[[], bool]
    install_by_debian: Callable[[], bool]


def find_browser(machine: Machine | None = None) -> str | None:
    """Returns the path of a browser that is here, or None; installs nothing.

    Raises:
        NoBrowserError: if the browser that `$TB_KERASVIZ_BROWSER` names does not
            work. Another one instead would not be what was asked for.
    """
    machine = machine or this_machine()
    named = machine.environ.get(VARIABLE)
    if named:
        path = machine.which(named)
        if path is None or not machine.works(path):
            raise NoBrowserError(
                f"{VARIABLE} is {named!r}, which is no browser that starts here; "
                "set it to the path of a Chromium or Chrome, or unset it"
            )
        return path
    return next((path for path in _present(machine) if machine.works(path)), None)


def provide_browser(machine: Machine | None = None) -> str:
    """Returns the path of a browser, after installing one where there is none.

    Raises:
        NoBrowserError: if there is none and none can be installed.
    """
    machine = machine or this_machine()
    path = find_browser(machine)
    for install in (machine.install_by_playwright, machine.install_by_debian):
        if path is None and install():
            path = find_browser(machine)
    if path is None:
        raise NoBrowserError(
            "The browser tests need a Chromium or Chrome, and none was found or "
            "could be installed here. Install one (Debian, Ubuntu: `sudo apt-get "
            "install chromium`; macOS: `brew install --cask chromium`; anywhere: "
            "`.venv/bin/playwright install --with-deps chromium`), or set "
            f"{VARIABLE} to the path of one."
        )
    return path


def launch(playwright: Playwright, path: str | None = None) -> Browser:
    """Starts the browser without a window, with the flags that the tests need."""
    return playwright.chromium.launch(
        executable_path=path or provide_browser(),
        args=FLAGS,
        # There is none for root, nor in most containers.
        chromium_sandbox=False,
    )


def this_machine() -> Machine:
    """Returns the machine that this runs on."""
    return Machine(
        environ=os.environ,
        which=shutil.which,
        works=_works,
        playwright_path=_playwright_path,
        install_by_playwright=_install_by_playwright,
        install_by_debian=_install_by_debian,
    )


def _present(machine: Machine) -> Iterator[str]:
    for name in NAMES:
        path = machine.which(name)
        if path is not None:
            yield path
    path = machine.playwright_path()
    if path is not None:
        yield path


def _works(path: str) -> bool:
    # An executable alone is not enough: Playwright's browser starts only with
    # the system libraries that it wants, and Ubuntu's is a stub that asks for snap.
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _playwright_path() -> str | None:
    # In a process of its own, since Playwright cannot be started a second time
    # where it runs, as it does in a test.
    program = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright:\n"
        "    print(playwright.chromium.executable_path)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    path = answer.stdout.strip()
    return path if Path(path).exists() else None


def _install_by_playwright() -> bool:
    _say("no browser found; downloading Playwright's own Chromium (about 170 MB)")
    return _run([sys.executable, "-m", "playwright", "install", "chromium"])


def _install_by_debian() -> bool:
    if not _is_root() or shutil.which("apt-get") is None:
        return False
    _say("installing Debian's package chromium")
    return _run(["apt-get", "update"]) and _run(
        ["apt-get", "install", "-y", "--no-install-recommends", *DEBIAN_PACKAGES]
    )


def _run(command: list[str]) -> bool:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        finished = subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _say(f"`{' '.join(command)}` failed: {error}")
        return False
    if finished.returncode != 0:
        _say(f"`{' '.join(command)}` ended with exit status {finished.returncode}")
    return finished.returncode == 0


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _say(text: str) -> None:
    print(f"browser tests: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Provides a browser and prints where it is."""
    try:
        path = provide_browser()
    except NoBrowserError as error:
        _say(str(error))
        return 1
    _say(f"using {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
