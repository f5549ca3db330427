"""How the gradients of a step become blobs, and how they are read back."""

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
class GradientArrays:
    """The gradient of one variable; fields as in `schema.GradientCapture`.

    Attributes:
        counts: int64 `[B]`.
        edges: float64 `[B + 1]`.
        stats: float32 `[S]`, entries `schema.WEIGHT_STATS`.
    """

    path: str
    shape: tuple[int, ...]
    counts: Array
    edges: Array
    stats: Array


@dataclasses.dataclass(frozen=True, kw_only=True)
class GradientsCapture:
    """One step, before it is encoded; fields as in `schema.GradientIndex`."""

    step: int
    variables: Sequence[GradientArrays]
    skipped: Sequence[schema.SkippedLayer]


@dataclasses.dataclass(frozen=True)
class Gradients:
    """The gradient of one variable in one step, as it is read back.

    Attributes:
        counts: int64 `[B]`: how many finite values fall into each bin.
        edges: float64 `[B + 1]`: powers of two, mirrored around the bin of the
            zeros, which holds nothing else; see `schema.GradientCapture`.
        stats: float32 `[S]`, entries as named by `columns`.
        columns: Names of the entries of `stats`.
        entry: What the capture's index says about it.
    """

    counts: Array
    edges: Array
    stats: Array
    columns: tuple[str, ...]
    entry: schema.GradientCapture


def encode_gradients(capture: GradientsCapture, sequence: int) -> list[bytes]:
    """Encodes a capture as a blob sequence: the index, then packed members.

    Args:
        capture: The capture.
        sequence: Sequence number of the record.
    """
    members = [
        codec.encode_arrays(
            {
                "counts": variable.counts,
                "edges": variable.edges,
                "stats": variable.stats,
            },
            sequence,
        )
        for variable in capture.variables
    ]
    blobs, refs = codec.pack_members(members)
    index = schema.GradientIndex(
        version=WIRE_VERSION,
        step=capture.step,
        variables=tuple(
            schema.GradientCapture(path=variable.path, shape=variable.shape, member=ref)
            for variable, ref in zip(capture.variables, refs, strict=True)
        ),
        skipped=tuple(capture.skipped),
    )
    return [codec.encode_document(index, sequence), *blobs]


def decode_gradients(member: bytes, entry: schema.GradientCapture) -> Gradients:
    """Reads one member of a capture.

    Args:
        member: The bytes of the member.
        entry: The index's entry that it belongs to.

    Raises:
        WireError: The member is damaged.
    """
    what = f"The gradients of {entry.path!r:.200}"
    arrays = codec.decode_arrays(member, what)
    counts, edges, stats = take_histogram(arrays, what)
    return Gradients(counts, edges, stats, schema.WEIGHT_STATS, entry)
