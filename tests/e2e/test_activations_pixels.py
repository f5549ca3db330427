"""What the grid of channels shows, pixel by pixel, against what was logged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from playwright.sync_api import expect

import tb_kerasviz
from tests.e2e.colors import Floats, Pixels, mismatches, palette
from tests.e2e.conftest import wait_for_runs
from tests.e2e.tab import NARROW, Tab
from tests.plugin.servers import Process, run_tensorboard

pytestmark = pytest.mark.e2e
OpenTab = Callable[..., Tab]

SIDE = 8
STEPS = (0, 10)
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE].astype("float32")
RAMP = COLUMNS / (SIDE - 1)
CHECKERS = (ROWS + COLUMNS) % 2
NAN, INF = float("nan"), float("inf")


def known_maps(step: int) -> dict[str, list[Floats]]:
    """Maps of each layer, `[h, w]`, at a step."""
    grown = 1 + step / 10
    broken = RAMP.copy()
    broken[0, :3] = (NAN, INF, -INF)
    broken[5, 5] = NAN if step == 0 else 0.5
    broken[6, 6] = 0.25 if step == 0 else INF
    broken[7] *= grown
    return {
        "positive": [
            RAMP * grown,
            ROWS / (SIDE - 1),
            CHECKERS * 0.5,
            np.zeros_like(RAMP),
            np.full_like(RAMP, 0.75),
        ],
        "signed": [
            RAMP * 2 - 1,
            -CHECKERS,
            -1 - ROWS * grown,
            np.full_like(RAMP, -0.5),
        ],
        "broken": [broken, RAMP[::-1, ::-1].copy(), np.full_like(RAMP, NAN)],
        "huge": [
            (10.0 ** (COLUMNS * 8 - 26)).astype("float32") * np.float32(1e-4),
            (RAMP * 2 - 1) * np.float32(1e30),
            RAMP * np.float32(1e-30),
        ],
    }


@pytest.fixture(scope="module")
def known_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two captures of layers that return the known maps, for two samples."""
    log_dir = tmp_path_factory.mktemp("known")
    maps = known_maps(0)
    inputs = [
        keras.Input((SIDE, SIDE, len(channels)), name=f"{name}_input")
        for name, channels in maps.items()
    ]
    outputs = [
        keras.layers.Identity(name=name)(one)
        for name, one in zip(maps, inputs, strict=True)
    ]
    model = keras.Model(inputs, outputs)
    with tb_kerasviz.Writer(log_dir / "run") as writer:
        for step in STEPS:
            samples = [np.stack(one, axis=-1) for one in known_maps(step).values()]
            probe = [np.stack([one, one[::-1]]) for one in samples]
            writer.write_activations(step, model, probe)
    return log_dir


@pytest.fixture(scope="module")
def known_tensorboard(known_logs: Path) -> Iterator[Process]:
    """TensorBoard on the known maps."""
    with run_tensorboard(known_logs) as process:
        wait_for_runs(process, 1)
        yield process


@pytest.fixture(scope="module")
def logged(known_logs: Path) -> Callable[[str, int], Floats]:
    """Returns the maps `[K, h, w]` of a layer's first sample, as they are read back."""
    run = tb_kerasviz.load(known_logs)["run"]
    return lambda layer, step: run.activations(layer, step, sample=0).maps


@pytest.fixture
def open_grid(known_tensorboard: Process, open_tab: OpenTab) -> Callable[..., Tab]:
    """Opens the grid of a layer."""

    def open_(layer: str, *, dark: bool = False, **state: object) -> Tab:
        tab = open_tab(known_tensorboard).open(
            dark=dark, view="activations", layer=layer, **state
        )
        expect(tab.frame.locator("[data-channel='0']")).to_be_visible()
        expect(tab.frame.locator(".kv-busy-line")).to_have_count(0)
        if "vs" in state:
            expect(tab.frame.locator(".kv-sides")).to_be_visible()
        return tab

    return open_


