"""What NumPy says of an output, beside what was captured of it."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.probe import take_probe
from tb_kerasviz.wire import activations as wire
from tb_kerasviz.wire import codec, schema
from tb_kerasviz.wire.units import ActivationUnits, decode_units

Array = np.ndarray[Any, Any]

BUDGET = 2**21


def create_reader(model: keras.Model, probe: Any, **options: Any) -> ActivationReader:
    budget = options.pop("budget", BUDGET)
    return ActivationReader(
        model, take_probe(probe), budget, create_layer_filter(None), **options
    )


class Read:
    """A capture as it is read back from its bytes."""

    def __init__(self, capture: wire.ActivationCapture) -> None:
        blobs = wire.encode_activations(capture, 0)
        self.written_bytes = sum(map(len, blobs))
        self.index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
        self.skipped = {item.path: item.reason for item in self.index.skipped}
        self.entries = {(e.path, e.call, e.output): e for e in self.index.layers}
        self._blobs = blobs

    def samples(self, key: tuple[str, int, int]) -> list[wire.Activation]:
        entry = self.entries[key]
        return [
            wire.decode_activation(
                codec.slice_member(self._blobs[m.blob], m, "m"), entry
            )
            for m in entry.members
        ]

    def units(self, key: tuple[str, int, int]) -> ActivationUnits:
        entry = self.entries[key]
        assert entry.units is not None
        ref = entry.units
        return decode_units(codec.slice_member(self._blobs[ref.blob], ref, "u"), entry)


def read(model: keras.Model, probe: Any, **options: Any) -> Read:
    return Read(create_reader(model, probe, **options).capture(1).reduce())


def to_array(value: Any) -> Array:
    """What a layer returned, as float32."""
    if not isinstance(value, np.ndarray):
        value = keras.ops.convert_to_numpy(keras.ops.stop_gradient(value))
    return np.asarray(value).astype(np.float32)


def check(found: Read, key: tuple[str, int, int], values: Any, **options: Any) -> None:
    """Compares everything that is logged of an output with its true values.

    Args:
        found: The capture.
        key: Path, call and number of the output.
        values: The output, `[N, ...]`.
        options: `channels_first`, and `limits` beyond which units saturate.
    """
    values = to_array(values)
    entry = found.entries[key]
    assert entry.shape == values.shape
    x = values[:, None] if values.ndim == 1 else values
    if not options.get("channels_first"):
        x = np.moveaxis(x, -1, 1)
    assert entry.channels == x.shape[1]
    for number, sample in enumerate(found.samples(key)):
        check_stats(sample.stats, x[number].reshape(entry.channels, -1))
        check_maps(sample, x[number], entry)
    flat = np.moveaxis(x, 1, 0).reshape(entry.channels, -1)
    units = found.units(key)
    check_stats(units.stats, flat)
    check_histogram(units.histogram, flat)
    check_counts(entry, flat, options.get("limits"))
    if "limits" in options:
        assert units.saturated is not None
        low, high = options["limits"]
        for share, channel in zip(units.saturated, flat, strict=True):
            beyond = (channel < low) | (channel > high)
            assert share == np.float32(beyond.mean())


def check_roughly(found: Read, key: tuple[str, int, int], values: Any) -> None:
    """Compares with values that another forward pass gave, rounded otherwise."""
    values = to_array(values)
    x = values[:, None] if values.ndim == 1 else np.moveaxis(values, -1, 1)
    entry = found.entries[key]
    half = 100 if entry.dtype in ("float16", "bfloat16") else 1
    rounding = 1e-4 * half * np.abs(x).max()
    for number, sample in enumerate(found.samples(key)):
        flat = x[number].reshape(entry.channels, -1)
        columns = [flat.min(1), flat.max(1), flat.mean(1), flat.std(1)]
        wanted = np.stack(columns, axis=1)
        np.testing.assert_allclose(sample.stats[:, :4], wanted, atol=rounding)
        check_maps(sample, x[number], entry, rounding)
    total = values.size // entry.channels
    np.testing.assert_array_equal(found.units(key).histogram.sum(axis=1), total)


def check_stats(found: Array, channels: Array) -> None:
    """Statistics `[C, S]` of channels `[C, M]`: to the rounding of float32."""
    for row, values in zip(found.astype(np.float64), channels, strict=True):
        finite = values[np.isfinite(values)].astype(np.float64)
        assert row[5] == values.size - finite.size
        if not finite.size:
            assert np.isnan(row[:5]).all()
            continue
        assert (row[0], row[1]) == (finite.min(), finite.max())
        rounding = 1e-7 * np.abs(finite).max()
        np.testing.assert_allclose(row[2], finite.mean(), rtol=1e-6, atol=rounding)
        np.testing.assert_allclose(row[3], finite.std(), rtol=1e-5, atol=rounding)
        assert row[4] == np.float32((finite == 0).mean())


def check_maps(
    sample: wire.Activation,
    channels: Array,
    entry: schema.LayerActivation,
    slack: float = 0.0,
) -> None:
    """Maps within 1/510 of a channel's range; what is not finite, as it is."""
    if channels.ndim > 3:
        *depths, height, width = channels.shape[1:]
        channels = channels.reshape(len(channels), math.prod(depths), height, width)
        channels = np.concatenate(
            [channels[:, depth] for depth in entry.slices], axis=-1
        )
    whole = channels.reshape(len(channels), *entry.kept_map)  # Nothing was averaged.
    for index, drawn in zip(entry.kept_channels, sample.maps, strict=True):
        wanted = whole[index].astype(np.float64)
        finite = np.isfinite(wanted)
        np.testing.assert_array_equal(drawn[~finite], wanted[~finite])
        if finite.any():
            spread = np.ptp(wanted[finite])
            rounding = 4e-7 * np.abs(wanted[finite]).max()
            error = np.abs(drawn[finite] - wanted[finite]).max()
            assert error <= spread / 510 + rounding + slack


def check_histogram(found: Array, channels: Array) -> None:
    """As NumPy counts, but for values within rounding of a bin's edge."""
    bins = found.shape[1]
    for counts, values in zip(found.astype(np.int64), channels, strict=True):
        finite = values[np.isfinite(values)].astype(np.float64)
        assert counts.sum() == finite.size
        if not finite.size:
            continue
        low, high = finite.min(), finite.max()
        if low == high:
            assert counts[0] == finite.size
            continue
        wanted, _ = np.histogram(finite, bins=bins, range=(low, high))
        place = (finite - low) / (high - low) * bins
        near = np.abs(place - np.rint(place)) < 1e-4
        slack = np.bincount(np.rint(place[near]).astype(int), minlength=bins + 1)
        moved = np.cumsum(counts - wanted)
        assert (np.abs(moved) <= slack[1:]).all()


def check_counts(entry: schema.LayerActivation, channels: Array, limits: Any) -> None:
    """How many units are dead, constant, not finite, saturated."""
    finite = np.isfinite(channels).all(axis=1)
    constant = finite & (channels == channels[:, :1]).all(axis=1)
    counts = entry.unit_counts
    assert counts is not None
    assert counts.constant == constant.sum()
    assert counts.dead == (channels == 0).all(axis=1).sum()
    assert counts.nonfinite == (~finite).sum()
    if limits is None:
        assert counts.saturated is None
    else:
        beyond = (channels < limits[0]) | (channels > limits[1])
        assert counts.saturated == (beyond.mean(axis=1) > 0.5).sum()
