"""The map of unit health, against the counts that were logged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

import tb_kerasviz
from tb_kerasviz.reader import Run
from tests.e2e import unit_logs
from tests.e2e.tab import NARROW, WIDE, Tab
from tests.plugin.servers import Process

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]
FIRST, SECOND, STEP = unit_logs.STEPS


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log_dir = tmp_path_factory.mktemp("units")
    unit_logs.write_units(log_dir / "units")
    return log_dir


@pytest.fixture(scope="module")
def run(logs: Path) -> Run:
    return tb_kerasviz.load(logs)["units"]


def test_dead_units_are_found_in_two_clicks(
    served: Process, open_tab: OpenTab, run: Run
) -> None:
    index = run.activation_index(STEP)
    counts = {entry.path: entry.unit_counts for entry in index.layers}
    assert counts["dead"] is not None
    assert counts["dead"].dead == unit_logs.DEAD

    tab = open_tab(served).open(view="activations")
    tab.button("Unit health").click()
    expect(
        tab.text(
            f"1 layer has units that are zero for all 6 samples at step {STEP}; "
            "worst: dead, 12 of 16 (75%)."
        )
    ).to_be_visible()

    tab.button("Show its units").click()
    expect(tab.frame.get_by_role("heading", name="dead")).to_be_visible()
    assert tab.state()["layer"] == "dead"
    assert tab.state()["filter"] == "dead"
    marked = tab.frame.get_by_label("Units that are marked")
    pressed = marked.get_by_role("button", pressed=True)
    expect(pressed).to_have_text(f"Dead{unit_logs.DEAD}")
    tab.page.go_back()
    expect(tab.button("Show its units")).to_be_visible()


def test_the_map_has_the_counts_of_every_step(
    served: Process, open_tab: OpenTab, run: Run
) -> None:
    tab = open_tab(served).open(view="activations", mode="health")
    health = run.unit_health()
    rows = tab.frame.locator(".kv-health-name")
    expect(rows).to_have_text([layer.path for layer in health.layers])

    cells = tab.frame.locator(".kv-health-rows")
    cells.focus()
    status = tab.frame.locator(".kv-health [role=status]")
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("Home")
    for row, layer in enumerate(health.layers):
        for column, step in enumerate(health.steps):
            count = layer.dead[column]
            verb = "is" if count == 1 else "are"
            expect(status).to_have_text(
                f"{count} of {layer.units} units of {layer.path} {verb} zero for all "
                f"6 samples at step {step}"
            )
            tab.page.keyboard.press("ArrowRight")
        tab.page.keyboard.press("Home")
        if row + 1 < len(health.layers):
            tab.page.keyboard.press("ArrowDown")

    # To where they died: the second step of the first layer.
    for key in ("PageUp", "ArrowRight", "Enter"):
        tab.page.keyboard.press(key)
    expect(tab.frame.get_by_role("heading", name="dead")).to_be_visible()
    assert tab.state()["step"] == str(SECOND)


def test_a_cell_under_the_pointer_says_its_count(
    served: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(served).open(view="activations", mode="health", health="saturated")
    cells = tab.frame.locator(".kv-health-rows")
    expect(cells).to_be_visible()
    box = cells.bounding_box()
    assert box is not None
    # The names are 250 pixels wide; the second row is that of the sigmoid.
    tab.page.mouse.move(box["x"] + 250 + 20, box["y"] + 36)
    expect(tab.frame.locator(".kv-hover-tip")).to_have_text(
        f"{unit_logs.SATURATED} of 8 units of squash are saturated at step {FIRST}"
    )
    totals = tab.frame.locator(".kv-health-row .kv-health-total")
    expect(totals).to_have_text(["no bounds", "3 of 8", "no bounds"])


def test_the_list_warns_of_a_layer_and_finds_it(
    served: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(served).open(view="activations")
    rows = tab.frame.get_by_role("listbox", name="Layers").get_by_role("option")
    expect(rows.filter(has_text="12 dead")).to_have_count(1)
    expect(rows.filter(has_text="3 sat.")).to_have_count(1)
    find = tab.frame.get_by_label("Filter layers by name or class")
    find.fill("saturated")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("squash")
    find.fill("")
    tab.frame.get_by_label("Order of the layers").select_option("saturated")
    expect(rows.first).to_contain_text("squash")


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_its_window(
    served: Process, open_tab: OpenTab, size: tuple[int, int], dark: bool
) -> None:
    tab = open_tab(served, size).open(dark=dark, view="activations", mode="health")
    expect(tab.frame.locator(".kv-health-name")).to_have_count(3)
    assert tab.overflow() == 0
