"""One channel large, its files, and the predictions, against what was logged."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect
from safetensors import safe_open

import tb_kerasviz
from tb_kerasviz.reader.run import Run
from tests.e2e.colors import Floats, Pixels, mismatches, palette
from tests.e2e.tab import NARROW, WIDE, Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]
OpenChannel = Callable[..., Tab]

SIDE = 12
STEPS = (0, 10, 20)
WEIGHT_STEPS = (0, 15)
LABELS = ("0", "1", "2", "1") * 3


def create_model() -> keras.Model:
    """A model whose first layer picks every second pixel.

    Its kernel is 1 in the middle and its padding "valid": value (i, j) of its map
    is pixel (2 i + 1, 2 j + 1) of the picture.
    """
    keras.utils.set_random_seed(3)
    picture = keras.Input((SIDE, SIDE, 1), name="picture")
    pick = keras.layers.Conv2D(1, 3, strides=2, use_bias=False, name="pick")
    maps = keras.layers.Conv2D(
        6, 3, padding="same", activation="relu", bias_initializer="normal", name="maps"
    )(picture)
    x = keras.layers.Flatten(name="flat")(maps)
    x = keras.layers.Concatenate(name="both")(
        [x, keras.layers.Flatten(name="picked")(pick(picture))]
    )
    classes = keras.layers.Dense(3, activation="softmax", name="classes")(x)
    model = keras.Model(picture, classes, name="known")
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[1, 1] = 1
    pick.set_weights([kernel])
    return model


@pytest.fixture(scope="module")
def channel_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Captures of activations and weights, of a model that changes in between."""
    log_dir = tmp_path_factory.mktemp("channel")
    model = create_model()
    random = np.random.default_rng(0)
    probe = random.random((len(LABELS), SIDE, SIDE, 1)).astype(np.float32)
    with tb_kerasviz.Writer(log_dir / "run") as writer:
        writer.write_model(0, model)
        for step in sorted({*STEPS, *WEIGHT_STEPS}):
            for name in ("maps", "classes"):
                layer = model.get_layer(name)
                layer.set_weights(
                    [w + random.normal(0, 0.1, w.shape) for w in layer.get_weights()]
                )
            if step in WEIGHT_STEPS:
                writer.write_weights(step, model)
            if step in STEPS:
                writer.write_activations(step, model, probe, labels=LABELS)
            # Nothing is dropped, however slow the machine is.
            writer.flush()
    return log_dir


@pytest.fixture(scope="module")
def run(channel_logs: Path) -> Run:
    """What was logged, as it is read back."""
    return tb_kerasviz.load(channel_logs)["run"]


@pytest.fixture(scope="module")
def channel_tensorboard(channel_logs: Path) -> Iterator[Process]:
    """TensorBoard on it."""

    def is_loaded() -> bool:
        status, headers, body = process.get("/data/plugin/kerasviz/runs")
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return status == 200 and b'"status":[' in body

    with run_tensorboard(channel_logs) as process:
        process.wait_for(is_loaded)
        yield process


@pytest.fixture
def open_channel(channel_tensorboard: Process, open_tab: OpenTab) -> OpenChannel:
    """Opens a channel of a layer."""

    def open_(
        layer: str, channel: int, size: tuple[int, int] = WIDE, **state: int
    ) -> Tab:
        place: dict[str, Any] = {"layer": layer, "channel": channel, **state}
        tab = open_tab(channel_tensorboard, size).open(view="activations", **place)
        expect(tab.frame.locator(".kv-rank-tile, .kv-rank-row")).to_have_count(
            len(LABELS)
        )
        return tab

    return open_


def stage(tab: Tab) -> Locator:
    """The map over its picture."""
    return tab.frame.get_by_label("Map of the channel")


def set_opacity(tab: Tab, percent: int) -> None:
    """Moves the slider between the picture and the map."""
    tab.frame.locator("#kv-opacity").evaluate(
        "(slider, value) => { slider.value = value;"
        " slider.dispatchEvent(new Event('input', { bubbles: true })); }",
        str(percent),
    )


def read_cells(tab: Tab, rows: int, columns: int) -> Pixels:
    """The colour in the middle of each of rows x columns parts of the stage."""
    tab.page.mouse.move(0, 0)
    tab.page.wait_for_timeout(150)
    box = stage(tab).bounding_box()
    assert box is not None
    with Image.open(io.BytesIO(tab.page.screenshot())) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    y = box["y"] + (np.arange(rows) + 0.5) * box["height"] / rows
    x = box["x"] + (np.arange(columns) + 0.5) * box["width"] / columns
    cells: Pixels = pixels[y.astype(int)[:, None], x.astype(int)[None, :]]
    return cells


