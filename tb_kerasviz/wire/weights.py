"""How a capture of weights becomes blobs, and how it is read back."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_kerasviz.wire import codec, schema
from tb_kerasviz.wire.histograms import take_histogram
from tb_kerasviz.wire.metadata import WIRE_VERSION

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class VariableArrays:
    """One captured variable; fields as in `schema.WeightCapture`.

    Attributes:
        values: float32, the kept part of the variable.
        counts: int64 `[B]`, the histogram of all finite values.
        edges: float64 `[B + 1]`, ascending.
        stats: float32 `[S]`, entries `schema.WEIGHT_STATS`.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool
    kept: tuple[tuple[int, ...] | None, ...]
    cut: str
    values: Array
    counts: Array
    edges: Array
    stats: Array
    spatial_axes: int = 0
    axes: tuple[schema.VariableAxis, ...] = ()
    change: float | None = None
    change_from_start: float | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class WeightsCapture:
    """One capture, before it is encoded; fields as in `schema.WeightIndex`."""

    step: int
    variables: Sequence[VariableArrays]
    skipped: Sequence[schema.SkippedLayer]
    raw_bytes: int
    budget_bytes: int
    previous_step: int | None = None
    start_step: int | None = None
    changes_cut: str = ""


@dataclasses.dataclass(frozen=True)
class Weights:
    """One variable at one step, as it is read back.

    Attributes:
        values: float32, the kept part of the variable (all of it where
            `entry.cut` is empty).
        counts: int64 `[B]`: how many finite values fall into each bin.
        edges: float64 `[B + 1]`; bin i is `[edges[i], edges[i + 1])`. Edges are
            multiples of their distance, a power of two, so that the bins of
            any steps can be added up to bins that they have in common. (In
            logs of version 0.1 the last bin is closed, and edges are any.)
        stats: float32 `[S]`, entries as named by `columns`.
        columns: Names of the entries of `stats`.
        entry: What the capture's index says about it.
    """

    values: Array
    counts: Array
    edges: Array
    stats: Array
    columns: tuple[str, ...]
    entry: schema.WeightCapture

    @property
    def change(self) -> float | None:
        """Norm of the change since the capture before; see the entry."""
        return self.entry.change

    @property
    def change_from_start(self) -> float | None:
        """Norm of the change since the first capture; see the entry."""
        return self.entry.change_from_start


def encode_weights(capture: WeightsCapture, sequence: int) -> list[bytes]:
    """Encodes a capture as a blob sequence: the index, then packed members.

    Args:
        capture: The capture.
        sequence: Sequence number of the record.
    """
    members = [
        codec.encode_arrays(
            {
                "values": variable.values,
                "counts": variable.counts,
                "edges": variable.edges,
                "stats": variable.stats,
            },
            sequence,
        )
        for variable in capture.variables
    ]
    blobs, refs = codec.pack_members(members)
    index = schema.WeightIndex(
        version=WIRE_VERSION,
        step=capture.step,
        variables=tuple(
            schema.WeightCapture(
                path=variable.path,
                shape=variable.shape,
                dtype=variable.dtype,
                trainable=variable.trainable,
                kept=variable.kept,
                member=ref,
                cut=variable.cut,
                norm=_finite_or_none(_stat(variable.stats, "norm")),
                nonfinite=int(_stat(variable.stats, "nonfinite")),
                spatial_axes=variable.spatial_axes,
                axes=variable.axes,
                change=_finite_or_none(variable.change),
                change_from_start=_finite_or_none(variable.change_from_start),
            )
            for variable, ref in zip(capture.variables, refs, strict=True)
        ),
        skipped=tuple(capture.skipped),
        raw_bytes=capture.raw_bytes,
        budget_bytes=capture.budget_bytes,
        previous_step=capture.previous_step,
        start_step=capture.start_step,
        changes_cut=capture.changes_cut,
    )
    return [codec.encode_document(index, sequence), *blobs]


def _stat(stats: Array, name: str) -> float:
    return float(stats[schema.WEIGHT_STATS.index(name)])


def _finite_or_none(number: float | None) -> float | None:
    return None if number is None or not np.isfinite(number) else number


def decode_weights(member: bytes, entry: schema.WeightCapture) -> Weights:
    """Reads one member of a capture.

    Args:
        member: The bytes of the member.
        entry: The index's entry that it belongs to.

    Raises:
        WireError: The member is damaged or does not fit the entry.
    """
    what = f"The weights of {entry.path!r:.200}"
    arrays = codec.decode_arrays(member, what)
    shape = tuple(
        size if kept is None else len(kept)
        for size, kept in zip(entry.shape, entry.kept, strict=False)
    )
    values = codec.take_array(arrays, "values", "float32", shape, what)
    counts, edges, stats = take_histogram(arrays, what)
    return Weights(values, counts, edges, stats, schema.WEIGHT_STATS, entry)
