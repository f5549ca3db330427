"""What the Architecture view saves, against the model that was logged."""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from playwright.sync_api import Browser, expect

import tb_kerasviz
from tb_kerasviz.wire.schema import LayerNode, ModelGraph
from tests.e2e.tab import Tab
from tests.plugin.servers import Process

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def graph(demo_logs: Path) -> ModelGraph:
    return tb_kerasviz.load(demo_logs)["healthy"].model_graph()


@pytest.fixture
def tab(fast_tensorboard: Process, open_tab: OpenTab) -> Tab:
    tab: Tab = open_tab(fast_tensorboard).open(run="healthy")
    expect(tab.frame.locator(".kv-graph-buttons [data-path='stem']")).to_be_visible()
    return tab


def save(tab: Tab, item: str, folder: Path) -> Path:
    """Saves what a line of the menu offers; returns the file."""
    tab.button("Export").click()
    with tab.page.expect_download() as download:
        tab.frame.get_by_role("menuitem", name=re.compile(item)).click()
    expect(tab.frame.get_by_role("menu")).to_have_count(0)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def shape_text(layer: LayerNode) -> str:
    (shape,) = layer.output_shapes
    inside = ", ".join(str(size) for size in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def texts(svg: Path) -> list[str]:
    return [node.text or "" for node in ET.parse(svg).iter(f"{SVG}text")]


def test_the_whole_graph_as_svg_says_what_the_cards_say(
    tab: Tab, graph: ModelGraph, tmp_path: Path
) -> None:
    tab.button("Expand all").click()
    expect(
        tab.frame.locator(".kv-graph-buttons [data-path='block_1_conv_1']")
    ).to_be_visible()
    file = save(tab, "^SVG Picture of the whole graph", tmp_path)

    assert re.fullmatch(r"healthy_architecture_whole_step-\d+\.svg", file.name)
    shown = texts(file)
    called = {node.layer for node in graph.nodes}
    # The frame of an open group says its name; its shape is that of what is inside.
    parents = {node.parent for node in graph.nodes} - {None}
    opened = {node.layer for node in graph.nodes if node.id in parents}
    for layer in (layer for layer in graph.walk() if layer.path in called):
        assert layer.name in shown
        # Several shapes, as those of a recurrent cell, may be cut to fit the card.
        if layer.path not in opened and len(layer.output_shapes) == 1:
            assert shape_text(layer) in shown
    root = ET.parse(file).getroot()
    assert root.findtext(f"{SVG}title") == graph.name
    assert not list(root.iter(f"{SVG}script"))


def test_the_picture_is_the_same_as_svg_and_as_png(
    tab: Tab, browser: Browser, tmp_path: Path
) -> None:
    svg = save(tab, "^SVG Picture sharp", tmp_path)
    png = save(tab, "^PNG Picture [0-9]", tmp_path)

    page = browser.new_page()
    try:
        same: float = page.evaluate(
            """async ([svg, png]) => {
              const draw = async (address) => {
                const image = new Image();
                image.src = address;
                await image.decode();
                const canvas = document.createElement("canvas");
                const [width, height] = [canvas.width, canvas.height] = [1000, 700];
                const context = canvas.getContext("2d");
                context.drawImage(image, 0, 0, width, height);
                return context.getImageData(0, 0, width, height).data;
              };
              const [a, b] = [await draw(svg), await draw(png)];
              let alike = 0;
              for (let i = 0; i < a.length; i += 4) {
                const apart = Math.max(
                  Math.abs(a[i] - b[i]),
                  Math.abs(a[i + 1] - b[i + 1]),
                  Math.abs(a[i + 2] - b[i + 2]),
                );
                alike += apart < 48 ? 4 : 0;
              }
              // What is on the picture at all, so that two empty ones do not pass.
              const colours = new Set(new Uint32Array(b.buffer)).size;
              return colours > 50 ? alike / a.length : 0;
            }""",
            [address(svg, "image/svg+xml"), address(png, "image/png")],
        )
    finally:
        page.close()
    assert same > 0.99


def address(file: Path, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def test_the_png_is_twice_as_fine_as_the_screen(tab: Tab, tmp_path: Path) -> None:
    box = tab.frame.get_by_role("application").bounding_box()
    assert box is not None
    data = save(tab, "^PNG Picture [0-9]", tmp_path).read_bytes()

    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    assert width == pytest.approx(2 * box["width"], abs=4)
    assert height == pytest.approx(2 * box["height"], abs=4)


def test_the_json_is_the_document_that_was_logged(
    tab: Tab, graph: ModelGraph, tmp_path: Path
) -> None:
    file = save(tab, "^JSON", tmp_path)

    assert msgspec.json.decode(file.read_bytes(), type=ModelGraph) == graph


def test_the_table_has_every_layer(tab: Tab, graph: ModelGraph, tmp_path: Path) -> None:
    tab.button("Table").click()
    file = save(tab, "^CSV", tmp_path)

    assert b"\r\n" in file.read_bytes()
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    layers = list(graph.walk())
    assert [row["path"] for row in rows] == [layer.path for layer in layers]
    for row, layer in zip(rows, layers, strict=True):
        assert int(row["params"]) == layer.params
        assert int(row["trainable_params"]) == layer.trainable_params
        assert row["class_name"] == layer.class_name
        assert float(row["share_of_params"]) == layer.params / graph.params


def test_dot_has_every_call_and_link_or_what_is_folded(
    tab: Tab, graph: ModelGraph, tmp_path: Path
) -> None:
    whole = save(tab, "^DOT Whole graph", tmp_path).read_text()
    folded = save(tab, "^DOT Graph as folded", tmp_path).read_text()

    groups = {node.parent for node in graph.nodes} - {None}
    assert set(map(int, re.findall(r"subgraph cluster_(\d+) ", whole))) == groups
    nodes = {node.id for node in graph.nodes} - groups
    assert set(map(int, re.findall(r"^ *n(\d+) \[", whole, re.MULTILINE))) == nodes
    links = re.findall(r"^ *n(\d+) -> n(\d+);$", whole, re.MULTILINE)
    assert {(int(a), int(b)) for a, b in links} == set(graph.links)

    drawn = tab.frame.locator(".kv-graph-buttons .kv-node:not([hidden])").count()
    assert len(re.findall(r"^ *n\d+ \[", folded, re.MULTILINE)) == drawn
    assert drawn < len(nodes)
    assert "subgraph" not in folded


def test_the_menu_is_used_with_the_keyboard(tab: Tab, tmp_path: Path) -> None:
    button = tab.button("Export")
    button.focus()
    button.press("Enter")
    items = tab.frame.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    tab.page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(tab.frame.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()