def hover(tab: Tab, place: Locator, row: float, column: float) -> list[str]:
    """What the note says at a place, given as shares of the height and the width."""
    box = place.bounding_box()
    assert box is not None
    x = box["x"] + column * box["width"]
    y = box["y"] + row * box["height"]
    tab.page.mouse.move(x, y)
    return tab.frame.locator(".kv-hover-tip").inner_text().split("\n")


def save(tab: Tab, what: str, file_format: str, folder: Path) -> Path:
    """Clicks once and returns the file."""
    with tab.page.expect_download() as download:
        tab.button(f"Save {what} as {file_format}").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_map_lies_where_its_values_were_computed(
    open_channel: OpenChannel, run: Run
) -> None:
    maps = run.activations("pick", 20, sample=2).maps
    assert maps.shape == (1, 5, 5)
    tab = open_channel("pick", 0, sample=2, step=20)

    expect(tab.text("aligned: 1 value per 2 x 2 px, sees 3 x 3")).to_be_visible()
    for i, j in ((0, 0), (2, 3), (4, 4)):
        row, column = 2 * i + 1, 2 * j + 1
        said = hover(tab, stage(tab), (row + 0.5) / SIDE, (column + 0.5) / SIDE)
        assert float(said[0]) == pytest.approx(maps[0, i, j], rel=1e-3)
        assert said[1:] == [
            f"row {i}, column {j}",
            f"sees rows {row - 1} to {row + 1}, columns {column - 1} to {column + 1}",
            f"pixel {row}, {column} of the picture",
        ]
    # The outermost pixels are in no value's middle, and beside the map.
    said = hover(tab, stage(tab), 0.25 / SIDE, 0.25 / SIDE)
    assert said == ["beside the map", "pixel 0, 0 of the picture"]


def test_the_picture_shows_through_as_much_as_was_asked_for(
    open_channel: OpenChannel, run: Run
) -> None:
    activation = run.activations("maps", 20, sample=1)
    values = activation.maps[3]
    low, high = float(activation.maps.min()), float(activation.maps.max())
    tab = open_channel("maps", 3, sample=1, step=20)

    set_opacity(tab, 100)
    whole = read_cells(tab, SIDE, SIDE)
    assert mismatches(whole, values, low, high, "sequential") == []

    set_opacity(tab, 0)
    grey = read_cells(tab, SIDE, SIDE)
    assert np.all(np.ptp(grey, axis=-1) == 0)
    picked = run.activations("pick", 20, sample=1).maps[0]
    assert np.abs(grey[1:11:2, 1:11:2, 0] - picked * 255).max() <= 2

    set_opacity(tab, 60)
    mixed = read_cells(tab, SIDE, SIDE).astype(float)
    index = np.rint((values - low) / (high - low) * 255).astype(int)
    alpha = (0.6 ** (2 * (1 - index / 255)))[..., None]
    wanted = alpha * palette("sequential")[index] + (1 - alpha) * grey
    assert np.abs(mixed - wanted).max() <= 4


def test_the_statistics_are_those_of_this_sample_and_of_all(
    open_channel: OpenChannel, run: Run
) -> None:
    own = run.activations("maps", 20, sample=1).stats[2]
    every = run.activation_units("maps", 20).stats[2]
    tab = open_channel("maps", 2, sample=1, step=20)

    table = tab.frame.locator(".kv-facts")
    expect(table.get_by_role("columnheader", name=f"all {len(LABELS)}")).to_be_visible()
    for at, name in enumerate(("min", "max", "mean", "std")):
        cells = table.get_by_role("row").filter(has_text=re.compile(f"^{name}"))
        shown = [float(text) for text in cells.get_by_role("cell").all_inner_texts()]
        assert shown == pytest.approx([own[at], every[at]], rel=1e-3, abs=1e-6)


def test_the_histogram_counts_all_samples(open_channel: OpenChannel, run: Run) -> None:
    counts = run.activation_units("maps", 20).histogram[2]
    tab = open_channel("maps", 2, step=20)

    plot = tab.frame.locator(".kv-histogram")
    plot.scroll_into_view_if_needed()
    for bin_ in (0, int(counts.argmax()), len(counts) - 1):
        said = hover(tab, plot, 0.5, (bin_ + 0.5) / len(counts))
        assert said[0].startswith(f"{counts[bin_]:,} values")


