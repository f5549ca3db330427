"""How a capture of activations becomes blobs, and how it is read back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from tb_kerasviz.wire import codec, schema
from tb_kerasviz.wire.metadata import WIRE_VERSION
from tb_kerasviz.wire.model_outputs import OutputArrays
from tb_kerasviz.wire.units import UnitArrays, count_units, unit_arrays

Array = np.ndarray[Any, Any]

NONFINITE_VALUES = (0.0, float("nan"), float("inf"), float("-inf"))
"""What the codes of `nonfinite` stand for; 0 marks a finite value."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LayerArrays:
    """One captured output; fields as in `schema.LayerActivation`.

    Attributes:
        maps: uint8 `[N, K, h, w]`.
        scale: float32 `[N, K]`.
        offset: float32 `[N, K]`.
        nonfinite: uint8 `[N, K, h, w]`.
        stats: float32 `[N, C, S]`.
        mask: uint8 `[N, w]`; None where the output came without a mask.
    """

    path: str
    call: int
    output: int
    class_name: str
    kind: Literal["map", "sequence", "vector", "attention"]
    shape: tuple[int, ...]
    dtype: str
    channels: int
    kept_channels: tuple[int, ...]
    full_map: tuple[int, int]
    kept_map: tuple[int, int]
    cut: str
    maps: Array
    scale: Array
    offset: Array
    nonfinite: Array
    stats: Array
    mask: Array | None = None
    name: str = ""
    slices: tuple[int, ...] = ()
    activation: str = ""
    units: UnitArrays | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActivationCapture:
    """One capture, before it is encoded.

    Attributes:
        thumbnails: Per sample: uint8 codes `[L, t, t]`, float32 low `[L]` and
            high `[L]`; empty if none were made.
    """

    step: int
    samples: int
    probe_samples: int
    layers: Sequence[LayerArrays]
    skipped: Sequence[schema.SkippedLayer]
    thumbnails: Sequence[tuple[Array, Array, Array]]
    raw_bytes: int
    budget_bytes: int
    measured_samples: int = 0
    outputs: Sequence[OutputArrays] = ()
    training: bool = False


@dataclasses.dataclass(frozen=True)
class Activation:
    """One output of one layer for one sample, as it is read back.

    Attributes:
        maps: float32 `[K, h, w]`: de-quantised, NaN and infinities in place.
        stats: float32 `[C, S]`, columns `schema.ACTIVATION_STATS`, of every
            channel.
        channels: The K indices of the channels that `maps` holds.
        columns: Names of the columns of `stats`.
        entry: What the capture's index says about it.
        mask: bool `[w]`, False where a time step is masked; None where the
            output came without a mask.
    """

    maps: Array
    stats: Array
    channels: tuple[int, ...]
    columns: tuple[str, ...]
    entry: schema.LayerActivation
    mask: Array | None = None


def encode_activations(capture: ActivationCapture, sequence: int) -> list[bytes]:
    """Encodes a capture as a blob sequence: the index, then packed members.

    Args:
        capture: The capture.
        sequence: Sequence number of the record.
    """
    members = [
        codec.encode_arrays({"codes": codes, "low": low, "high": high}, sequence)
        for codes, low, high in capture.thumbnails
    ]
    counts = [len(members)]
    for layer in capture.layers:
        for sample in range(capture.samples):
            arrays = {
                "maps": layer.maps[sample],
                "scale": layer.scale[sample],
                "offset": layer.offset[sample],
                "stats": layer.stats[sample],
            }
            if layer.nonfinite[sample].any():
                arrays["nonfinite"] = layer.nonfinite[sample]
            if layer.mask is not None:
                arrays["mask"] = layer.mask[sample]
            members.append(codec.encode_arrays(arrays, sequence))
        counts.append(capture.samples)
    # Behind the maps and close together, since they are read for many layers.
    first_unit = len(members)
    members += [
        codec.encode_arrays(unit_arrays(layer.units), sequence)
        for layer in capture.layers
        if layer.units is not None
    ]
    first_output = len(members)
    members += [
        codec.encode_arrays({"values": output.values}, sequence)
        for output in capture.outputs
    ]
    blobs, refs = codec.pack_members(members)
    ends = np.cumsum(counts)
    unit_refs = iter(refs[first_unit:first_output])
    entries = tuple(
        schema.LayerActivation(
            path=layer.path,
            call=layer.call,
            output=layer.output,
            class_name=layer.class_name,
            kind=layer.kind,
            shape=layer.shape,
            dtype=layer.dtype,
            channels=layer.channels,
            kept_channels=layer.kept_channels,
            full_map=layer.full_map,
            kept_map=layer.kept_map,
            members=tuple(refs[end - capture.samples : end]),
            cut=layer.cut,
            summary=summarise_stats(
                layer.stats, math.prod(layer.shape[1:]) // max(layer.channels, 1)
            ),
            name=layer.name,
            slices=layer.slices,
            activation=layer.activation,
            units=None if layer.units is None else next(unit_refs),
            unit_counts=None if layer.units is None else count_units(layer.units),
        )
        for layer, end in zip(capture.layers, ends[1:], strict=True)
    )
    index = schema.ActivationIndex(
        version=WIRE_VERSION,
        step=capture.step,
        samples=capture.samples,
        probe_samples=capture.probe_samples,
        layers=entries,
        skipped=tuple(capture.skipped),
        thumbnails=tuple(refs[: ends[0]]),
        raw_bytes=capture.raw_bytes,
        budget_bytes=capture.budget_bytes,
        measured_samples=capture.measured_samples,
        outputs=tuple(
            schema.ModelOutput(
                name=output.name,
                shape=output.shape,
                dtype=output.dtype,
                member=ref,
                cut=output.cut,
            )
            for output, ref in zip(capture.outputs, refs[first_output:], strict=True)
        ),
        training=capture.training,
    )
    return [codec.encode_document(index, sequence), *blobs]


