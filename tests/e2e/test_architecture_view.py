"""The Architecture view, against the model that was logged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

import tb_kerasviz
from tb_kerasviz.wire.schema import LayerNode, ModelGraph
from tests.e2e.tab import NARROW, WIDE, Tab
from tests.plugin.servers import Process

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]


@pytest.fixture(scope="module")
def graph(demo_logs: Path) -> ModelGraph:
    return tb_kerasviz.load(demo_logs)["healthy"].model_graph()


def node(tab: Tab, path: str) -> Locator:
    """The button over a node of the graph."""
    return tab.frame.locator(f".kv-graph-buttons [data-path='{path}']")


def shape_text(layer: LayerNode) -> str:
    (shape,) = layer.output_shapes
    return f"({', '.join(str(n) for n in shape)})"


def test_every_layer_is_a_node_with_its_shape_and_parameters(
    tensorboard: Process, open_tab: OpenTab, graph: ModelGraph
) -> None:
    tab = open_tab(tensorboard).open(run="healthy")

    for layer in graph.layers:
        name = re.compile(
            f"{layer.name}.*{layer.class_name}.*{re.escape(shape_text(layer))}"
        )
        expect(node(tab, layer.path)).to_have_accessible_name(name)
        if layer.params:
            count = re.compile(f"{layer.params:,} parameters")
            expect(node(tab, layer.path)).to_have_accessible_name(count)


def test_data_flows_from_top_to_bottom(
    fast_tensorboard: Process, open_tab: OpenTab, graph: ModelGraph
) -> None:
    tab = open_tab(fast_tensorboard).open(run="healthy")
    top = {}
    for layer in graph.layers:
        expect(node(tab, layer.path)).to_be_visible()
        box = node(tab, layer.path).bounding_box()
        assert box is not None
        top[layer.path] = box["y"]

    flows = [(a, b) for a, b in graph.edges if a in top and b in top]
    assert len(flows) > 5
    assert all(top[a] < top[b] for a, b in flows)


def test_a_nested_model_opens_and_closes(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(fast_tensorboard).open(run="healthy")
    group = node(tab, "block_1")
    inner = node(tab, "block_1_conv_1")
    expect(group).to_have_attribute("aria-expanded", "false")
    expect(inner).to_be_hidden()

    group.focus()
    group.press("Enter")
    expect(inner).to_be_visible()
    expect(node(tab, "block_1")).to_have_attribute("aria-expanded", "true")

    tab.button("Collapse all").click()
    expect(inner).to_be_hidden()


def test_the_panel_tells_all_of_a_layer(
    fast_tensorboard: Process, open_tab: OpenTab, graph: ModelGraph
) -> None:
    layer = next(layer for layer in graph.layers if layer.path == "widen")
    tab = open_tab(fast_tensorboard).open(run="healthy")
    node(tab, "widen").click()
    panel = tab.frame.get_by_label("Details", exact=True)

    expect(panel.get_by_role("heading", name="widen")).to_be_visible()
    for text in (
        "Conv2D",
        layer.module,
        "(None, 4, 4, 16)",
        "(None, 4, 4, 32)",
        "float32",
        f"{layer.params:,}",
        "(3, 3, 16, 32)",
        "(32,)",
        "kernel_size",
    ):
        expect(panel).to_contain_text(text)
    assert tab.state()["layer"] == "widen"

    panel.get_by_role("button", name="See its activations").click()
    expect(tab.frame.get_by_label("Activations of widen")).to_be_visible()
    assert tab.state()["view"] == "activations"


def test_nothing_selected_shows_the_totals(
    fast_tensorboard: Process, open_tab: OpenTab, graph: ModelGraph
) -> None:
    tab = open_tab(fast_tensorboard).open(run="healthy")
    panel = tab.frame.get_by_label("Details", exact=True)

    expect(panel).to_contain_text("digit_reader")
    expect(panel).to_contain_text(f"{graph.params:,}")
    expect(panel).to_contain_text("Adam")


def test_search_finds_layers_by_class(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(fast_tensorboard).open(run="healthy")
    expect(node(tab, "stem")).to_be_visible()
    tab.frame.get_by_role("application").focus()
    tab.page.keyboard.press("/")
    search = tab.frame.get_by_label("Find layers")
    expect(search).to_be_focused()
    search.fill("GRU")
    results = tab.frame.locator("#kv-search-results").get_by_role("option")

    expect(results.filter(has_text="summarise_rows").first).to_be_visible()
    expect(results.filter(has_text="Conv2D")).to_have_count(0)
    search.press("Enter")
    expect(tab.frame.get_by_label("Details", exact=True)).to_contain_text("GRU")


def test_zoom_and_fit(fast_tensorboard: Process, open_tab: OpenTab) -> None:
    def width() -> float:
        box = node(tab, "stem").bounding_box()
        assert box is not None
        return box["width"]

    tab = open_tab(fast_tensorboard).open(run="healthy")
    expect(node(tab, "stem")).to_be_visible()
    tab.page.wait_for_timeout(500)
    fitted = width()
    tab.button("Zoom in").click()
    tab.page.wait_for_timeout(600)
    assert width() > fitted * 1.1
    tab.button("Fit").click()
    tab.page.wait_for_timeout(600)
    assert width() == pytest.approx(fitted, rel=0.02)


def test_the_table_is_what_summary_prints(
    fast_tensorboard: Process, open_tab: OpenTab, graph: ModelGraph
) -> None:
    tab = open_tab(fast_tensorboard).open(run="healthy", table=1)
    table = tab.frame.get_by_role("treegrid", name="Layers of digit_reader")
    rows = table.locator("tbody tr[data-path]")

    expect(rows).to_have_count(len(graph.layers))
    for row, layer in zip(rows.all(), graph.layers, strict=True):
        expect(row).to_contain_text(
            re.compile(rf"{layer.name}\s*\({layer.class_name}\)")
        )
        expect(row).to_contain_text(shape_text(layer))
        expect(row).to_contain_text(f"{layer.params:,}")
    total = tab.frame.get_by_role("row", name=re.compile("^Total params"))
    expect(total).to_contain_text(f"{graph.params:,}")


def test_the_table_sorts_by_any_column(
    fast_tensorboard: Process, open_tab: OpenTab, graph: ModelGraph
) -> None:
    tab = open_tab(fast_tensorboard).open(run="healthy", table=1)
    header = tab.frame.get_by_role("columnheader", name=re.compile("Param #"))
    rows = tab.frame.locator("tbody tr[data-path]")
    largest = max(graph.layers, key=lambda layer: layer.params).path

    for _ in range(2):  # The first click may sort upwards.
        header.get_by_role("button").click()
        if header.get_attribute("aria-sort") == "descending":
            break
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(rows.first).to_have_attribute("data-path", largest)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_view_fits_the_window(
    fast_tensorboard: Process, open_tab: OpenTab, size: tuple[int, int]
) -> None:
    tab = open_tab(fast_tensorboard, size).open(run="healthy", layer="stem")

    expect(node(tab, "stem")).to_be_visible()
    assert tab.overflow() <= 0
