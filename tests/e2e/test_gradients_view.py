"""The view Gradients, in a real TensorBoard."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

import tb_kerasviz
from tests.e2e.conftest import RUNS, wait_for_runs
from tests.e2e.tab import Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e

BREAKS = """
import sys
import keras
import numpy as np
import tb_kerasviz

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).random((160, 6), np.float32)
x[115] = np.nan
layers = [keras.layers.Dense(8, activation="relu", name=n) for n in ("one", "two")]
model = keras.Sequential([keras.Input((6,)), *layers, keras.layers.Dense(1)])
model.compile("adam", "mse")
logs = tb_kerasviz.KerasViz(sys.argv[1])
model.fit(x, x[:, 0] > 0.5, batch_size=16, shuffle=False, verbose=0, callbacks=[logs])
"""


def lines_of(tab: Tab) -> dict[str, str]:
    """What the list of all runs says, by run, in its order."""
    lines = tab.frame.locator(".kv-run-line")
    expect(lines).to_have_count(RUNS)
    return {
        line.locator(".kv-run-name").inner_text(): line.inner_text()
        for line in lines.all()
    }


def test_a_newcomer_sees_which_runs_are_broken_and_where(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(view="gradients")
    lines = lines_of(tab)
    assert list(lines)[:2] == ["dead_relus", "learning_rate_too_high"]
    tab.text("2 of 5 look broken").wait_for()
    assert "No gradient reaches 9 of 10 layers, stem to hidden" in lines["dead_relus"]
    too_high = lines["learning_rate_too_high"]
    assert "Steps too large from step 1, most in block_2_conv_2" in too_high
    for broken in ("dead_relus", "learning_rate_too_high"):
        assert lines[broken].startswith("looks broken")
    for name in ("healthy", "photos", "text"):
        assert "Nothing unusual" in lines[name]
        assert lines[name].startswith("nothing unusual")

    tab.frame.locator(".kv-run-line", has_text="learning_rate_too_high").click()
    tab.frame.get_by_role("complementary", name="Curves of block_2").wait_for()
    assert tab.state()["run"] == "learning_rate_too_high"
    assert tab.state()["at_step"] == "1"
    words = tab.frame.locator(".kv-heat > [role=status]")
    words.get_by_text("block_2_conv_2").wait_for()
    found = tab.frame.get_by_role("list", name="What was found in this run")
    found.get_by_text("Lower the learning rate, which was 0.3").wait_for()
    found.get_by_text("The loss rose from").wait_for()


def test_the_list_of_runs_takes_keys_and_folds(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(view="gradients", run="text")
    lines_of(tab)
    first = tab.frame.locator(".kv-run-line").first
    first.focus()
    first.press("ArrowDown")
    focused = tab.frame.locator(".kv-run-line:focus")
    expect(focused).to_contain_text("learning_rate_too_high")
    focused.press("Enter")
    expect(focused).to_have_attribute("aria-current", "true")
    tab.button("All runs").click()
    expect(tab.frame.locator(".kv-run-line")).to_have_count(0)
    assert tab.state()["all_runs"] == "0"
    tab.text("2 of 5 look broken").wait_for()


def test_what_was_not_finite_first_is_said_marked_and_led_to(
    browser: Browser, tmp_path: Path
) -> None:
    """A real training, whose inputs hold a NaN from its eighth batch on."""
    subprocess.run(
        [sys.executable, "-c", BREAKS, str(tmp_path / "breaks")],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        check=True,
    )
    first = tb_kerasviz.load(tmp_path)["breaks"].first_nonfinite()
    assert first is not None
    assert (first.kind, first.step) == ("gradient", 8)
    with run_tensorboard(tmp_path) as process:
        wait_for_runs(process, 1)
        tab = Tab(browser, process.url)
        tab.open(view="gradients")
        said = tab.frame.locator(".kv-finding")
        said.get_by_text("Gradients are NaN or infinite from step 8 on").wait_for()
        said.get_by_text(first.variables[0]).wait_for()
        expect(tab.frame.locator(".kv-run-line")).to_have_count(0)  # One run only.
        said.get_by_role("button", name="Show it").click()
        layer = first.variables[0].rpartition("/")[0]
        tab.frame.get_by_role("complementary", name=f"Curves of {layer}").wait_for()
        words = tab.frame.locator(".kv-heat > [role=status]")
        words.get_by_text("NaN or infinite").wait_for()
        words.get_by_text("step 8").wait_for()
        words.get_by_text("the first that were").wait_for()
        assert (tab.state()["layer"], tab.state()["at_step"]) == (layer, "8")
        assert tab.problems == []
        tab.close()


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

    # Then away from the step that is pointed at.
    tab.open(run="healthy", view="gradients", layer="stem", at_step=first)
    words = tab.frame.locator(".kv-heat > [role=status]")
    words.get_by_text(f"step {first}").wait_for()
    tab.frame.get_by_role("grid", name="Layers by steps").press("Escape")
    expect(tab.page).not_to_have_url(re.compile("at_step"))


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


def test_a_ratio_by_zero_has_a_mark_and_both_numbers(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(view="gradients", run="healthy", gradients_vs="dead_relus", ratio="1")
    tab.text("other is zero").wait_for()
    canvas = tab.frame.locator(".kv-heat-canvas")
    canvas.wait_for()
    canvas.hover(position={"x": 100, "y": 10})
    tip = tab.frame.locator(".kv-hover-tip")
    tip.get_by_text("the other run's is exactly zero").wait_for()
    assert re.search(r"this run [\d.]+, dead_relus 0\n", tip.inner_text())


@pytest.mark.parametrize(
    "texts",
    [
        ("grad_norm", "norm of 2 variables together", "grad_norm_mean", "norm, mean"),
        ("update_ratio", "largest of 1 of 2 variables", "update_ratio", "Update ratio"),
    ],
)
def test_a_row_has_the_number_of_the_graph_and_of_the_log(
    texts: tuple[str, str, str, str],
    fast_tensorboard: Process,
    open_tab: Callable[..., Tab],
    demo_logs: Path,
) -> None:
    quantity, words_of_it, metric, title = texts
    dynamics = tb_kerasviz.load(demo_logs)["healthy"].dynamics()
    last = int(dynamics.steps[-1])
    column = {name: at for at, name in enumerate(dynamics.columns)}
    rows = {
        path: dynamics.values[-1, at].astype(float)
        for at, path in enumerate(dynamics.variables)
        if path.startswith("stem/")
    }
    assert set(rows) == {"stem/kernel", "stem/bias"}
    if quantity == "grad_norm":
        norms = [row[column["grad_norm_mean"]] for row in rows.values()]
        wanted = float(np.linalg.norm(norms))
    else:
        kernel = rows["stem/kernel"]
        wanted = kernel[column["update_norm_mean"]] / kernel[column["weight_norm"]]

    tab = open_tab(fast_tensorboard)
    place: dict[str, Any] = {"quantity": quantity, "of_cells": "mean", "at_step": last}
    tab.open(run="healthy", view="gradients", layer="stem", **place)
    words = tab.frame.locator(".kv-heat > [role=status]")
    words.get_by_text(words_of_it).wait_for()
    assert float(re.split(r"[, ]", words.inner_text())[0]) == pytest.approx(
        wanted, rel=1e-3
    )
    tab.open(run="healthy", view="architecture", color=metric, step=last)
    node = tab.frame.locator(".kv-graph-buttons [data-path='stem']")
    expect(node).to_have_accessible_name(re.compile(rf"{title}: [\d.]"))
    name = node.get_attribute("aria-label") or ""
    shown = re.search(rf"{title}: ([\d.]+(?:e-?\d+)?)", name)
    assert shown is not None
    assert float(shown[1]) == pytest.approx(wanted, rel=1e-2)


def test_rows_are_in_graph_order_below_curves_on_the_same_axis(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="gradients")
    map_box = tab.frame.locator(".kv-heat-canvas").bounding_box()
    assert map_box is not None
    for title in ("loss", "learning rate", "global gradient norm"):
        curve = tab.frame.locator(".kv-training-curve", has_text=title)
        plot = curve.locator(".kv-training-plot").bounding_box()
        assert plot is not None
        assert plot["x"] == pytest.approx(map_box["x"], abs=1)
        assert plot["width"] == pytest.approx(map_box["width"], abs=1)
        assert plot["y"] < map_box["y"]
    names = tab.frame.locator(".kv-heat-name").all_inner_texts()
    top = [name for name in names if "_conv_" not in name and name != "gru_cell"]
    assert top == [
        *("stem", "block_1", "widen", "block_2"),
        *("read_rows", "summarise_rows", "hidden", "digit"),
    ]


def test_a_click_on_the_map_shows_the_curves_of_the_layer(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard, (900, 700))
    tab.open(run="healthy", view="gradients", quantity="update_ratio")
    canvas = tab.frame.locator(".kv-heat-canvas")
    canvas.wait_for()
    canvas.click(position={"x": 60, "y": 10})
    curves = tab.frame.get_by_role("complementary", name="Curves of stem")
    for name in ("stem/kernel", "stem/bias"):
        curves.get_by_role("img", name=f"{name} over steps").wait_for()
    box = curves.bounding_box()
    assert box is not None
    assert box["height"] > 150  # In a small window too.
    assert tab.state()["layer"] == "stem"
    assert tab.overflow() == 0


def test_histograms_say_what_was_counted(
    fast_tensorboard: Process, open_tab: Callable[..., Tab], demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    trend = run.gradient_trend("stem/kernel")
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="gradients", layer="stem", step=int(trend.steps[0]))
    map_ = tab.frame.get_by_role("slider", name="Histograms over steps")
    # What is above has its height once the runs are judged; the map stays then.
    tab.frame.locator(".kv-run-line").first.wait_for()
    tab.frame.locator(".kv-finding").first.wait_for()
    map_.scroll_into_view_if_needed()
    box = map_.bounding_box()
    assert box is not None
    tip = tab.frame.locator(".kv-hover-tip")
    counts: dict[tuple[float, float], int] = {}
    for part in range(2, int(box["height"]) - 1):
        # The first column, from its lowest bin on, within the border.
        map_.hover(position={"x": 3, "y": box["height"] - part})
        text = tip.inner_text().split("\n")
        assert f"step {trend.steps[0]}" in text
        count = int(text[0].split()[0].replace(",", ""))
        if text[1] == "exactly zero":
            counts[0, 0] = count
        else:
            low, high = map(float, re.findall(r"-?[\d.]+(?:e-?\d+)?", text[1]))
            counts[low, high] = count
    assert sum(counts.values()) == trend.counts[0].sum()
    assert counts[0, 0] == trend.counts[0][np.searchsorted(trend.edges, 0) - 1]
    for (low, high), count in counts.items():
        if low > 0 and high < 2.5 * low:
            at = int(np.argmin(np.abs(trend.edges / low - 1)))
            assert count == trend.counts[0][at], (low, high)

    tab.frame.get_by_label("Gradient of").select_option("bias")
    tab.frame.locator("[title='stem/bias']").first.wait_for()
    assert tab.state()["gradient_of"] == "stem/bias"
    map_.focus()
    map_.press("ArrowRight")
    assert tab.state()["step"] == str(trend.steps[1])


def test_where_none_were_logged_it_says_how(
    open_tab: Callable[..., Tab], tmp_path: Path
) -> None:
    x = np.ones((8, 3), np.float32)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="only")])
    model.compile("sgd", "mse")
    log = tb_kerasviz.KerasViz(tmp_path / "run1")
    model.fit(x, x[:, :1], verbose=0, callbacks=[log])
    with run_tensorboard(tmp_path) as process:
        wait_for_runs(process, 1)
        tab = open_tab(process)
        tab.open(view="gradients", layer=model.get_layer("only").path)
        tab.text("No histograms of gradients were logged.").wait_for()
        tab.text("gradient_histograms=True").wait_for()
