"""The tab as a whole: its state, reloading, themes, empty and damaged logs."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import keras
import pytest
from playwright.sync_api import expect

import tb_kerasviz
from tb_kerasviz.capture.backends import load_backend
from tests.e2e.tab import Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]


def test_the_address_restores_the_place(
    fast_tensorboard: Process, open_tab: OpenTab, demo_logs: Path
) -> None:
    step = tb_kerasviz.load(demo_logs)["dead_relus"].steps("activations")[1]
    tab = open_tab(fast_tensorboard).open(
        view="activations", run="dead_relus", layer="read_rows", sample=4, step=step
    )

    def check() -> None:
        expect(tab.frame.get_by_label("Run", exact=True)).to_have_value("dead_relus")
        expect(tab.frame.locator(".kv-scrubber output")).to_have_text(f"step {step}")
        expect(tab.frame.get_by_label("Activations of read_rows")).to_be_visible()
        sample = tab.frame.get_by_role("radio").nth(4)
        expect(sample).to_have_attribute("aria-checked", "true")

    check()
    before = tab.state()
    tab.page.reload()
    check()
    assert tab.state() == before


def test_what_is_clicked_is_in_the_address(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(fast_tensorboard).open()
    tab.frame.get_by_label("Run", exact=True).select_option("healthy")
    tab.frame.get_by_role("tab", name="Activations").click()
    tab.frame.get_by_role("option", name="pool MaxPooling2D").click()
    tab.frame.get_by_role("radio").nth(2).click()
    tab.button("Previous step").click()
    expect(tab.frame.get_by_label("Activations of pool")).to_be_visible()
    state = tab.state()
    other = open_tab(fast_tensorboard)
    other.page.goto(tab.page.url)

    expect(other.frame.get_by_label("Activations of pool")).to_be_visible()
    assert other.state() == state
    assert state.keys() >= {"run", "view", "layer", "sample", "step"}


def test_reload_shows_new_data_and_keeps_the_place(
    demo_logs: Path, tmp_path: Path, open_tab: OpenTab
) -> None:
    shutil.copytree(demo_logs / "healthy", tmp_path / "first")
    with run_tensorboard(tmp_path) as process:
        process.wait_for(lambda: _lists(process, "first"))
        tab = open_tab(process).open(
            view="activations", run="first", layer="widen", sample=1
        )
        panel = tab.frame.get_by_label("Activations of widen")
        expect(panel).to_be_visible()
        before = tab.state()

        shutil.copytree(demo_logs / "dead_relus", tmp_path / "second")
        process.wait_for(lambda: _lists(process, "second"))
        tab.page.locator("button.reload-button, app-header-reload button").click()

        runs = tab.frame.get_by_label("Run", exact=True)
        expect(runs.locator("option")).to_have_count(2)
        expect(panel).to_be_visible()
        expect(runs).to_have_value("first")
        assert tab.state() == before


def _lists(process: Process, run: str) -> bool:
    status, _, _ = process.get("/data/plugin/kerasviz/status", f"run={run}")
    return status == 200


def test_dark_mode_follows_tensorboard(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    def background(tab: Tab) -> list[int]:
        color: str = tab.frame.locator("html").evaluate(
            "e => getComputedStyle(e).backgroundColor"
        )
        return [int(n) for n in re.findall(r"\d+", color)[:3]]

    light = open_tab(fast_tensorboard).open(run="healthy")
    dark = open_tab(fast_tensorboard).open(run="healthy", dark=True)
    for tab in (light, dark):
        expect(tab.frame.get_by_role("tab", name="Activations")).to_be_visible()
    assert min(background(light)) > 200
    assert max(background(dark)) < 80

    dark.page.get_by_label("Menu for changing light or dark theme").click()
    dark.page.get_by_role("menuitemradio", name="Light").or_(
        dark.page.get_by_role("menuitem", name="Light")
    ).click()
    dark.page.wait_for_timeout(300)
    assert min(background(dark)) > 200


def test_an_empty_log_directory_says_what_to_do(
    tmp_path: Path, open_tab: OpenTab
) -> None:
    with run_tensorboard(tmp_path) as process:
        tab = open_tab(process).open()

        expect(tab.text("No training was logged here yet")).to_be_visible()
        expect(tab.text("tb_kerasviz.KerasViz(")).to_be_visible()


def test_a_run_without_probe_says_how_to_give_one(
    tmp_path: Path, open_tab: OpenTab
) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with tb_kerasviz.Writer(tmp_path / "plain") as writer:
        writer.write_model(0, model)
        time.sleep(0.3)  # As if it trained.
    status = tb_kerasviz.load(tmp_path)["plain"].status()
    share = status.overhead_secs / status.training_secs
    with run_tensorboard(tmp_path) as process:
        process.wait_for(lambda: _lists(process, "plain"))
        tab = open_tab(process).open(view="activations", run="plain")

        expect(tab.text(re.compile("No probe was given"))).to_be_visible()
        expect(tab.frame.locator("pre")).to_contain_text("probe=x_val[:8]")
        tab.frame.get_by_role("tab", name="Architecture").click()
        expect(tab.frame.locator(".kv-graph-buttons button:visible")).to_have_count(2)

        # A custom loop too says what logging costs it.
        tab.button("No notices").click()
        costs = tab.frame.get_by_label("What logging cost")
        (percent,) = re.findall(
            r"Logging cost ([\d.]+)% of this run", costs.inner_text()
        )
        assert float(percent) == pytest.approx(100 * share, abs=0.06)
        sentence = costs.get_by_text("Logging cost")
        expect(sentence).to_have_attribute("title", re.compile("calls of its Writer"))


def test_an_unknown_run_in_the_address_is_said(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(fast_tensorboard).open(run="<b>gone</b>")

    expect(tab.text('There is no run "<b>gone</b>" here')).to_be_visible()


def test_a_damaged_layer_shows_its_error_and_the_rest_works(
    damaged_logs: Path, open_tab: OpenTab
) -> None:
    with run_tensorboard(damaged_logs) as process:
        process.wait_for(lambda: _lists(process, "damaged"))
        tab = open_tab(process).open(view="activations", run="damaged", layer="pool")

        expect(tab.text(re.compile("damaged: its checksum"))).to_be_visible()
        # The browser's own words on that answer are expected.
        tab.frame.get_by_role("option").filter(has_text="widen").click()
        expect(tab.frame.get_by_label("Activations of widen")).to_be_visible()
        expect(tab.frame.locator("[data-tile='0']")).to_be_visible()
        tab.frame.get_by_role("tab", name="Architecture").click()
        expect(tab.frame.locator("[data-path='pool']")).to_be_visible()
        assert tab.problems
        assert all("422" in problem for problem in tab.problems)
        tab.problems.clear()


def test_what_the_callback_reported_can_be_read(
    tmp_path: Path, open_tab: OpenTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("no memory for the ring")

    # An optimizer whose steps cannot be read.
    monkeypatch.setattr(type(load_backend()), "create_tap", fail)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    x = keras.ops.convert_to_numpy(keras.random.normal((8, 4)))
    callback = tb_kerasviz.KerasViz(tmp_path / "run1", probe=x[:, :3])
    model.fit(x, x[:, :2], verbose=0, callbacks=[callback])
    with run_tensorboard(tmp_path) as process:
        process.wait_for(lambda: _lists(process, "run1"))
        tab = open_tab(process).open(run="run1")

        tab.button(re.compile("2 notices"), exact=False).click()
        why = tab.text(re.compile("received shape .8, 3."))
        expect(why).to_be_visible()
        tab.page.keyboard.press("Escape")
        expect(why).to_be_hidden()
        tab.frame.get_by_role("tab", name="Activations").click()
        expect(tab.text("The activations could not be captured")).to_be_visible()
        expect(why).to_be_visible()
        tab.frame.get_by_role("tab", name="Gradients").click()
        expect(tab.text("Gradients could not be measured")).to_be_visible()
        expect(tab.text("no memory for the ring")).to_be_visible()
        # The rest was logged.
        tab.frame.get_by_role("tab", name="Weights").click()
        expect(tab.text("Capture of step 1")).to_be_visible()
