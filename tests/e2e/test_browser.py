"""How a browser is found, and got, without touching this machine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from tests.e2e import browser


@dataclass
class FakeMachine:
    """A machine with some executables, of which some work."""

    commands: Mapping[str, str] = field(default_factory=dict)
    broken: Iterable[str] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    playwright: str | None = None
    playwright_installs: str | None = None
    debian_installs: str | None = None
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.commands = dict(self.commands)

    def machine(self) -> browser.Machine:
        return browser.Machine(
            environ=self.environ,
            which=self.which,
            works=lambda path: path not in set(self.broken),
            playwright_path=lambda: self.playwright,
            install_by_playwright=self.install_by_playwright,
            install_by_debian=self.install_by_debian,
        )

    def which(self, name: str) -> str | None:
        return self.commands.get(name)

    def install_by_playwright(self) -> bool:
        self.log.append("playwright")
        self.playwright = self.playwright_installs
        return self.playwright is not None

    def install_by_debian(self) -> bool:
        self.log.append("debian")
        if self.debian_installs is None:
            return False
        self.commands = {**self.commands, "chromium": self.debian_installs}
        return True


def test_the_named_browser_goes_before_all_others() -> None:
    fake = FakeMachine(
        commands={"/opt/mine": "/opt/mine", "chromium": "/usr/bin/chromium"},
        environ={browser.VARIABLE: "/opt/mine"},
    )
    assert browser.provide_browser(fake.machine()) == "/opt/mine"


@pytest.mark.parametrize("commands", [{}, {"/opt/mine": "/opt/mine"}])
def test_a_named_browser_that_does_not_work_is_an_error(
    commands: dict[str, str],
) -> None:
    fake = FakeMachine(
        commands={**commands, "chromium": "/usr/bin/chromium"},
        broken=["/opt/mine"],
        environ={browser.VARIABLE: "/opt/mine"},
    )
    with pytest.raises(browser.NoBrowserError, match="'/opt/mine'"):
        browser.provide_browser(fake.machine())
    assert fake.log == []


def test_an_installed_browser_is_taken_without_installing() -> None:
    fake = FakeMachine(commands={"google-chrome": "/usr/bin/google-chrome"})
    assert browser.provide_browser(fake.machine()) == "/usr/bin/google-chrome"
    assert fake.log == []


def test_a_browser_that_does_not_start_is_passed_over() -> None:
    fake = FakeMachine(
        commands={
            "chromium-browser": "/usr/bin/chromium-browser",
            "google-chrome": "/usr/bin/google-chrome",
        },
        broken=["/usr/bin/chromium-browser"],
    )
    assert browser.find_browser(fake.machine()) == "/usr/bin/google-chrome"


def test_playwright_s_browser_of_an_earlier_time_is_taken() -> None:
    fake = FakeMachine(playwright="/cache/chrome")
    assert browser.provide_browser(fake.machine()) == "/cache/chrome"
    assert fake.log == []


def test_playwright_installs_before_debian_does() -> None:
    fake = FakeMachine(playwright_installs="/cache/chrome", debian_installs="/x")
    assert browser.provide_browser(fake.machine()) == "/cache/chrome"
    assert fake.log == ["playwright"]


def test_debian_s_package_serves_where_playwright_s_browser_cannot_be_had() -> None:
    fake = FakeMachine(debian_installs="/usr/bin/chromium")
    assert browser.provide_browser(fake.machine()) == "/usr/bin/chromium"
    assert fake.log == ["playwright", "debian"]


def test_debian_s_package_serves_where_playwright_s_browser_lacks_libraries() -> None:
    fake = FakeMachine(
        playwright_installs="/cache/chrome",
        broken=["/cache/chrome"],
        debian_installs="/usr/bin/chromium",
    )
    assert browser.provide_browser(fake.machine()) == "/usr/bin/chromium"


def test_no_browser_at_all_is_an_error_that_says_how_to_get_one() -> None:
    fake = FakeMachine()
    assert browser.find_browser(fake.machine()) is None
    with pytest.raises(browser.NoBrowserError) as caught:
        browser.provide_browser(fake.machine())
    for remedy in ("apt-get install chromium", "playwright install", browser.VARIABLE):
        assert remedy in str(caught.value)


def test_a_program_that_is_no_browser_does_not_count_as_one() -> None:
    machine = browser.this_machine()
    assert not machine.works("/does/not/exist")
    false = machine.which("false")
    assert false is not None
    assert not machine.works(false)
