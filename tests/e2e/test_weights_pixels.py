"""What the view Weights paints, pixel by pixel, against what was logged."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import tb_kerasviz
from tests.e2e.colors import Floats, Pixels, mismatches
from tests.e2e.tab import Tab
from tests.plugin.servers import Process

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]

STEPS = (0, 10, 20, 100)
"""Of the captures; the last one is far from the others."""

GAP = 3
"""Pixels between tiles."""


def values_at(step: int) -> dict[str, Floats]:
    """Values of each variable, by its path, at a step."""
    random = np.random.default_rng(step)
    broken = random.normal(size=(5, 7)).astype(np.float32)
    broken[0, :3] = (np.nan, np.inf, -np.inf)
    return {
        "tiles/kernel": random.normal(size=(3, 3, 4, 6)).astype(np.float32),
        "dense/kernel": broken,
        "norm/gamma": (1 + step / 100 + random.random(7) / 10).astype(np.float32),
    }


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Captures of variables whose values are known."""
    log_dir = tmp_path_factory.mktemp("known_weights")
    inputs = keras.Input((8, 8, 4))
    x = keras.layers.Conv2D(6, 3, use_bias=False, name="tiles")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(5, use_bias=False, name="first")(x)
    x = keras.layers.Dense(7, use_bias=False, name="dense")(x)
    x = keras.layers.BatchNormalization(name="norm")(x)
    model = keras.Model(inputs, x)
    variables = {variable.path: variable for variable in model.weights}
    with tb_kerasviz.Writer(log_dir / "known") as writer:
        writer.write_model(0, model)
        for step in STEPS:
            for path, values in values_at(step).items():
                variables[path].assign(values)
            writer.write_weights(step, model)
    return log_dir


def open_variable(
    open_tab: OpenTab,
    served: Process,
    path: str,
    *,
    dark: bool = False,
    **state: object,
) -> Tab:
    tab = open_tab(served)
    tab.open(dark=dark, run="known", view="weights", variable=path, **state)
    grid(tab).wait_for()
    expect(tab.frame.locator(".kv-busy-line")).to_have_count(0)
    return tab


def grid(tab: Tab) -> Locator:
    return tab.frame.get_by_role("grid", name="Values of the variable")


