"""Comparing graphs, searching them, the table and the keyboard, against the log."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import tb_kerasviz
from tb_kerasviz.reader import Run
from tb_kerasviz.wire.schema import LayerNode, ModelGraph
from tests.e2e.tab import NARROW, WIDE, Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]
ROOT = Path(__file__).parents[2]
AGAINST_SMALL: dict[str, Any] = {"with": "alpha_0.35"}

# In a process of its own, since the browser's event loop runs in this one.
TRAIN = """
import sys
import keras
from sklearn.datasets import load_digits
import tb_kerasviz

root = sys.argv[1]
for alpha in (0.35, 0.5):
    model = keras.applications.MobileNetV2(
        alpha=alpha, weights=None, input_shape=(96, 96, 3)
    )
    with tb_kerasviz.Writer(f"{root}/alpha_{alpha}") as writer:
        writer.write_model(0, model)

keras.utils.set_random_seed(1)
x, y = load_digits(return_X_y=True)
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(24, activation="relu", name="first"),
        keras.layers.Dense(16, activation="relu", name="second"),
        keras.layers.Dense(10, name="scores"),
    ],
    name="stages",
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
viz = tb_kerasviz.KerasViz(f"{root}/stages")
# The same optimizer, so that its steps go on.
optimizer = keras.optimizers.Adam()
for frozen in (False, True):
    model.get_layer("first").trainable = not frozen
    model.get_layer("second").trainable = not frozen
    model.compile(optimizer, loss)
    model.fit(x / 16, y, batch_size=128, epochs=1, verbose=0, callbacks=[viz])
