"""The view Weights, in a real TensorBoard."""

from __future__ import annotations

import math
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
    said = tab.frame.locator(".kv-weight-readout")
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
    assert "row 1, column 1, input channel 0, output channel 0" in text
    assert "[1, 1, 0, 0]" in text
    assert np.float32(text.split(",")[0]) == captured.values[1, 1, 0, 0]
    text = at_cursor(tab, "ArrowRight", "ArrowRight")
    assert "[1, 0, 0, 1]" in text
    assert np.float32(text.split(",")[0]) == captured.values[1, 0, 0, 1]

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
    index = tuple(map(int, re.findall(r"\d+", lines[2])))
    assert lines[1:] == [
        f"input {index[0]}, unit {index[1]}",
        f"index [{index[0]}, {index[1]}]",
    ]
    assert np.float32(lines[0]) == captured.values[index]


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


def rows(tab: Tab) -> list[str]:
    """Paths of the variables in the list, as far as they are in view."""
    found = tab.frame.get_by_role("listbox", name="Variables").get_by_role("option")
    found.first.wait_for()
    titles = [one.get_attribute("title") or "" for one in found.all()]
    return [title.split("\n")[0] for title in titles]


def test_the_list_is_ordered_and_filtered_and_the_address_says_how(
    fast_tensorboard: Process, open_tab: Callable[..., Tab], demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    index = run.weight_index(run.steps("weights")[-1])
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="weights")
    assert rows(tab)[:2] == ["stem/kernel", "stem/bias"]

    tab.frame.get_by_label("Order of the variables").select_option("change")
    expect(tab.frame.locator(".kv-weight-layer")).to_have_count(0)
    changes = {
        one.path: one.change / one.norm
        for one in index.variables
        if one.change is not None and one.norm
    }
    wanted = sorted(changes, key=lambda path: -changes[path])
    shown = rows(tab)
    assert len(shown) > 15
    assert shown == wanted[: len(shown)]
    tab.button("Turn the order round").click()
    assert rows(tab)[:3] == wanted[::-1][:3]

    tab.frame.get_by_label("Filter variables").fill("conv2d")
    tab.text(re.compile(r"^\d+ of 22 variables$")).wait_for()
    found = rows(tab)
    assert all("conv" in path or "stem" in path or "widen" in path for path in found)
    state = tab.state()
    assert {key: state[key] for key in state if key.startswith("weights_")} == {
        "weights_find": "conv2d",
        "weights_order": "change",
        "weights_reversed": "1",
    }
    tab.open(dark=False, **state)
    assert rows(tab) == found


def test_the_graph_is_coloured_by_the_norms_of_the_list(
    fast_tensorboard: Process, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(fast_tensorboard)
    tab.open(run="healthy", view="weights", variable="hidden/kernel")
    norms = []
    for path in ("hidden/kernel", "hidden/bias"):
        row = tab.frame.locator(f".kv-weight-row[title^='{path}']")
        norms.append(float(row.locator("> :nth-child(4)").inner_text()))
    tab.open(run="healthy", view="architecture", color="weight_norm")
    node = tab.frame.locator(".kv-graph-buttons [data-path='hidden']")
    expect(node).to_have_accessible_name(re.compile(r"Weight norm: \d"))
    name = node.get_attribute("aria-label") or ""
    (shown,) = re.findall(r"Weight norm: ([\d.]+)", name)
    assert float(shown) == pytest.approx(math.hypot(*norms), rel=2e-3)


def test_what_a_budget_cut_is_said_and_the_rest_is_there(
    tmp_path: Path, open_tab: Callable[..., Tab]
) -> None:
    inputs = keras.Input((100,))
    model = keras.Model(inputs, keras.layers.Dense(80, name="big")(inputs))
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).random((8, 100), np.float32)
    log = tb_kerasviz.KerasViz(tmp_path / "cut", capture_mb=0.02)
    model.fit(x, x[:, :80], verbose=0, callbacks=[log])
    captured = tb_kerasviz.load(tmp_path)["cut"].weights("big/kernel", 1)
    (rows, columns), kept = captured.values.shape, captured.entry.kept
    assert rows * columns < 8000
    with run_tensorboard(tmp_path) as process:
        wait_for_runs(process, 1)
        tab = open_tab(process)
        tab.open(run="cut", view="weights", variable="big/kernel")
        tab.text(f"kept {rows}x{columns} of 100x80, evenly spaced").wait_for()
        tab.text(f"{rows} x {columns} of 100 x 80 values").wait_for()
        # The second row that was kept is another one of the whole variable.
        said = at_cursor(tab, "ArrowDown", "ArrowDown", "ArrowRight")
        index = tuple(axis[1] if axis else 1 for axis in kept)
        assert f"index [{index[0]}, {index[1]}]" in said
        assert np.float32(said.split(",")[0]) == captured.values[1, 1]
        # Histograms and statistics are of all values.
        whole = keras.ops.convert_to_numpy(model.get_layer("big").kernel)
        assert float(statistic(tab, "norm")) == pytest.approx(
            float(np.linalg.norm(whole)), rel=1e-3
        )


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
        assert at_cursor(tab, "ArrowDown").startswith(
            "NaN, input 0, unit 0, index [0, 0]"
        )
        assert at_cursor(tab, "ArrowRight").startswith("+Inf, input 0, unit 1")
        assert statistic(tab, "non-finite") == "3"
        assert statistic(tab, "max") == "11"

        tab.open(run="none", view="weights")
        tab.text("No weights were captured yet").wait_for()
