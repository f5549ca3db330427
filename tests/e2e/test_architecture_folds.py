"""How the Architecture view folds large models, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import pytest
from playwright.sync_api import Locator, expect

import tb_kerasviz
from tests.e2e.tab import NARROW, Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]
BLOCKS = 12
TIMES = "\N{MULTIPLICATION SIGN}"


def transformer() -> keras.Model:
    """A stack of equal nested models."""
    tokens = keras.Input((16,), dtype="int32", name="tokens")
    x = keras.layers.Embedding(50, 8, name="embedding")(tokens)
    for i in range(BLOCKS):
        inside = keras.Input((16, 8))
        y = keras.layers.LayerNormalization(name="norm")(inside)
        y = keras.layers.Dense(8, name="mix")(y)
        y = keras.layers.Add(name="add")([inside, y])
        x = keras.Model(inside, y, name=f"block_{i}")(x)
    x = keras.layers.LayerNormalization(name="final_norm")(x)
    return keras.Model(tokens, keras.layers.Dense(50, name="head")(x), name="stack")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    logs: Path = tmp_path_factory.mktemp("folds")
    models = {
        "mobilenet": keras.applications.MobileNetV2(weights=None),
        "resnet": keras.applications.ResNet50(weights=None),
        "transformer": transformer(),
    }
    for run, model in models.items():
        with tb_kerasviz.Writer(logs / run) as writer:
            writer.write_model(0, model)
    with run_tensorboard(logs) as process:
        yield process


def named(tab: Tab, name: str) -> Locator:
    """The button over the node whose name begins like this."""
    return tab.frame.locator(".kv-node:not([hidden])").and_(
        tab.frame.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))
    )


def shown(tab: Tab) -> Locator:
    return tab.frame.locator(".kv-node:not([hidden])")


@pytest.mark.parametrize("run", ["mobilenet", "resnet", "transformer"])
def test_the_first_sight_of_a_large_model_is_whole(
    server: Process, open_tab: OpenTab, run: str
) -> None:
    tab = open_tab(server, NARROW).open(run=run)
    expect(shown(tab).first).to_be_visible()
    assert 5 <= shown(tab).count() <= 14

    canvas = tab.frame.locator(".kv-graph").bounding_box()
    assert canvas is not None
    for node in shown(tab).all():
        box = node.bounding_box()
        assert box is not None
        assert box["y"] >= canvas["y"]
        assert box["y"] + box["height"] <= canvas["y"] + canvas["height"]


def test_equal_blocks_are_one_card_and_open_one_by_one(
    server: Process, open_tab: OpenTab
) -> None:
    tab = open_tab(server).open(run="transformer")
    repeat = named(tab, f"block_0 … block_{BLOCKS - 1}, {BLOCKS} {TIMES} block")
    expect(repeat).to_have_attribute("aria-expanded", "false")
    repeat.press("Enter")
    expect(repeat).to_have_attribute("aria-expanded", "true")
    block = named(tab, "block_7,")
    expect(block).to_have_attribute("aria-expanded", "false")
    block.press("Enter")
    expect(named(tab, "mix,")).to_have_count(1)

    repeat.press("Enter")
    expect(block).to_have_count(0)


def test_groups_by_name_say_what_is_in_them(server: Process, open_tab: OpenTab) -> None:
    tab = open_tab(server).open(run="resnet")
    shapes = "56x56x256 → 28x28x512".replace("x", TIMES)
    group = named(tab, f"conv3, 42 layers, {shapes}, 1,230,336 parameters")
    group.click()
    panel = tab.frame.get_by_label("Details", exact=True)
    expect(panel.get_by_role("heading", name="conv3")).to_be_visible()
    expect(panel).to_contain_text("Layers whose names begin alike")
    panel.get_by_role("button", name="conv3_block2").click()
    expect(named(tab, "conv3_block2,")).to_have_attribute("aria-current", "true")
    expect(group).to_have_attribute("aria-expanded", "true")


def test_a_layer_that_folds_hide_is_found(server: Process, open_tab: OpenTab) -> None:
    tab = open_tab(server).open(run="mobilenet", layer="block_8_depthwise")
    expect(named(tab, "block_8_depthwise,")).to_be_visible()
    for title in (f"14{TIMES}14", "block_7 … block_9", "block_8,"):
        expect(named(tab, title)).to_have_attribute("aria-expanded", "true")


def test_what_is_opened_stays_where_it_is(server: Process, open_tab: OpenTab) -> None:
    tab = open_tab(server).open(run="resnet")
    group = named(tab, "conv4,")
    before = group.bounding_box()
    group.press("Enter")
    expect(named(tab, "conv4_block1,")).to_be_visible()
    after = group.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 1
