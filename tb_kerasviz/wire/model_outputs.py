"""What the model returned for the probe."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tb_kerasviz.wire import codec, schema
from tb_kerasviz.wire.metadata import WireError

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class OutputArrays:
    """One output of the model; fields as in `schema.ModelOutput`.

    Attributes:
        values: float32 `[N, ...]`.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    cut: str
    values: Array


@dataclasses.dataclass(frozen=True)
class Output:
    """One output of the model for the probe, as it is read back.

    Attributes:
        values: float32 `[N, ...]`.
        entry: What the capture's index says about it.
    """

    values: Array
    entry: schema.ModelOutput


def decode_output(member: bytes, entry: schema.ModelOutput) -> Output:
    """Reads the member of an output of the model.

    Args:
        member: The bytes of the member.
        entry: The index's entry that it belongs to.

    Raises:
        WireError: The member is damaged or does not fit the entry.
    """
    what = f"The output {entry.name!r:.200} of the model"
    values = codec.decode_arrays(member, what).get("values")
    if values is None or values.dtype != np.float32:
        raise WireError(f"{what} has no float32 values.")
    return Output(values, entry)
