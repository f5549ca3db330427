"""Paths between layers, in the graph that was logged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

import tb_kerasviz
from tb_kerasviz.wire.schema import ModelGraph
from tests.e2e.tab import Tab
from tests.plugin.servers import Process

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]


@pytest.fixture(scope="module")
def graph(demo_logs: Path) -> ModelGraph:
    return tb_kerasviz.load(demo_logs)["healthy"].model_graph()


def node(tab: Tab, path: str) -> Locator:
    return tab.frame.locator(f".kv-graph-buttons [data-path='{path}']")


def walk(graph: ModelGraph, path: list[int], end: int) -> Iterator[list[int]]:
    """All paths to a call, one by one."""
    if path[-1] == end:
        yield path
        return
    for source, target in graph.links:
        if source == path[-1]:
            yield from walk(graph, [*path, target], end)


def call_of(graph: ModelGraph, path: str) -> int:
    return next(node.id for node in graph.nodes if node.layer == path)


def test_paths_are_counted_and_lit_by_the_keyboard(
    fast_tensorboard: Process, open_tab: OpenTab, graph: ModelGraph
) -> None:
    paths = list(walk(graph, [call_of(graph, "stem")], call_of(graph, "digit")))
    tab = open_tab(fast_tensorboard).open(run="healthy")
    bar = tab.frame.get_by_role("status").filter(has_text="from stem")
    node(tab, "stem").focus()
    node(tab, "stem").press("p")
    expect(tab.text("choose where they end")).to_be_visible()

    node(tab, "digit").focus()
    node(tab, "digit").press("p")
    expect(bar).to_contain_text(f"{len(paths)} paths from stem to digit")
    expect(bar).to_contain_text(f"{min(map(len, paths)) - 1} edges")
    assert json.loads(tab.state()["paths"]) == ["0:stem", "0:digit"]

    node(tab, "digit").press("Escape")
    expect(bar).to_have_count(0)
    assert "paths" not in tab.state()


def test_a_link_shows_them_also_through_groups_that_are_opened(
    fast_tensorboard: Process, open_tab: OpenTab, graph: ModelGraph
) -> None:
    ends = json.dumps(["0:block_1", "0:block_2"])
    tab = open_tab(fast_tensorboard).open(run="healthy", paths=ends)
    bar = tab.frame.get_by_role("status").filter(has_text="from block_1")

    expect(bar).to_contain_text("1 path from block_1 to block_2")
    tab.button("Expand all").click()
    expect(node(tab, "block_1_conv_1")).to_be_visible()
    expect(bar).to_contain_text("1 path from block_1 to block_2")


def test_there_is_a_way_round_where_there_is_none_there(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(fast_tensorboard).open(run="healthy", layer="digit")
    tab.button("Paths from here").click()
    node(tab, "stem").click()
    expect(tab.text("No path leads from digit to stem")).to_be_visible()

    tab.button("Turn round").click()
    expect(tab.text("from stem to digit")).to_be_visible()
    tab.button("Close").click()
    expect(tab.text("from stem to digit")).to_have_count(0)


def test_paths_of_another_model_are_refused(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    ends = json.dumps(["0:stem", "0:<b>nothing</b>"])
    tab = open_tab(fast_tensorboard).open(run="healthy", paths=ends)

    expect(tab.text("does not have both ends")).to_be_visible()
