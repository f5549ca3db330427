"""The view Gradients, in a real TensorBoard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tb_kerasviz
from tests.e2e.tab import Tab
from tests.plugin.servers import Process

pytestmark = pytest.mark.e2e


def verdict(tab: Tab) -> str:
    line = tab.frame.locator(".kv-verdict p")
    line.wait_for()
    return line.inner_text()


def test_the_sentence_tells_which_run_is_broken_and_where(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="gradients")
    assert verdict(tab).startswith("Nothing unusual")

    tab.open(run="dead_relus", view="gradients")
    tab.frame.get_by_text("No gradient reaches").wait_for()
    assert re.search(r"reaches \d+ of 22 variables since step 1: stem/", verdict(tab))

    tab.open(run="learning_rate_too_high", view="gradients")
    tab.frame.get_by_text("Steps are too large").wait_for()
    assert re.search(r"changed by [\d.]+ times its own norm", verdict(tab))


def test_a_cell_says_the_numbers_of_its_step(
    fast_tensorboard: Process, open_tab: Callable[..., Tab], demo_logs: Path
) -> None:
    dynamics = tb_kerasviz.load(demo_logs)["healthy"].dynamics()
    at = dynamics.variables.index("stem/kernel")
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="gradients", layer="stem")
    grid = tab.frame.get_by_role("grid", name="Layers by steps")
    grid.wait_for()
    tab.frame.get_by_role("button", name="Open stem").click()
    tab.frame.get_by_role("button", name="kernel", exact=True).first.wait_for()
    grid.focus()
    grid.press("ArrowDown")
    grid.press("Home")
    words = tab.frame.locator(".kv-heat > [role=status]")
    words.get_by_text("step 1").wait_for()

    text = words.inner_text()
    assert "stem/kernel" in text
    wanted = dynamics.values[0, at, dynamics.columns.index("grad_norm_max")]
    shown = float(re.split(r"[, ]", text)[0])
    assert shown == pytest.approx(float(wanted), rel=1e-3)
    assert np.isfinite(shown)


def test_a_drag_zooms_and_escape_goes_back(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="gradients", quantity="update_ratio")
    canvas = tab.frame.locator(".kv-heat-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box is not None
    y = box["y"] + 30
    tab.page.mouse.move(box["x"] + 0.25 * box["width"], y)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 0.5 * box["width"], y, steps=4)
    tab.page.mouse.up()
    button = tab.frame.get_by_role("button", name=re.compile(r"steps \d+ to \d+"))
    button.wait_for()
    first, last = map(int, tab.state()["steps"].split("-"))
    assert 1 < first < last < 69

    tab.frame.get_by_role("grid", name="Layers by steps").press("Escape")
    button.wait_for(state="detached")
    assert "steps" not in tab.state()


def test_a_layer_leads_to_the_other_views_and_back(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="architecture", layer="stem")
    tab.frame.get_by_role("button", name="See its gradients").click()
    tab.frame.get_by_role("complementary", name="Curves of stem").wait_for()
    tab.frame.get_by_role("button", name="Show in Architecture").click()
    tab.frame.get_by_role("button", name="See its gradients").wait_for()
    assert tab.state()["layer"] == "stem"


def test_another_run_stands_below_or_is_divided_by(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="gradients")
    tab.frame.get_by_label("Compare with").select_option("dead_relus")
    tab.frame.locator(".kv-heat-name", has_text="dead_relus").first.wait_for()
    tab.frame.get_by_role("button", name="ratio", exact=True).click()
    tab.frame.get_by_text("this run / the other").wait_for()
    assert tab.state()["ratio"] == "1"