def test_samples_are_ranked_by_what_excites_the_channel(
    open_channel: OpenChannel, run: Run
) -> None:
    samples = range(len(LABELS))
    maxima = [run.activations("maps", 20, sample=s).stats[4][1] for s in samples]
    order = np.argsort(maxima)[::-1]
    tab = open_channel("maps", 4, sample=int(order[-1]), step=20)

    tiles = tab.frame.locator(".kv-rank-tile")
    shown = tiles.locator(".kv-rank-value").all_inner_texts()
    assert [float(text) for text in shown] == pytest.approx(
        [maxima[sample] for sample in order], rel=1e-3
    )
    tiles.first.click()
    expect(tiles.first).to_have_attribute("aria-pressed", "true")
    assert tab.state().get("sample", "0") == str(order[0])


def test_a_plot_over_steps_leads_to_a_step(open_channel: OpenChannel, run: Run) -> None:
    means = [run.activation_units("maps", step).stats[2][2] for step in STEPS]
    tab = open_channel("maps", 2)

    plot = tab.frame.get_by_role("slider", name="mean over steps")
    expect(plot).to_have_attribute("aria-valuenow", "20")
    shown = plot.get_attribute("aria-valuetext") or ""
    assert float(shown.split()[0]) == pytest.approx(means[2], rel=1e-3)
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(plot).to_have_attribute("aria-valuenow", "10")
    assert tab.state()["step"] == "10"
    plot.press("ArrowLeft")
    expect(plot).to_have_attribute("aria-valuenow", "0")
    assert tab.state()["step"] == "0"


def test_the_incoming_kernel_is_that_of_the_last_weights(
    open_channel: OpenChannel, run: Run
) -> None:
    kernel = run.weights("maps/kernel", 15).values
    bias = run.weights("maps/bias", 15).values
    tab = open_channel("maps", 5, step=20)

    section = tab.frame.get_by_label("Incoming weights")
    expect(section).to_contain_text("of step 15")
    expect(section).to_contain_text("3x3 from 1 input")
    shown = section.locator(".kv-kernel-facts strong").inner_text()
    assert float(shown) == pytest.approx(bias[5], rel=1e-3)
    tiles = section.locator(".kv-kernel-tiles")
    tiles.scroll_into_view_if_needed()
    box = tiles.bounding_box()
    assert box is not None
    for row, column in ((0, 0), (1, 2), (2, 1)):
        # Cells are 22 pixels wide where there is one tile.
        said = hover(
            tab,
            tiles,
            (row + 0.5) * 22 / box["height"],
            (column + 0.5) * 22 / box["width"],
        )
        assert float(said[0]) == pytest.approx(kernel[row, column, 0, 5], rel=1e-3)


