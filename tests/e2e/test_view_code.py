"""The code of each view, which is loaded when the view is first shown."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import RUNS, wait_for_runs
from tests.e2e.tab import Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]

WEIGHTS_CODE = re.compile(r"/static/chunks/weights_view-[^/]+\.js$")


def test_every_view_is_loaded_below_a_path_prefix(
    demo_logs: Path, open_tab: OpenTab
) -> None:
    with run_tensorboard(demo_logs, "--path_prefix", "/proxy/tb") as process:
        process.url += "/proxy/tb"
        wait_for_runs(process, RUNS)
        tab = open_tab(process)
        chunks: set[str] = set()
        tab.page.on("request", lambda request: chunks.add(request.url))
        tab.open(run="healthy")

        expect(tab.frame.locator("[data-path='pool']")).to_be_visible()
        for name, shown in [
            ("Activations", tab.frame.get_by_label("Activations of stem")),
            ("Gradients", tab.frame.get_by_label("Layers by steps", exact=False)),
            ("Weights", tab.frame.get_by_label("Values of the variable", exact=False)),
        ]:
            tab.frame.get_by_role("tab", name=name).click()
            expect(shown.first).to_be_visible()
        prefix = f"{process.url}/data/plugin/kerasviz/static/"
        static = {url for url in chunks if "/kerasviz/static/" in url}
        assert len(static) > 4
        assert all(url.startswith(prefix) for url in static)
        # TensorBoard's own fonts are looked for outside the prefix.
        assert not [problem for problem in tab.problems if "kerasviz" in problem]
        tab.problems.clear()


def test_the_other_views_are_loaded_before_they_are_asked_for(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(fast_tensorboard)
    with tab.page.expect_response(WEIGHTS_CODE) as response:
        tab.open(run="healthy")
    assert response.value.ok
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.wait_for_load_state("networkidle")
    asked.clear()
    tab.frame.get_by_role("tab", name="Weights").click()
    expect(tab.frame.get_by_label("Variables, by layers", exact=False)).to_be_visible()
    assert not [url for url in asked if "/static/" in url]


def test_code_that_is_gone_is_said_and_loaded_anew(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(fast_tensorboard)
    # As after an upgrade under an open tab: the names of the chunks have changed.
    tab.page.route(WEIGHTS_CODE, lambda route: route.fulfill(status=404))
    tab.open(view="weights", run="healthy", layer="stem")
    alert = tab.text("The view Weights could not be loaded")
    expect(alert).to_be_visible()
    tab.frame.get_by_role("tab", name="Architecture").click()
    expect(tab.frame.locator("[data-path='pool']")).to_be_visible()
    tab.frame.get_by_role("tab", name="Weights").click()
    expect(alert).to_be_visible()
    assert any("weights_view" in problem for problem in tab.problems)

    tab.page.unroute(WEIGHTS_CODE)
    tab.button("Load the tab again").click()
    expect(
        tab.frame.get_by_label("Values of the variable", exact=False)
    ).to_be_visible()
    state = tab.state()
    assert (state["view"], state["layer"]) == ("weights", "stem")
    tab.problems.clear()


def test_an_error_in_one_view_leaves_the_others(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    def damage(route: Route) -> None:
        answer = route.fetch()
        graph = {**answer.json(), "nodes": None}
        route.fulfill(response=answer, body=json.dumps(graph))

    tab = open_tab(fast_tensorboard)
    tab.page.route("**/kerasviz/model_graph?*", damage)
    tab.open(view="architecture", run="healthy")
    expect(tab.text("The view Architecture cannot be shown")).to_be_visible()
    tab.button("Copy the details").click()
    expect(tab.frame.get_by_role("status").filter(has_text="Cop")).to_be_visible()
    # Nobody caught it, as far as the browser's console knows.
    assert all("of null" in problem for problem in tab.problems)
    assert tab.problems
    tab.frame.get_by_role("tab", name="Weights").click()
    expect(tab.frame.get_by_label("Variables, by layers", exact=False)).to_be_visible()
    tab.page.unroute("**/kerasviz/model_graph?*")
    tab.frame.get_by_role("tab", name="Architecture").click()
    expect(tab.text("The view Architecture cannot be shown")).to_be_visible()
    # TensorBoard ignores the click while it loads.
    reload = tab.page.locator("button.reload-button, app-header-reload button")
    pool = tab.frame.locator("[data-path='pool']")
    deadline = time.monotonic() + 60
    while not pool.is_visible() and time.monotonic() < deadline:
        reload.click()
        tab.page.wait_for_timeout(2000)
    expect(pool).to_be_visible()
    tab.problems.clear()