def pixels_of(canvas: Locator) -> Pixels:
    """What a canvas holds, `[h, w, 3]`; of a copy, since the browser warns of reads."""
    width, height, data = canvas.evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const context = new OffscreenCanvas(width, height).getContext("2d");
          context.drawImage(canvas, 0, 0);
          const { data } = context.getImageData(0, 0, width, height);
          let text = "";
          data.forEach((byte) => { text += String.fromCharCode(byte); });
          return [width, height, btoa(text)];
        }"""
    )
    pixels = np.frombuffer(base64.b64decode(data), np.uint8)
    return pixels.reshape(height, width, 4)[..., :3].copy()


def cells_of(tab: Tab, tiles: tuple[int, int], size: tuple[int, int]) -> Pixels:
    """The middle of each cell, over all tiles.

    Args:
        tab: Where they are shown.
        tiles: Tiles below and beside each other.
        size: Rows and columns of a tile.
    """
    seen = pixels_of(grid(tab).locator("canvas"))
    places = []
    for axis in (0, 1):
        gap = GAP if tiles[0] * tiles[1] > 1 else 0
        cell = (seen.shape[axis] - gap * (tiles[axis] - 1)) / (tiles[axis] * size[axis])
        at = np.arange(tiles[axis] * size[axis])
        places.append((at * cell + at // size[axis] * gap + cell / 2).astype(int))
    return seen[np.ix_(*places)]


def as_tiles(kernel: Floats) -> Floats:
    """A kernel `[h, w, inputs, outputs]` as the picture has it."""
    height, width, inputs, outputs = kernel.shape
    return kernel.transpose(2, 0, 3, 1).reshape(inputs * height, outputs * width)


def even(values: Floats) -> tuple[float, float]:
    most = float(np.abs(values[np.isfinite(values)]).max())
    return -most, most


@pytest.mark.parametrize("dark", [False, True])
def test_tiles_have_the_colours_of_their_values(
    served: Process, open_tab: OpenTab, dark: bool
) -> None:
    tab = open_variable(open_tab, served, "tiles/kernel", dark=dark, step=20)
    wanted = as_tiles(values_at(20)["tiles/kernel"])
    palette = "diverging dark" if dark else "diverging"
    seen = cells_of(tab, (4, 6), (3, 3))
    assert mismatches(seen, wanted, *even(wanted), palette) == []


def test_a_matrix_has_the_colours_of_its_values(
    served: Process, open_tab: OpenTab
) -> None:
    """Also of those that are no numbers, whose signs are beside the middle."""
    tab = open_variable(open_tab, served, "dense/kernel", step=10)
    wanted = values_at(10)["dense/kernel"]
    # Signs of what is no number lie on the middle of their cells.
    finite = np.isfinite(wanted)
    seen = cells_of(tab, (1, 1), (5, 7))
    seen[~finite] = 0
    assert (~finite).sum() == 3
    wrong = mismatches(seen[1:], wanted[1:], *even(wanted), "diverging")
    wrong += mismatches(seen[:1, 3:], wanted[:1, 3:], *even(wanted), "diverging")
    assert wrong == []


def test_what_is_never_negative_has_the_colours_of_its_range(
    served: Process, open_tab: OpenTab
) -> None:
    tab = open_variable(open_tab, served, "norm/gamma", step=100)
    wanted = values_at(100)["norm/gamma"][None]
    low, high = float(wanted.min()), float(wanted.max())
    seen = cells_of(tab, (1, 1), wanted.shape)
    assert mismatches(seen, wanted, low, high, "sequential") == []


def test_the_difference_to_a_chosen_step_is_that_of_the_arrays(
    served: Process, open_tab: OpenTab
) -> None:
    tab = open_variable(open_tab, served, "tiles/kernel", step=100)
    tab.frame.get_by_label("Difference to").select_option("step 10")
    tab.text("Step 100 minus step 10.").wait_for()
    assert tab.state()["weights_vs"] == "step:10"
    now, before = (values_at(step)["tiles/kernel"] for step in (100, 10))
    wanted = as_tiles(now - before)
    seen = cells_of(tab, (4, 6), (3, 3))
    assert mismatches(seen, wanted, *even(wanted), "difference") == []

    # Row 1 of the window, column 2, input 0, output 1.
    box = grid(tab).locator("canvas").bounding_box()
    assert box is not None
    cell = (box["width"] - 5 * GAP) / 18
    grid(tab).click(position={"x": 5.5 * cell + GAP, "y": 1.5 * cell})
    said = tab.frame.locator(".kv-weight-readout")
    expect(said).to_contain_text("row 1, column 2, input channel 0, output channel 1")
    numbers = re.findall(r"-?\d[\d.e-]*", said.inner_text())[:3]
    at = (1, 2, 0, 1)
    assert [np.float32(number) for number in numbers] == [
        now[at] - before[at],
        now[at],
        before[at],
    ]

    # A step between two captures is that of the one before it.
    tab.open(
        run="known",
        view="weights",
        variable="tiles/kernel",
        weights_vs="step:15",
        step=20,
    )
    tab.text("Step 20 minus step 10 (there is no capture of step 15).").wait_for()


def test_histograms_lie_at_their_steps_and_count_every_value(
    served: Process, open_tab: OpenTab
) -> None:
    tab = open_variable(open_tab, served, "tiles/kernel", step=0)
    histograms = tab.frame.get_by_role("slider", name="Histograms over steps")
    seen = pixels_of(histograms.locator("canvas"))
    height, width, _ = seen.shape
    # Columns of 10 steps, from 5 before the first one to 5 after the last.
    places = [int((step + 5) / 110 * width) for step in (0, 10, 20, 65, 100)]
    assert width > 300
    # The line of zero goes through; beside it a gap is as empty as the page.
    middle = seen[height // 2 - 20 : height // 2 - 5]
    drawn = [bool(middle[:, place].any()) for place in places]
    assert drawn == [True, True, True, False, True]

    def count_at(x: float, y: float) -> list[str]:
        histograms.hover(position={"x": x, "y": y})
        return tab.frame.locator(".kv-hover-tip").inner_text().split("\n")

    # Every bin of the capture, pixel by pixel, each once.
    values = values_at(20)["tiles/kernel"].astype(float)
    bins: dict[tuple[float, float], int] = {}
    for y in range(1, height - 1, 2):
        first, bounds, step = count_at(places[2], y)
        assert step == "step 20"
        low, high = map(float, bounds.removeprefix("from ").split(" to "))
        bins[low, high] = int(first.removesuffix(" values").replace(",", ""))
    assert sum(bins.values()) == values.size
    edges = [*sorted(low for low, _ in bins), max(high for _, high in bins)]
    counts, _ = np.histogram(values, edges)
    assert counts.tolist() == [bins[bounds] for bounds in sorted(bins)]

    # In the gap the nearest capture is pointed at, and a click goes there.
    assert count_at(places[3], height / 2)[-1] == "step 100"
    histograms.click(position={"x": places[4], "y": height / 2})
    tab.text(re.compile(r"Capture of step 100\.")).wait_for()


def test_a_variable_is_saved_as_it_was_captured(
    served: Process, open_tab: OpenTab, tmp_path: Path
) -> None:
    tab = open_variable(open_tab, served, "tiles/kernel", step=20)
    with tab.page.expect_download() as download:
        tab.button("Save this variable as NPZ").click()
    assert download.value.suggested_filename == "known_tiles-kernel_step-20.npz"
    download.value.save_as(tmp_path / "kernel.npz")
    values = values_at(20)["tiles/kernel"]
    with np.load(tmp_path / "kernel.npz") as arrays:
        np.testing.assert_array_equal(arrays["values"], values)
        assert arrays["index_3"].tolist() == list(range(6))
        counts, _ = np.histogram(values.astype(float), arrays["edges"])
        assert arrays["counts"].tolist() == counts.tolist()

    with tab.page.expect_download() as download:
        tab.button("Save this variable as CSV").click()
    download.value.save_as(tmp_path / "kernel.csv")
    head, *lines = (tmp_path / "kernel.csv").read_text().split()
    norm = head.split(",").index("norm")
    assert [line.split(",")[0] for line in lines] == [str(step) for step in STEPS]
    for line, step in zip(lines, STEPS, strict=True):
        wanted = float(np.linalg.norm(values_at(step)["tiles/kernel"]))
        assert float(line.split(",")[norm]) == pytest.approx(wanted, rel=1e-6)
