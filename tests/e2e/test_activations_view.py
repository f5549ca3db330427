"""The Activations view, against the arrays that were logged."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

import tb_kerasviz
from tests.e2e.conftest import EPOCHS
from tests.e2e.tab import NARROW, WIDE, Tab
from tests.plugin.servers import Process

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]


def hover_value(tab: Tab, tile: Locator, row: float, column: float) -> str:
    """What the note beside the pointer says first."""
    box = tile.bounding_box()
    assert box is not None
    tab.page.mouse.move(
        box["x"] + column * box["width"], box["y"] + row * box["height"]
    )
    return tab.frame.locator(".kv-hover-tip div").first.inner_text()


def test_a_value_under_the_pointer_is_the_logged_one(
    tensorboard: Process, open_tab: OpenTab, demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    step = run.steps("activations")[2]
    activation = run.activations("stem", step, sample=3)
    tab = open_tab(tensorboard).open(
        view="activations", run="healthy", layer="stem", sample=3, step=step
    )

    for channel in (0, 5, 15):
        tile = tab.frame.locator(f"[data-tile='{channel}']")
        expect(tile).to_be_visible()
        for row, column in ((0, 0), (3, 6), (7, 7)):
            shown = hover_value(tab, tile, (row + 0.5) / 8, (column + 0.5) / 8)
            assert float(shown) == pytest.approx(
                activation.maps[channel, row, column], rel=1e-3, abs=1e-6
            )


def test_a_pixel_has_the_colour_of_its_value(
    fast_tensorboard: Process, open_tab: OpenTab, demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    step = run.steps("activations")[-1]
    maps = run.activations("stem", step, sample=0).maps
    tab = open_tab(fast_tensorboard).open(
        view="activations", run="healthy", layer="stem", sample=0, step=step
    )
    expect(tab.frame.locator("[data-tile='0']")).to_be_visible()
    tab.page.wait_for_timeout(500)
    with Image.open(io.BytesIO(tab.page.screenshot())) as picture:
        pixels = np.asarray(picture.convert("L"), float)
    brightness = {}
    for channel in range(len(maps)):
        box = tab.frame.locator(f"[data-tile='{channel}']").bounding_box()
        assert box is not None
        for row, column in ((2, 3), (4, 5), (6, 1)):
            x = box["x"] + (column + 0.5) / 8 * box["width"]
            y = box["y"] + (row + 0.5) / 8 * box["height"]
            brightness[channel, row, column] = pixels[int(y), int(x)]
    values = np.array([maps[key] for key in brightness])
    shown = np.array(list(brightness.values()))

    # Viridis grows brighter with the value; a constant channel is hatched.
    drawn = np.array([np.ptp(maps[channel]) > 0 for channel, _, _ in brightness])
    order = np.argsort(values[drawn], kind="stable")
    assert np.all(np.diff(shown[drawn][order]) >= -6)
    assert np.ptp(shown[drawn]) > 60


def test_a_channel_opens_large_with_its_statistics(
    fast_tensorboard: Process, open_tab: OpenTab, demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    step = run.steps("activations")[-1]
    stats = run.activations("block_1_conv_2", step).stats[4]
    tab = open_tab(fast_tensorboard).open(
        view="activations", run="healthy", layer="block_1_conv_2"
    )

    tab.frame.locator("[data-tile='4']").click()

    detail = tab.frame.get_by_label("channel 4", exact=True)
    expect(detail).to_be_visible()
    table = detail.get_by_role("region", name="Statistics").get_by_role("table")
    for name, value in zip(("min", "max", "mean", "std"), stats, strict=False):
        header = tab.frame.get_by_role("rowheader", name=name, exact=True)
        shown = table.get_by_role("row").filter(has=header).get_by_role("cell").first
        assert float(
            shown.inner_text().replace("\N{MINUS SIGN}", "-")
        ) == pytest.approx(value, rel=1e-3, abs=1e-6)
    assert tab.state()["channel"] == "4"

    tab.page.keyboard.press("ArrowRight")
    expect(tab.frame.get_by_label("channel 5", exact=True)).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(tab.frame.locator("[data-tile='0']")).to_be_visible()
    assert "channel" not in tab.state()


def test_every_layer_is_listed_in_order_and_can_be_picked(
    fast_tensorboard: Process, open_tab: OpenTab, demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    index = run.activation_index(run.steps("activations")[-1])
    tab = open_tab(fast_tensorboard).open(view="activations", run="healthy")
    rows = tab.frame.get_by_role("listbox", name="Layers").get_by_role("option")

    expect(rows.first).to_contain_text(index.layers[0].path)
    tab.frame.get_by_label("Filter layers by name or class").fill("GRU")
    expect(rows).to_have_count(2)
    rows.filter(has_text="read_rows").click()

    expect(tab.frame.get_by_role("heading", name="read_rows")).to_be_visible()
    assert tab.state()["layer"] == "read_rows"
    expect(tab.frame.get_by_label("24 units over 8 time steps")).to_be_visible()


def test_a_dense_layer_is_shown_as_bars(
    fast_tensorboard: Process, open_tab: OpenTab, demo_logs: Path
) -> None:
    tab = open_tab(fast_tensorboard).open(
        view="activations", run="healthy", layer="digit", sample=7
    )

    expect(tab.button("Bars")).to_be_visible()
    tab.button("Statistics").click()
    expect(tab.frame.get_by_role("table")).to_be_visible()


def test_the_probe_is_shown_as_pictures_with_its_labels(
    fast_tensorboard: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(fast_tensorboard).open(view="activations", run="healthy")
    samples = tab.frame.get_by_role("radio")

    expect(samples).to_have_count(10)
    samples.nth(6).click()
    assert tab.state()["sample"] == "6"
    samples.nth(6).press("ArrowRight")
    expect(samples.nth(7)).to_have_attribute("aria-checked", "true")


def test_every_step_that_was_written_can_be_reached(
    tensorboard: Process, open_tab: OpenTab, demo_logs: Path
) -> None:
    run = tb_kerasviz.load(demo_logs)["healthy"]
    steps = run.steps("activations")
    assert len(steps) == EPOCHS + 1
    tab = open_tab(tensorboard).open(view="activations", run="healthy", layer="stem")
    shown = tab.frame.locator(".kv-scrubber output")

    expect(shown).to_have_text(f"step {steps[-1]}")
    for step in reversed(steps[:-1]):
        tab.button("Previous step").click()
        expect(shown).to_have_text(f"step {step}")
    expect(tab.button("Previous step")).to_be_disabled()
    assert tab.state()["step"] == "0"


def test_dead_channels_are_said(fast_tensorboard: Process, open_tab: OpenTab) -> None:
    tab = open_tab(fast_tensorboard).open(
        view="activations", run="dead_relus", layer="stem"
    )

    expect(tab.text(re.compile("16 all zero|16 of 16 constant"))).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("layer", ["stem", "read_rows", "hidden"])
def test_the_view_fits_the_window(
    fast_tensorboard: Process, open_tab: OpenTab, size: tuple[int, int], layer: str
) -> None:
    tab = open_tab(fast_tensorboard, size).open(
        view="activations", run="healthy", layer=layer
    )

    expect(tab.frame.get_by_role("heading", name=layer)).to_be_visible()
    assert tab.overflow() <= 0
