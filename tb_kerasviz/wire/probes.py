"""How the probe's inputs become blobs, and how they are read back."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_kerasviz.wire import codec, schema
from tb_kerasviz.wire.metadata import WIRE_VERSION

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class InputArrays:
    """One input of the probe; fields as in `schema.ProbeInput`.

    Attributes:
        samples: uint8 `[N, H, W, C]` for pictures, else float32 `[N, ...]`.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    picture: bool
    low: float
    high: float
    cut: str
    samples: Array
    tokens: tuple[tuple[str, ...], ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProbeCapture:
    """The probe's inputs, before they are encoded."""

    samples: int
    probe_samples: int
    inputs: Sequence[InputArrays]
    labels: Sequence[str]
    digest: str = ""


def encode_probe(capture: ProbeCapture, sequence: int) -> list[bytes]:
    """Encodes the probe as a blob sequence: the index, then packed members.

    Args:
        capture: The probe.
        sequence: Sequence number of the record.
    """
    members = [
        codec.encode_arrays(
            {"picture" if item.picture else "values": item.samples[sample]}, sequence
        )
        for item in capture.inputs
        for sample in range(capture.samples)
    ]
    blobs, refs = codec.pack_members(members)
    index = schema.ProbeIndex(
        version=WIRE_VERSION,
        samples=capture.samples,
        probe_samples=capture.probe_samples,
        labels=tuple(capture.labels),
        inputs=tuple(
            schema.ProbeInput(
                name=item.name,
                shape=item.shape,
                dtype=item.dtype,
                picture=item.picture,
                low=item.low,
                high=item.high,
                cut=item.cut,
                members=tuple(refs[i * capture.samples : (i + 1) * capture.samples]),
                tokens=item.tokens,
            )
            for i, item in enumerate(capture.inputs)
        ),
        digest=capture.digest,
    )
    return [codec.encode_document(index, sequence), *blobs]
