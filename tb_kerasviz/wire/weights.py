"""How a capture of weights becomes blobs, and how it is read back."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_kerasviz.wire import codec, schema
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class WeightsCapture:
    """One capture, before it is encoded."""

    step: int
    variables: Sequence[VariableArrays]
    skipped: Sequence[schema.SkippedLayer]
    raw_bytes: int
    budget_bytes: int


@dataclasses.dataclass(frozen=True)
class Weights:
    """One variable at one step, as it is read back.

    Attributes:
        values: float32, the kept part of the variable (all of it where
            `entry.cut` is empty).
        counts: int64 `[B]`: how many finite values fall into each bin.
        edges: float64 `[B + 1]`; bin i is `[edges[i], edges[i + 1])`, the last
            one closed.
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
                norm=_norm(variable.stats),
            )
            for variable, ref in zip(capture.variables, refs, strict=True)
        ),
        skipped=tuple(capture.skipped),
        raw_bytes=capture.raw_bytes,
        budget_bytes=capture.budget_bytes,
    )
    return [codec.encode_document(index, sequence), *blobs]


def _norm(stats: Array) -> float | None:
    norm = float(stats[schema.WEIGHT_STATS.index("norm")])
    return norm if np.isfinite(norm) else None


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
    bins = np.size(arrays.get("counts", ()))

    def take(name: str, dtype: str, *shape: int) -> Array:
        return codec.take_array(arrays, name, dtype, shape, what)

    return Weights(
        take("values", "float32", *shape),
        take("counts", "int64", bins),
        take("edges", "float64", bins + 1),
        take("stats", "float32", len(schema.WEIGHT_STATS)),
        schema.WEIGHT_STATS,
        entry,
    )
