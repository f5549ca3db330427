"""The heads of attention, against the scores that were logged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import tb_kerasviz
from tb_kerasviz.reader import Run
from tests.e2e import unit_logs
from tests.e2e.tab import NARROW, WIDE, Tab
from tests.plugin.servers import Process

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]
STEP = unit_logs.STEPS[-1]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log_dir = tmp_path_factory.mktemp("attention")
    unit_logs.write_attention(log_dir / "attention")
    return log_dir


@pytest.fixture(scope="module")
def run(logs: Path) -> Run:
    return tb_kerasviz.load(logs)["attention"]


def previous_share(scores: np.ndarray, kept: np.ndarray) -> float:
    """Share of the weights on the token before, over the queries that have one."""
    rows = [row / row.sum() for row in scores[kept]]
    return float(np.mean([row[at - 1] for at, row in enumerate(rows) if at > 0]))


def test_the_head_that_looks_back_is_found_in_one_click(
    served: Process, open_tab: OpenTab, run: Run
) -> None:
    activation = run.activations("attention", STEP, output=1)
    assert activation.mask is not None
    shares = [previous_share(one, activation.mask) for one in activation.maps]
    assert int(np.argmax(shares)) == 1

    tab = open_tab(served).open(view="activations")
    tab.button("Attention").click()

    summary = tab.frame.get_by_label("Heads that look at known places")
    expect(summary).to_contain_text("Most on the previous token")
    expect(summary).to_contain_text("attention, head 1")
    tiles = tab.frame.locator(".kv-head-tile")
    expect(tiles).to_have_count(unit_logs.HEADS)
    expect(tiles.nth(1)).to_have_attribute("aria-label", re.compile("previous token"))
    expect(tiles.nth(0)).to_have_attribute("aria-label", re.compile("same token"))

    tab.frame.get_by_label("Order by").select_option("previous")
    expect(tiles.first).to_have_attribute(
        "aria-label", re.compile("^head 1, attention")
    )
    shown = [
        re.search(r"([\d.]+)% previous token", one.get_attribute("aria-label") or "")
        for one in tiles.all()
    ]
    numbers = [float(one.group(1)) / 100 for one in shown if one is not None]
    assert numbers == pytest.approx(sorted(shares, reverse=True), abs=0.006)


def test_a_weight_under_the_pointer_is_the_logged_one(
    served: Process, open_tab: OpenTab, run: Run
) -> None:
    tab = open_tab(served).open(
        view="activations", layer="attention", output=1, channel=1, sample=1
    )
    maps = run.activations("attention", STEP, sample=1, output=1).maps
    tokens = run.probe(0).inputs[0].tokens[1]

    matrix = tab.frame.locator(".kv-attention-matrix")
    expect(matrix).to_be_visible()
    box = matrix.bounding_box()
    assert box is not None
    cell, left, top = (
        float(matrix.get_attribute(f"data-{name}") or "nan")
        for name in ("cell", "left", "top")
    )
    for query, key in ((0, 3), (1, 0), (5, 4), (7, 1)):
        tab.page.mouse.move(
            box["x"] + left + (key + 0.5) * cell, box["y"] + top + (query + 0.5) * cell
        )
        lines = tab.frame.locator(".kv-hover-tip div")
        expect(lines.nth(1)).to_have_text(
            f"query {query} \N{LEFT DOUBLE QUOTATION MARK}{tokens[query]}"
            "\N{RIGHT DOUBLE QUOTATION MARK}"
        )
        expect(lines.nth(2)).to_have_text(
            f"key {key} \N{LEFT DOUBLE QUOTATION MARK}{tokens[key]}"
            "\N{RIGHT DOUBLE QUOTATION MARK}"
        )
        assert float(lines.nth(0).inner_text()) == pytest.approx(
            maps[1, query, key], rel=1e-3, abs=1e-6
        )
    # The last query looks at the token before it, in the text too.
    hint = tab.frame.locator(".kv-token-hint")
    expect(hint).to_contain_text("looks at 6")
    assert tab.frame.locator("b").count() == 0


def test_a_head_is_saved_as_it_was_logged(
    served: Process, open_tab: OpenTab, run: Run, tmp_path: Path
) -> None:
    tab = open_tab(served).open(
        view="activations", layer="attention", output=1, channel=1, sample=1
    )
    with tab.page.expect_download() as download:
        tab.button("Save this head as NPZ").click()
    download.value.save_as(tmp_path / "head.npz")
    with np.load(tmp_path / "head.npz") as arrays:
        maps = run.activations("attention", STEP, sample=1, output=1).maps
        np.testing.assert_allclose(arrays["map"], maps[1], rtol=1e-6)


def test_masked_tokens_are_marked(served: Process, open_tab: OpenTab, run: Run) -> None:
    mask = run.activations("attention", STEP, sample=0, output=1).mask
    assert mask is not None
    tab = open_tab(served).open(
        view="activations", layer="attention", output=1, channel=1, sample=0
    )
    masked = tab.frame.locator(".kv-token-masked")
    expect(masked).to_have_count(int(np.sum(~mask)))
    expect(masked.first).to_have_text("[PAD]")

    tab.open(view="activations", layer="read", sample=0)
    expect(tab.text("2 of 8 time steps masked")).to_be_visible()


def test_a_sequence_has_its_tokens_and_its_values(
    served: Process, open_tab: OpenTab, run: Run
) -> None:
    tab = open_tab(served).open(view="activations", layer="read", sample=1)
    maps = run.activations("read", STEP, sample=1).maps
    sequence = tab.frame.get_by_label("5 units over 8 time steps")
    expect(sequence).to_be_visible()
    box = sequence.bounding_box()
    assert box is not None
    # Cells of 64 x 26 pixels, right of and below the axes.
    tab.page.mouse.move(box["x"] + 56 + 1.5 * 64, box["y"] + 8 + 2.5 * 26)
    lines = tab.frame.locator(".kv-hover-tip div")
    expect(lines.nth(1)).to_have_text("unit 2, time step 1")
    expect(lines.nth(2)).to_contain_text("<b>dog</b>")
    assert float(lines.nth(0).inner_text()) == pytest.approx(
        maps[2, 0, 1], rel=1e-3, abs=1e-6
    )


def test_a_layer_leads_to_its_heads_and_to_the_graph_and_back(
    served: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(served).open(view="activations", layer="attention")
    tab.button(f"{unit_logs.HEADS} heads").click()
    expect(tab.frame.locator(".kv-head-tile")).to_have_count(unit_logs.HEADS)
    assert tab.state()["output"] == "1"

    tab.button("Show in Architecture").click()
    expect(tab.button("See its activations")).to_be_visible()
    assert tab.state()["layer"] == "attention"
    tab.page.go_back()
    expect(tab.frame.locator(".kv-head-tile")).to_have_count(unit_logs.HEADS)


def test_the_steps_play_with_the_loss(
    served: Process, open_tab: OpenTab, run: Run
) -> None:
    tab = open_tab(served).open(view="activations", mode="attention", step=0)
    losses = run.scalars("epoch_loss")
    shown = tab.frame.locator(".kv-scrubber output")
    loss = tab.frame.locator(".kv-scrubber-loss")
    expect(shown).to_have_text("step 0")
    expect(loss).to_have_text("loss 1")

    tab.frame.get_by_label("Speed of playing").select_option("4")
    tab.frame.locator(".kv-scrubber-track input").focus()
    tab.page.keyboard.press("Space")
    expect(shown).to_have_text(f"step {STEP}")
    expect(tab.button("Play")).to_be_visible()
    number = float(loss.inner_text().removeprefix("loss "))
    assert number == pytest.approx(losses.values[-1], rel=1e-3)
    tab.page.keyboard.press("Home")
    expect(shown).to_have_text("step 0")


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_its_window(
    served: Process, open_tab: OpenTab, size: tuple[int, int], dark: bool
) -> None:
    tab = open_tab(served, size).open(dark=dark, view="activations", mode="attention")
    expect(tab.frame.locator(".kv-head-tile")).to_have_count(unit_logs.HEADS)
    assert tab.overflow() == 0
    tab.frame.locator(".kv-head-tile").first.click()
    expect(tab.frame.locator(".kv-attention-matrix")).to_be_visible()
    assert tab.overflow() == 0
