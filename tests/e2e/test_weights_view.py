"""The view Weights, in a real TensorBoard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import tb_kerasviz
from tb_kerasviz.wire.schema import WEIGHT_STATS
from tests.e2e.conftest import wait_for_runs
from tests.e2e.tab import NARROW, Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e

KERNEL = "block_1_conv_1/kernel"


def values(tab: Tab) -> Locator:
    """The picture of the values."""
    grid = tab.frame.get_by_role("grid", name="Values of the variable")
    grid.wait_for()
    return grid


def at_cursor(tab: Tab, *keys: str) -> str:
    """What is said of a value after some keys in the picture."""
    grid = values(tab)
    grid.focus()
    for key in keys:
        grid.press(key)
    said = tab.frame.locator(".kv-weight-frame > [role=status]")
    expect(said).to_contain_text("index")
    return said.inner_text()


def statistic(tab: Tab, name: str) -> str:
    return tab.frame.get_by_label(name, exact=True).inner_text()


def test_values_and_statistics_are_the_captured_ones(
    fast_tensorboard: Process, open_tab: Callable[..., Tab], demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    step = run.steps("weights")[1]
    captured = run.weights(KERNEL, step)
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="weights", variable=KERNEL, step=step)
    tab.text(f"Capture of step {step}").wait_for()

    # The first tile, its second row: then the tile beside it is the next output.
    text = at_cursor(tab, "ArrowDown", "ArrowDown", "ArrowRight")
    assert "[1, 1, 0, 0]" in text
    shown = float(text.split(",")[0])
    assert shown == pytest.approx(float(captured.values[1, 1, 0, 0]), rel=1e-3)
    text = at_cursor(tab, "ArrowRight", "ArrowRight")
    assert "[1, 0, 0, 1]" in text
    shown = float(text.split(",")[0])
    assert shown == pytest.approx(float(captured.values[1, 0, 0, 1]), rel=1e-3)

    for name in ("norm", "min", "max"):
        wanted = float(captured.stats[WEIGHT_STATS.index(name)])
        assert float(statistic(tab, name)) == pytest.approx(wanted, rel=1e-3)
    assert captured.change is not None
    norm = float(captured.stats[WEIGHT_STATS.index("norm")])
    relative = float(statistic(tab, "change since previous"))
    assert relative == pytest.approx(captured.change / norm, rel=1e-3)


def test_the_value_under_the_pointer_is_named(
    fast_tensorboard: Process, open_tab: Callable[..., Tab], demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    captured = run.weights("hidden/kernel", run.steps("weights")[-1])
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="weights", variable="hidden/kernel")
    values(tab).hover(position={"x": 60, "y": 40})
    note = tab.frame.locator(".kv-hover-tip")
    note.wait_for()
    lines = note.inner_text().split("\n")
    index = tuple(map(int, re.findall(r"\d+", lines[1])))
    assert len(index) == 2
    assert float(lines[0]) == pytest.approx(float(captured.values[index]), rel=1e-3)


def test_the_difference_to_another_capture_and_run(
    fast_tensorboard: Process, open_tab: Callable[..., Tab], demo_logs: Path
) -> None:
    runs = tb_kerasviz.load(demo_logs)
    run = runs["healthy"]
    first, *_, last = run.steps("weights")
    now = run.weights(KERNEL, last).values[0, 0, 0, 0]
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="weights", variable=KERNEL)
    values(tab)
    tab.frame.get_by_label("Difference to").select_option("start")
    tab.text(f"Step {last} minus step {first}.").wait_for()
    assert tab.state()["weights_vs"] == "start"
    shown = float(at_cursor(tab, "ArrowDown").split(",")[0].split()[1])
    wanted = float(now - run.weights(KERNEL, first).values[0, 0, 0, 0])
    assert shown == pytest.approx(wanted, rel=1e-3)

    tab.open(
        run="healthy", view="weights", variable=KERNEL, weights_vs="run:dead_relus"
    )
    tab.text('of the run "dead_relus"').wait_for()
    shown = float(at_cursor(tab, "ArrowDown").split(",")[0].split()[1])
    wanted = float(now - runs["dead_relus"].weights(KERNEL, last).values[0, 0, 0, 0])
    assert shown == pytest.approx(wanted, rel=1e-3)
    assert np.isfinite(shown)


def test_a_click_on_a_histogram_goes_to_its_step(
    fast_tensorboard: Process, open_tab: Callable[..., Tab], demo_logs: Path
) -> None:
    first = tb_kerasviz.load(demo_logs)["healthy"].steps("weights")[0]
    tab = open_tab(fast_tensorboard, NARROW)
    tab.open(run="healthy", view="weights", variable=KERNEL)
    histograms = tab.frame.get_by_role("slider", name="Histograms over steps")
    histograms.click(position={"x": 3, "y": 60})
    tab.text(re.compile(rf"Capture of step {first}\.")).wait_for()
    assert tab.state()["step"] == str(first)
    assert tab.overflow() == 0


def test_a_layer_leads_to_its_weights_and_on(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="architecture", layer="hidden")
    tab.button("See its weights").click()
    tab.frame.get_by_role("article", name="Weights of hidden/kernel").wait_for()

    variables = tab.frame.get_by_role("listbox", name=re.compile("Variables"))
    variables.focus()
    variables.press("ArrowDown")
    tab.frame.get_by_role("article", name="Weights of hidden/bias").wait_for()
    assert tab.state()["variable"] == "hidden/bias"

    tab.button("Gradients").click()
    tab.frame.get_by_role("complementary", name="Curves of hidden").wait_for()
    tab.button("Weights").click()
    tab.button("Show in Architecture").click()
    tab.button("See its weights").wait_for()
    assert tab.state()["layer"] == "hidden"


def test_a_variable_that_is_not_there_is_said(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="weights", variable="no/kernel")
    expect(tab.frame.get_by_role("alert")).to_contain_text(
        'has no variable "no/kernel"'
    )
    tab.frame.get_by_role("option", name=re.compile("kernel")).first.click()
    values(tab)
    assert tab.state()["variable"] == "stem/kernel"


@pytest.fixture
def broken_logs(tmp_path: Path) -> Path:
    """A kernel with values that are no numbers, and a run without weights."""
    inputs = keras.Input((4,))
    outputs = keras.layers.Dense(3, use_bias=False, name="dense")(inputs)
    model = keras.Model(inputs, outputs)
    kernel = np.arange(12, dtype=np.float32).reshape(4, 3)
    kernel[0] = [np.nan, np.inf, -np.inf]
    model.get_layer("dense").kernel.assign(kernel)
    with tb_kerasviz.Writer(tmp_path / "broken") as writer:
        writer.write_model(0, model)
        writer.write_weights(0, model)
    with tb_kerasviz.Writer(tmp_path / "none") as writer:
        writer.write_model(0, model)
    return tmp_path


def test_what_is_no_number_and_what_was_not_logged_is_said(
    broken_logs: Path, open_tab: Callable[..., Tab]
) -> None:
    with run_tensorboard(broken_logs) as process:
        wait_for_runs(process, 2)
        tab = open_tab(process)
        tab.open(run="broken", view="weights")
        tab.text("3 not finite").wait_for()
        assert at_cursor(tab, "ArrowDown").startswith("NaN, index [0, 0]")
        assert at_cursor(tab, "ArrowRight").startswith("+Inf, index [0, 1]")
        assert statistic(tab, "non-finite") == "3"
        assert statistic(tab, "max") == "11"

        tab.open(run="none", view="weights")
        tab.text("No weights were captured yet").wait_for()