def summarise_stats(stats: Array, cells: int) -> tuple[float | None, ...]:
    """Statistics of a whole output from those of its channels.

    Channels count by their finite values, and the sums are of float64, so it
    is what the raw output would give, to the rounding of the channels' float32.

    Args:
        stats: float32 `[N, C, S]`, columns `schema.ACTIVATION_STATS`.
        cells: Values of one channel in one sample.

    Returns:
        The same columns over all samples and channels; None in all but the
        last where no value is finite.
    """
    low, high, mean, std, zeros, nonfinite = stats.reshape(
        -1, len(schema.ACTIVATION_STATS)
    ).T.astype(np.float64)
    bad = nonfinite.sum()
    finite = cells - nonfinite
    some = finite > 0
    if not some.any():
        return (None, None, None, None, None, float(bad))
    weights = finite[some] / finite[some].sum()
    total_mean = float(weights @ mean[some])
    # The spread within the channels, and that of their means.
    variance = weights @ (std[some] ** 2 + (mean[some] - total_mean) ** 2)
    return (
        float(low[some].min()),
        float(high[some].max()),
        total_mean,
        float(np.sqrt(variance)),
        float(weights @ zeros[some]),
        float(bad),
    )


def decode_activation(member: bytes, entry: schema.LayerActivation) -> Activation:
    """Reads one member of a capture.

    Args:
        member: The bytes of the member.
        entry: The index's entry that it belongs to.

    Raises:
        WireError: The member is damaged or does not fit the entry.
    """
    what = f"The activation of {entry.path!r:.200}"
    arrays = codec.decode_arrays(member, what)
    kept = (len(entry.kept_channels), *entry.kept_map)
    stats_shape = (entry.channels, len(schema.ACTIVATION_STATS))

    def take(name: str, dtype: str, shape: tuple[int, ...]) -> Array:
        return codec.take_array(arrays, name, dtype, shape, what)

    maps, stats = take("maps", "uint8", kept), take("stats", "float32", stats_shape)
    scale, offset = (
        take("scale", "float32", kept[:1]),
        take("offset", "float32", kept[:1]),
    )
    nonfinite = take("nonfinite", "uint8", kept) if "nonfinite" in arrays else None
    values = dequantise(maps, scale, offset, nonfinite)
    mask = take("mask", "uint8", kept[2:]) > 0 if "mask" in arrays else None
    return Activation(
        values, stats, entry.kept_channels, schema.ACTIVATION_STATS, entry, mask
    )


def dequantise(
    codes: Array, scale: Array, offset: Array, nonfinite: Array | None = None
) -> Array:
    """Values of quantised maps: `offset + scale * code`.

    Args:
        codes: uint8 `[K, h, w]`.
        scale: float32 `[K]`.
        offset: float32 `[K]`.
        nonfinite: uint8 `[K, h, w]` of indices into `NONFINITE_VALUES`.

    Returns:
        float32 `[K, h, w]`.
    """
    axes = (slice(None), None, None)
    # In float64, since the range of a channel may overflow float32.
    wide = offset[axes].astype(np.float64) + scale[axes] * codes.astype(np.float64)
    limit = np.finfo(np.float32).max
    values: Array = np.clip(wide, -limit, limit).astype(np.float32)
    if nonfinite is not None:
        marks = np.asarray(NONFINITE_VALUES, np.float32)[nonfinite & 3]
        values = np.where(nonfinite > 0, marks, values)
    return values