"""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log_dir = tmp_path_factory.mktemp("compare")
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, str(log_dir)],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return log_dir


@pytest.fixture(scope="module")
def server(logs: Path) -> Iterator[Process]:
    with run_tensorboard(logs) as process:
        process.wait_for(lambda: len(_listed(process)) == 3)
        process.wait_for(lambda: all(run["steps"] for run in _listed(process)))
        yield process


@pytest.fixture(scope="module")
def small(logs: Path) -> ModelGraph:
    return tb_kerasviz.load(logs)["alpha_0.35"].model_graph()


@pytest.fixture(scope="module")
def large(logs: Path) -> ModelGraph:
    return tb_kerasviz.load(logs)["alpha_0.5"].model_graph()


@pytest.fixture(scope="module")
def stages(logs: Path) -> Run:
    return tb_kerasviz.load(logs)["stages"]


def _listed(process: Process) -> list[dict[str, Any]]:
    status, headers, body = process.get("/data/plugin/kerasviz/runs")
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    runs: list[dict[str, Any]] = json.loads(body)["runs"] if status == 200 else []
    return runs


def looks(layer: LayerNode) -> tuple[object, ...]:
    """What a layer is, besides its name and what it is wired to."""
    config = {key: value for key, value in layer.config.items() if key != "name"}
    shapes = [(variable.name, variable.shape) for variable in layer.variables]
    sizes = (layer.input_shapes, layer.output_shapes, shapes)
    return (layer.class_name, layer.trainable, json.dumps(config), sizes)


def differing(before: ModelGraph, after: ModelGraph) -> set[str]:
    """Paths of the layers of MobileNets that differ; they are named alike."""
    old = {layer.path: looks(layer) for layer in before.walk()}
    return {
        layer.path
        for layer in after.walk()
        # Keras numbers what nobody named: the second model's has a number more.
        if layer.kind != "input"
        and looks(layer) != (old.get(layer.path) or old[layer.path.removesuffix("_1")])
    }


def counts(tab: Tab) -> dict[str, int]:
    """What the bar says: how many layers are added, removed, changed, resized."""
    chips = tab.frame.locator(".kv-compare-chip")
    expect(chips.first).to_be_visible()
    found = [re.search(r"([\d,]+) (\w+)$", text) for text in chips.all_inner_texts()]
    return {m[2]: int(m[1].replace(",", "")) for m in found if m is not None}


def wait_for_state(tab: Tab, holds: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """What the address says once it says what is wanted: it follows a bit later."""
    for _ in range(200):
        state = tab.state()
        if holds(state):
            return state
        tab.page.wait_for_timeout(50)
    raise AssertionError(f"The address stays at {tab.state()}")


def focused(tab: Tab) -> str:
    """The role or tag of what has the focus; "body" for nothing."""
    name: str = tab.frame.locator("html").evaluate(
        "() => { const e = document.activeElement;"
        " return e?.getAttribute('role') ?? e?.tagName.toLowerCase() ?? 'body' }"
    )
    return name


def test_two_runs_are_compared(
    server: Process, open_tab: OpenTab, small: ModelGraph, large: ModelGraph
) -> None:
    tab = open_tab(server).open(run="alpha_0.5")
    tab.frame.get_by_label("Compare with").select_option(label="vs alpha_0.35")
    wait_for_state(tab, lambda state: state.get("with") == "alpha_0.35")

    shown = counts(tab)
    assert set(shown) == {"changed", "resized"}
    assert sum(shown.values()) == len(differing(small, large))
    totals = tab.frame.get_by_label("Totals of both")
    expect(totals).to_contain_text(f"{small.params:,} → {large.params:,}")
    expect(totals).to_contain_text(f"+{large.params - small.params:,}")
    expect(totals).to_contain_text(f"{small.multiply_adds:,} → {large.multiply_adds:,}")


def test_a_difference_leads_to_its_layer(
    server: Process, open_tab: OpenTab, small: ModelGraph, large: ModelGraph
) -> None:
    old = {layer.path: layer for layer in small.walk()}
    layer = next(
        layer
        for layer in large.walk()
        if (layer.path in old)
        and layer.config.get("filters") != old[layer.path].config.get("filters")
    )
    tab = open_tab(server).open(run="alpha_0.5", **AGAINST_SMALL)
    tab.button(layer.name).click()

    panel = tab.frame.get_by_label("Details", exact=True)
    filters = f"{old[layer.path].config['filters']} → {layer.config['filters']}"
    expect(panel.locator(".kv-compare-fields")).to_contain_text(filters)
    card = tab.frame.locator(f".kv-graph-buttons [data-path='{layer.path}']").first
    expect(card).to_have_attribute("aria-label", re.compile("changed"))

    tab.frame.get_by_role("application").focus()
    wait_for_state(tab, lambda state: state.get("layer") == layer.path)
    paths = {layer.path}
    for _ in range(3):
        tab.page.keyboard.press("]")
        paths.add(wait_for_state(tab, lambda s: s["layer"] not in paths)["layer"])
    assert paths <= differing(small, large)


def test_a_comparison_can_be_turned_round_and_ended(
    server: Process, open_tab: OpenTab, small: ModelGraph, large: ModelGraph
) -> None:
    tab = open_tab(server).open(run="alpha_0.5", **AGAINST_SMALL)
    tab.button("Swap").click()
    totals = tab.frame.get_by_label("Totals of both")
    expect(totals).to_contain_text(f"{large.params:,} → {small.params:,}")
    wait_for_state(tab, lambda state: state["run"] == "alpha_0.35")

    tab.button("Stop comparing").click()
    expect(totals).to_have_count(0)
    wait_for_state(tab, lambda state: "with" not in state)


def test_versions_say_what_changed(
    server: Process, open_tab: OpenTab, stages: Run
) -> None:
    steps = stages.steps("model_graph")
    graphs = [stages.model_graph(step) for step in steps]
    paths = [
        {layer.path for layer in graph.layers if not layer.trainable}
        for graph in graphs
    ]
    at = next(i for i, frozen in enumerate(paths) if frozen)
    assert at > 0
    assert {path.split("/")[-1] for path in paths[at]} == {"first", "second"}

    tab = open_tab(server).open(run="stages", step=steps[at])
    line = tab.frame.locator(".kv-versions")
    expect(line).to_contain_text(
        f"Architecture of step {steps[at]:,}, version {at + 1} of {len(steps)}"
    )
    expect(line).to_contain_text(f"since version {at}: 2 layers frozen")

    tab.button(f"Compare with version {at}").click()
    wait_for_state(tab, lambda s: s.get("with_step") == str(steps[at - 1]))
    assert counts(tab) == {"changed": 2}
    for path in paths[at]:
        card = tab.frame.locator(f".kv-graph-buttons [data-path='{path}']")
        expect(card).to_have_attribute("aria-label", re.compile("changed$"))

    tab.button("Table").click()
    row = tab.frame.locator("tr[data-path$='first']")
    expect(row).to_contain_text("trainable yes → no (frozen)")


def _runs(shapes: Any, length: int = 2) -> set[tuple[int | None, ...]]:
    return {
        tuple(shape[i : i + length])
        for shape in shapes
        for i in range(len(shape) - length + 1)
    }


def _has_params_but_is_no_norm(layer: LayerNode) -> bool:
    return bool(layer.variables) and "Norm" not in layer.class_name


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        (
            "3x3",
            lambda layer: (
                "3x3" in layer.path
                or (3, 3) in _runs(layer.output_shapes)
                or (3, 3) in _runs(variable.shape for variable in layer.variables)
            ),
        ),
        ("None,12,12", lambda layer: (None, 12, 12) in _runs(layer.output_shapes, 3)),
        ("params>1e5", lambda layer: layer.params > 100_000),
        ("class:conv", lambda layer: "conv" in layer.class_name.lower()),
        ("is:params -class:norm", _has_params_but_is_no_norm),
    ],
)
def test_search_finds_what_the_log_holds(
    server: Process,
    open_tab: OpenTab,
    large: ModelGraph,
    query: str,
    fits: Callable[[LayerNode], bool],
) -> None:
    expected = [layer.path for layer in large.walk() if fits(layer)]
    assert 0 < len(expected) < len(list(large.walk()))
    tab = open_tab(server).open(run="alpha_0.5", table=1)
    tab.frame.get_by_label("Filter layers").fill(query)

    expect(tab.frame.locator("tfoot")).to_contain_text(f"Found: {len(expected)} of")
    wait_for_state(tab, lambda state: state.get("find") == query)
    first = tab.frame.locator("tr[data-path]").first
    expect(first).to_have_attribute("data-path", expected[0])


def test_the_table_shows_every_layer_by_the_keyboard(
    server: Process, open_tab: OpenTab, large: ModelGraph
) -> None:
    layers = list(large.walk())
    tab = open_tab(server).open(run="alpha_0.5", table=1, layer=layers[0].path)
    table = tab.frame.get_by_role("treegrid")
    expect(table).to_have_attribute("aria-rowcount", str(len(layers) + 2))
    table.focus()
    chosen = table.locator("tr[aria-selected='true']")
    for layer in layers[1:]:
        tab.page.keyboard.press("ArrowDown")
        expect(chosen).to_have_attribute("data-path", layer.path)
    assert focused(tab) == "treegrid"
    expect(chosen).to_be_in_viewport()


def test_all_is_done_with_the_keyboard_alone(
    server: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(server).open(run="alpha_0.5")
    keys = tab.page.keyboard
    tab.frame.get_by_role("application").focus()

    keys.press("/")
    assert focused(tab) == "combobox"
    keys.type("block_3_expand")
    expect(tab.frame.locator("#kv-search-results [role=option]").first).to_be_visible()
    keys.press("Enter")
    wait_for_state(tab, lambda state: state.get("layer") == "block_3_expand")
    keys.press("Tab")
    assert focused(tab) == "button"
    keys.press("Shift+Tab")
    keys.press("Escape")
    expect(tab.frame.get_by_label("Find layers")).to_have_value("")
    keys.press("Escape")
    assert focused(tab) == "application"

    card = tab.frame.locator("[data-path='block_3_expand']")
    expect(card).to_be_visible()
    keys.press("ArrowDown")
    expect(tab.frame.locator(".kv-node:focus")).to_have_count(1)
    moved = wait_for_state(tab, lambda state: state["layer"] != "block_3_expand")

    keys.press("?")
    dialog = tab.frame.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    keys.press("Escape")
    expect(dialog).to_have_count(0)
    assert focused(tab) != "body"

    keys.press("t")
    expect(tab.frame.get_by_role("treegrid")).to_be_focused()
    keys.press("ArrowDown")
    wait_for_state(tab, lambda state: state["layer"] != moved["layer"])
    keys.press("t")
    expect(tab.frame.get_by_role("application")).to_be_focused()
    keys.press("Escape")
    wait_for_state(tab, lambda state: "layer" not in state)


NAMELESS = """() => {
  const wrong = [];
  const ids = new Map();
  for (const e of document.querySelectorAll('[id]')) {
    ids.set(e.id, (ids.get(e.id) ?? 0) + 1);
  }
  for (const [id, n] of ids) {
    if (n > 1) wrong.push(`id ${id} is there ${n} times`);
  }
  const nameOf = (e) =>
    (e.getAttribute('aria-label') || e.labels?.[0]?.textContent ||
     e.textContent || e.title || '').trim();
  const interactive = 'button, input, select, a[href], [tabindex], [role=option]';
  for (const e of document.querySelectorAll(interactive)) {
    if (!e.checkVisibility()) continue;
    if (nameOf(e) === '') wrong.push(`no name: ${e.outerHTML.slice(0, 120)}`);
    if (e.tabIndex > 0) wrong.push(`tabindex: ${e.outerHTML.slice(0, 120)}`);
  }
  for (const name of ['aria-controls', 'aria-activedescendant', 'aria-labelledby']) {
    for (const e of document.querySelectorAll(`[${name}]`)) {
      const id = e.getAttribute(name);
      if (!document.getElementById(id)) wrong.push(`${name}: there is no ${id}`);
    }
  }
  return wrong;
}"""


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("table", [0, 1], ids=["graph", "table"])
def test_everything_has_a_name_and_fits(
    server: Process, open_tab: OpenTab, size: tuple[int, int], table: int
) -> None:
    tab = open_tab(server, size).open(
        run="alpha_0.5", table=table, layer="block_3_expand", **AGAINST_SMALL
    )
    counts(tab)
    problems: list[str] = tab.frame.locator("html").evaluate(NAMELESS)
    assert problems == []
    assert tab.overflow() <= 0
    tab.frame.get_by_label(re.compile("^(Find|Filter) layers$")).focus()
    tab.page.keyboard.type("conv")
    problems = tab.frame.locator("html").evaluate(NAMELESS)
    assert problems == []