def test_the_files_of_a_channel_hold_what_load_returns(
    open_channel: OpenChannel, run: Run, tmp_path: Path
) -> None:
    activation = run.activations("maps", 20, sample=1)
    units = run.activation_units("maps", 20)
    tab = open_channel("maps", 3, sample=1, step=20)

    npz = save(tab, "this channel", "NPZ", tmp_path)
    assert npz.name == "run_maps_channel-3_sample-1_step-20.npz"
    with np.load(npz, allow_pickle=False) as file:
        assert np.array_equal(file["map"], activation.maps[3])
        assert np.array_equal(file["stats"], activation.stats[3])
        assert np.array_equal(file["unit_stats"], units.stats[3])
        assert np.array_equal(file["histogram"], units.histogram[3])
        about = json.loads(str(file["metadata"]))
    assert about["layer"] == "maps"
    assert about["label"] == "1"
    assert (about["step"], about["sample"], about["channel"]) == ("20", "1", "3")

    path = save(tab, "this channel", "safetensors", tmp_path)
    with safe_open(path, "numpy") as tensors:
        assert np.array_equal(tensors.get_tensor("map"), activation.maps[3])
        assert tensors.metadata() == about

    set_opacity(tab, 100)
    png = save(tab, "this channel", "PNG", tmp_path)
    with Image.open(png) as picture:
        assert min(picture.size) >= 1024
        side = picture.size[0] // SIDE
        half = slice(side // 2, None, side)
        middle = np.asarray(picture.convert("RGB"))[half, half]
    low, high = float(activation.maps.min()), float(activation.maps.max())
    assert mismatches(middle, activation.maps[3], low, high, "sequential") == []

    csv = save(tab, "this channel", "CSV", tmp_path)
    table = np.genfromtxt(csv, delimiter=",", names=True)
    assert list(table["step"]) == list(STEPS)
    for name, column in (("min", 0), ("max", 1), ("mean", 2)):
        logged = [run.activation_units("maps", step).stats[3][column] for step in STEPS]
        # The route rounds to eight digits.
        assert table[name] == pytest.approx(logged, rel=1e-6)


def test_the_files_of_a_layer_hold_what_load_returns(
    channel_tensorboard: Process, open_tab: OpenTab, run: Run, tmp_path: Path
) -> None:
    activation = run.activations("maps", 10, sample=3)
    tab = open_tab(channel_tensorboard).open(
        view="activations", layer="maps", sample=3, step=10
    )
    expect(tab.frame.locator("[data-tile='0']")).to_be_visible()

    with np.load(save(tab, "this layer", "NPZ", tmp_path)) as file:
        assert np.array_equal(file["maps"], activation.maps)
        assert np.array_equal(file["stats"], activation.stats)
        assert file["channels"].tolist() == list(range(6))
    path = save(tab, "this layer", "safetensors", tmp_path)
    with safe_open(path, "numpy") as tensors:
        assert np.array_equal(tensors.get_tensor("maps"), activation.maps)
        columns = json.loads(tensors.metadata()["stat_columns"])
    csv = save(tab, "this layer", "CSV", tmp_path)
    table = np.genfromtxt(csv, delimiter=",", names=True, dtype=None, encoding="utf-8")
    for at, name in enumerate(columns):
        shown = table[name].astype(np.float32)
        assert np.array_equal(shown, activation.stats[:, at])
    with Image.open(save(tab, "this layer", "PNG", tmp_path)) as picture:
        # Six maps of 96 pixels and their numbers.
        assert picture.size[0] >= 2 * 96


def test_predictions_stand_beside_their_samples(
    channel_tensorboard: Process, open_tab: OpenTab, run: Run
) -> None:
    (output,) = run.model_outputs(20)
    tab = open_tab(channel_tensorboard).open(view="activations", step=20, sample=1)

    said = tab.frame.locator(".kv-sample-said")
    expect(said).to_have_count(len(LABELS))
    for sample, (row, label) in enumerate(zip(output.values, LABELS, strict=True)):
        top = int(row.argmax())
        right = str(top) == label
        assert said.nth(sample).get_attribute("data-correct") == str(right).lower()
        expect(said.nth(sample)).to_contain_text(f"{top} {row[top] * 100:.0f}%")

    tab.button("Predictions").click()
    panel = tab.frame.get_by_label("Predictions", exact=True)
    shares = panel.locator(".kv-top-value").all_inner_texts()
    wanted = sorted(output.values[1], reverse=True)
    assert [float(text.strip("%<> ")) / 100 for text in shares] == pytest.approx(
        wanted, abs=6e-4
    )
    expect(panel).to_contain_text(f"{len(STEPS)} captures")
    plot = panel.get_by_role("slider", name="Predictions over steps")
    plot.press("ArrowLeft")
    expect(plot).to_have_attribute("aria-valuenow", "10")
    assert tab.state()["step"] == "10"
    plot.press("Escape")
    expect(panel).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize(("layer", "channel"), [("maps", 3), ("classes", 1)])
def test_it_fits_the_window(
    open_channel: OpenChannel, size: tuple[int, int], layer: str, channel: int
) -> None:
    tab = open_channel(layer, channel, size)

    tab.button("Predictions").click()
    assert tab.overflow() <= 0
    panel = tab.frame.get_by_label("Predictions", exact=True).bounding_box()
    assert panel is not None
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= size[0]


def test_the_pointer_is_marked_on_the_maps_of_all_samples(
    open_channel: OpenChannel,
) -> None:
    tab = open_channel("maps", 3)
    tile = tab.frame.locator(".kv-rank-picture").nth(1)

    def whites() -> int:
        pixels: Floats = np.asarray(
            Image.open(io.BytesIO(tile.screenshot())).convert("RGB"), float
        )
        return int((pixels.min(axis=-1) > 250).sum())

    before = whites()
    hover(tab, stage(tab), 0.5, 0.5)
    tab.page.wait_for_timeout(150)
    assert whites() > before