_READ_PIXELS = """(tile, [pane, panes, rows, columns, whole]) => {
  const canvas = tile.closest(".kv-scroller").querySelector("canvas");
  const density = canvas.width / canvas.clientWidth;
  const origin = canvas.getBoundingClientRect();
  const box = tile.getBoundingClientRect();
  const gap = 2;
  const width = (box.width - gap * (panes - 1)) / panes;
  const left = box.left - origin.left + pane * (width + gap);
  const top = box.top - origin.top;
  // Of a copy: the browser warns of many reads from a canvas that is shown.
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const read = (x, y) => {
    const at = Math.floor(y * density) * canvas.width + Math.floor(x * density);
    return [...data.slice(4 * at, 4 * at + 3)];
  };
  const [down, across] = whole ? [box.height - 1, width - 1] : [rows, columns];
  return Array.from({ length: down }, (_, row) =>
    Array.from({ length: across }, (_, column) => whole
      ? read(left + column + 0.5, top + row + 0.5)
      : read(left + (column + 0.5) * width / columns,
             top + (row + 0.5) * box.height / rows)));
}"""


def read_tile(
    tab: Tab, channel: int, *, pane: int = 0, panes: int = 1, whole: bool = False
) -> Pixels:
    """Pixels of a channel's map: of each cell's middle, `[h, w, 3]`, or all of them."""
    tile = tab.frame.locator(f"[data-channel='{channel}']")
    pixels: Any = tile.evaluate(_READ_PIXELS, [pane, panes, SIDE, SIDE, whole])
    return np.array(pixels, np.uint8)


def read_range(tab: Tab) -> tuple[str, str]:
    """The numbers at both ends of the legend."""
    ends = tab.frame.locator(".kv-color-end")
    return ends.nth(0).inner_text(), ends.nth(1).inner_text()


def varies(values: Floats) -> bool:
    """Whether a map is drawn plainly: one whose values are all the same is hatched."""
    return not np.all(values == values.flat[0])


def finite_range(maps: Floats) -> tuple[float, float]:
    """Lowest and highest finite value."""
    finite = maps[np.isfinite(maps)].astype(float)
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def even_range(maps: Floats) -> tuple[float, float]:
    """The range of a scale that is centred at zero."""
    low, high = finite_range(maps)
    most = max(abs(low), abs(high))
    return -most, most


def subtract(before: Floats, after: Floats) -> Floats:
    """The difference; not finite on either side: as the later one, or the earlier."""
    with np.errstate(invalid="ignore"):
        difference = after - before
    difference = np.where(np.isfinite(before), difference, before)
    return np.where(np.isfinite(after), difference, after)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("layer", ["positive", "signed", "broken", "huge"])
def test_each_cell_has_the_colour_of_its_value(
    open_grid: Callable[..., Tab],
    logged: Callable[[str, int], Floats],
    layer: str,
    dark: bool,
) -> None:
    maps = logged(layer, 10)
    signed = layer in ("signed", "huge")
    range_of = even_range if signed else finite_range
    name = ("diverging dark" if dark else "diverging") if signed else "sequential"
    tab = open_grid(layer, dark=dark)

    for channel, values in enumerate(maps):
        if varies(values):
            seen = read_tile(tab, channel)
            assert mismatches(seen, values, *range_of(maps), name) == []

    tab.button("per channel").click()
    expect(tab.frame.locator(".kv-color-end").first).to_have_text("lowest")
    for channel, values in enumerate(maps):
        if varies(values):
            seen = read_tile(tab, channel)
            assert mismatches(seen, values, *range_of(values), name) == []


def test_what_is_constant_is_hatched_over_the_colour_of_its_value(
    open_grid: Callable[..., Tab], logged: Callable[[str, int], Floats]
) -> None:
    maps = logged("positive", 10)
    low, high = finite_range(maps)
    tab = open_grid("positive")

    colors = palette("sequential").astype(int)
    for channel, value in ((3, 0.0), (4, 0.75)):
        pixels = read_tile(tab, channel, whole=True).reshape(-1, 3).astype(int)
        base = colors[round((value - low) / (high - low) * 255)]
        plain = np.all(np.abs(pixels - base) <= 1, axis=-1)
        brighter = pixels.sum(axis=-1) > base.sum() + 40
        assert 0.3 < plain.mean() < 0.9
        assert brighter.mean() > 0.05
    # A plain map has no such lines: whole cells have one colour.
    plain_map = read_tile(tab, 2, whole=True).reshape(-1, 3)
    assert len(np.unique(plain_map, axis=0)) == 2


def test_typed_numbers_are_the_ends_of_the_colours(
    open_grid: Callable[..., Tab], logged: Callable[[str, int], Floats]
) -> None:
    values = logged("positive", 10)[0]
    tab = open_grid("positive", range="0.5,1.25")

    seen = read_tile(tab, 0)
    assert mismatches(seen, values, 0.5, 1.25, "sequential") == []
    assert read_range(tab) == ("\u2264 0.5", "\u2265 1.25")


