"""Colours, trends, costs and notes of the Architecture view, against the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import tb_kerasviz
from tb_kerasviz.reader import Run
from tests.e2e.tab import NARROW, Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]
layers = keras.layers
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of a small convolutional network, and one that breaks."""
    log_dir = tmp_path_factory.mktemp("overlay")
    keras.utils.set_random_seed(3)
    x = np.random.default_rng(0).random((96, 12, 12, 1), dtype="float32")
    y = np.arange(96) % 10
    image = keras.Input((12, 12, 1), name="image")
    maps = layers.Conv2D(8, 3, activation="relu", name="conv")(image)
    flat = layers.Flatten(name="flat")(maps)
    wide = layers.Dense(64, activation="relu", kernel_regularizer="l2", name="wide")(
        flat
    )
    model = keras.Model(image, layers.Dense(10, name="out")(wide), name="reader")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for name, data in (("fine", x), ("broken", np.where(x > 0.9, np.nan, x))):
        model.compile("adam", loss)
        viz = tb_kerasviz.KerasViz(log_dir / name, probe=data[:4])
        model.fit(data, y, batch_size=32, epochs=3, verbose=0, callbacks=[viz])
    return log_dir


@pytest.fixture(scope="module")
def server(logs: Path) -> Iterator[Process]:
    with run_tensorboard(logs) as process:
        process.wait_for(
            lambda: (
                process.get("/data/plugin/kerasviz/layer_statistics?run=fine&step=9")[0]
                == 200
            )
        )
        process.wait_for(
            lambda: (
                process.get("/data/plugin/kerasviz/layer_statistics?run=broken&step=9")[
                    0
                ]
                == 200
            )
        )
        yield process


@pytest.fixture(scope="module")
def run(logs: Path) -> Run:
    return tb_kerasviz.load(logs)["fine"]


def node(tab: Tab, path: str) -> Locator:
    return tab.frame.locator(f".kv-graph-buttons [data-path='{path}']")


def value_of(tab: Tab, path: str, title: str) -> Locator:
    """The node, once its value of a metric is a number."""
    expect(node(tab, path)).to_have_accessible_name(
        re.compile(f"{re.escape(title)}: [-\\d.]")
    )
    return node(tab, path)


def shown_number(tab: Tab, path: str, title: str) -> float:
    name = value_of(tab, path, title).get_attribute("aria-label") or ""
    match = re.search(f"{re.escape(title)}: (-?[\\d.,]+(?:e-?\\d+)?)", name)
    assert match is not None, name
    return float(match[1].replace(",", ""))


def layer_norm(run: Run, path: str, column: str) -> float:
    """Of a layer at the last step: the root of its variables' squared norms."""
    dynamics = run.dynamics()
    at = dynamics.columns.index(column)
    own = [
        i for i, name in enumerate(dynamics.variables) if name.startswith(f"{path}/")
    ]
    assert own
    return float(np.sqrt((dynamics.values[-1, own, at].astype(float) ** 2).sum()))


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("grad_norm_mean", "Gradient norm, mean"),
        ("weight_norm", "Weight norm"),
    ],
)
def test_layers_are_coloured_by_what_was_logged(
    server: Process, open_tab: OpenTab, run: Run, metric: str, title: str
) -> None:
    tab = open_tab(server).open(run="fine", color=metric)

    for path in ("conv", "wide", "out"):
        wanted = layer_norm(run, path, metric)
        assert shown_number(tab, path, title) == pytest.approx(wanted, rel=2e-3)
    expect(node(tab, "flat")).to_have_accessible_name(re.compile("no data"))
    legend = tab.frame.get_by_label("Colours of the layers")
    expect(legend).to_contain_text(f"step {run.dynamics().steps[-1]}")


def test_costs_are_those_of_the_graph(
    server: Process, open_tab: OpenTab, run: Run
) -> None:
    tab = open_tab(server).open(run="fine", color="multiply_adds")
    graph = run.model_graph()
    # 10 x 10 places of 8 filters that each take 3 x 3 values.
    wanted = {"conv": 10 * 10 * 8 * 9, "wide": 800 * 64, "out": 640}

    assert {layer.path: layer.multiply_adds for layer in graph.layers}.items() >= (
        wanted.items()
    )
    for path, count in wanted.items():
        assert shown_number(tab, path, "Multiply-adds") == count


def test_the_choice_is_in_the_address_and_the_colours_follow_the_step(
    server: Process, open_tab: OpenTab, run: Run
) -> None:
    tab = open_tab(server).open(run="fine")
    expect(node(tab, "conv")).to_be_visible()
    tab.frame.get_by_label("Colour by").select_option(label="Activation std")
    expect(tab.frame.get_by_label("Colours of the layers")).to_be_visible()
    assert tab.state()["color"] == "activation_std"
    first, *_, last = run.steps("activations")
    at_last = shown_number(tab, "wide", "Activation std")

    tab.open(run="fine", color="activation_std", step=first)
    at_first = shown_number(tab, "wide", "Activation std")
    outputs = [run.activation_index(step) for step in (first, last)]
    std = [
        next(entry for entry in index.layers if entry.path == "wide").summary[3]
        for index in outputs
    ]
    assert [at_first, at_last] == pytest.approx(std, rel=2e-3)
    assert at_first != at_last


def test_what_is_no_number_is_named(server: Process, open_tab: OpenTab) -> None:
    tab = open_tab(server).open(run="broken", color="weight_norm")

    expect(node(tab, "conv")).to_have_accessible_name(re.compile("Weight norm: NaN"))
    expect(tab.frame.get_by_label("Colours of the layers")).to_contain_text(
        f"{TIMES} NaN"
    )


def test_the_panel_has_trends_that_end_where_the_log_does(
    server: Process, open_tab: OpenTab, run: Run
) -> None:
    tab = open_tab(server, NARROW).open(run="fine", layer="wide")
    panel = tab.frame.get_by_label("Details", exact=True)
    curve = panel.get_by_role("slider", name="Gradient norm, mean over steps")
    last = run.dynamics().steps[-1]

    expect(curve).to_have_attribute("aria-valuetext", re.compile(f"at step {last}$"))
    curve.focus()
    curve.press("ArrowLeft")
    before = run.dynamics().steps[-2]
    expect(curve).to_have_attribute("aria-valuetext", re.compile(f"at step {before}$"))
    panel.get_by_role("button", name="Update ratio").click()
    expect(value_of(tab, "wide", "Update ratio")).to_be_visible()
    assert tab.state()["color"] == "update_ratio"
    assert tab.overflow() == 0


def test_a_layer_that_dominates_is_noted_with_its_reason(
    server: Process, open_tab: OpenTab, run: Run
) -> None:
    tab = open_tab(server).open(run="fine")
    panel = tab.frame.get_by_label("Details", exact=True)
    note = panel.get_by_role("note")
    graph = run.model_graph()
    (wide,) = (layer for layer in graph.layers if layer.path == "wide")

    expect(note).to_contain_text(f"{wide.params:,} parameters")
    expect(note).to_contain_text(f"10 {TIMES} 10 {TIMES} 8 = 800 features")
    note.get_by_role("button", name="wide").click()
    assert tab.state()["layer"] == "wide"
    for text in ("GlorotUniform", "L2", f"{wide.multiply_adds:,} per sample"):
        expect(panel).to_contain_text(text)