def test_a_pinned_range_is_the_same_at_every_step(
    open_grid: Callable[..., Tab], logged: Callable[[str, int], Floats]
) -> None:
    both = np.concatenate([logged("positive", step) for step in STEPS])
    low, high = finite_range(both)
    for step in STEPS:
        tab = open_grid("positive", range="pinned", step=step)

        seen = read_tile(tab, 0)
        values = logged("positive", step)[0]
        assert mismatches(seen, values, low, high, "sequential") == []
        assert [float(end) for end in read_range(tab)] == pytest.approx([low, high])


@pytest.mark.parametrize("layer", ["positive", "signed", "broken", "huge"])
def test_two_steps_have_one_scale_and_a_difference(
    open_grid: Callable[..., Tab], logged: Callable[[str, int], Floats], layer: str
) -> None:
    before, after = (logged(layer, step).astype(float) for step in STEPS)
    both = np.concatenate([before, after])
    signed = layer in ("signed", "huge")
    range_of = even_range if signed else finite_range
    name = "diverging" if signed else "sequential"
    tab = open_grid(layer, vs="step:first")

    for channel in range(len(after)):
        for pane, maps in enumerate((before, after)):
            if varies(maps[channel]):
                seen = read_tile(tab, channel, pane=pane, panes=2)
                wrong = mismatches(seen, maps[channel], *range_of(both), name)
                assert wrong == []

    tab.button("difference").click()
    expect(tab.frame.locator(".kv-color-name")).to_be_visible()
    difference = subtract(before, after)
    for channel, values in enumerate(difference):
        if varies(values):
            seen = read_tile(tab, channel)
            wrong = mismatches(seen, values, *even_range(difference), "difference")
            assert wrong == []
    if layer == "broken":
        marks = tab.frame.get_by_label("Marks")
        expect(marks).to_contain_text("NaN in A or B")
        expect(marks).to_contain_text("2 of 3 with non-finite values")


def test_the_other_sample_is_compared_cell_by_cell(
    open_grid: Callable[..., Tab], known_logs: Path
) -> None:
    run = tb_kerasviz.load(known_logs)["run"]
    first, second = (run.activations("signed", 10, sample=at).maps for at in (0, 1))
    tab = open_grid("signed", vs="sample:1", difference=1)

    difference = first.astype(float) - second
    low, high = even_range(difference)
    for channel, values in enumerate(difference):
        if varies(values):
            seen = read_tile(tab, channel)
            assert mismatches(seen, values, low, high, "difference") == []


@pytest.mark.parametrize("channel", [None, 1], ids=["grid", "one channel"])
def test_a_comparison_fits_a_narrow_window(
    known_tensorboard: Process, open_tab: OpenTab, channel: int | None
) -> None:
    state = {} if channel is None else {"channel": channel}
    tab = open_tab(known_tensorboard, NARROW).open(
        dark=True, view="activations", layer="broken", vs="step:first", **state
    )

    for how in ("side by side", "difference"):
        tab.button(how).click()
        expect(tab.button(how)).to_have_attribute("aria-pressed", "true")
        expect(tab.frame.locator(".kv-color-bar")).to_be_visible()
        assert tab.overflow() <= 0
    assert tab.state()["difference"] == "1"


def test_the_note_beside_the_pointer_reads_both_sides(
    open_grid: Callable[..., Tab], logged: Callable[[str, int], Floats]
) -> None:
    before, after = (logged("signed", step) for step in STEPS)
    tab = open_grid("signed", vs="step:first")
    box = tab.frame.locator("[data-channel='2']").bounding_box()
    assert box is not None
    row, column = 5, 2
    tab.page.mouse.move(
        box["x"] + (column + 0.5) / SIDE * (box["width"] - 2) / 2,
        box["y"] + (row + 0.5) / SIDE * box["height"],
    )

    lines = tab.frame.locator(".kv-hover-tip > div").all_inner_texts()
    shown = _numbers(lines)
    assert shown["A, step 0"] == pytest.approx(before[2, row, column], rel=1e-3)
    assert shown["B, step 10"] == pytest.approx(after[2, row, column], rel=1e-3)
    assert lines[-1] == f"channel 2, row {row}, column {column}"


def _numbers(lines: list[str]) -> Mapping[str, float]:
    pairs = [line.rsplit(": ", 1) for line in lines if ": " in line]
    return {name: float(value) for name, value in pairs}
