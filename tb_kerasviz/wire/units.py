"""What is measured of every unit of an output, over all samples of the probe."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tb_kerasviz.wire import codec, schema

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class UnitArrays:
    """What was measured of every unit over all measured samples.

    Attributes:
        stats: float32 `[C, S]`, columns `schema.ACTIVATION_STATS`.
        histogram: uint32 `[C, B]`, see `schema.LayerActivation`.
        saturated: float32 `[C]`; None where the activation has no bounds.
    """

    stats: Array
    histogram: Array
    saturated: Array | None = None


@dataclasses.dataclass(frozen=True)
class ActivationUnits:
    """Every unit of one output over all measured samples, as it is read back.

    Attributes:
        stats: float32 `[C, S]`.
        columns: Names of the columns of `stats`.
        histogram: uint32 `[C, B]`: the finite values of each unit, in bins of
            equal width from its minimum to its maximum.
        saturated: float32 `[C]`, the share of each unit's finite values that
            are close to a bound of the activation; None where it has none.
        entry: What the capture's index says about it.
    """

    stats: Array
    columns: tuple[str, ...]
    histogram: Array
    saturated: Array | None
    entry: schema.LayerActivation


def count_units(units: UnitArrays) -> schema.UnitCounts:
    """Counts the units that are dead, constant, saturated or not finite."""
    column = dict(zip(schema.ACTIVATION_STATS, units.stats.T, strict=True))
    finite = column["nonfinite"] == 0
    constant = finite & (column["min"] == column["max"])
    saturated = None
    if units.saturated is not None:
        # A comparison with NaN is false: a unit without a finite value is not.
        saturated = int((units.saturated > schema.SATURATED_SHARE).sum())
    return schema.UnitCounts(
        dead=int((constant & (column["min"] == 0)).sum()),
        constant=int(constant.sum()),
        nonfinite=int((~finite).sum()),
        saturated=saturated,
    )


def unit_arrays(units: UnitArrays) -> dict[str, Array]:
    """The arrays of a member `units`, by name."""
    arrays = {"stats": units.stats, "histogram": units.histogram}
    if units.saturated is not None:
        arrays["saturated"] = units.saturated
    return arrays


def decode_units(member: bytes, entry: schema.LayerActivation) -> ActivationUnits:
    """Reads the member `units` of an output.

    Args:
        member: The bytes of the member.
        entry: The index's entry that it belongs to.

    Raises:
        WireError: The member is damaged or does not fit the entry.
    """
    what = f"The units of {entry.path!r:.200}"
    arrays = codec.decode_arrays(member, what)
    columns = schema.ACTIVATION_STATS
    bins = np.shape(arrays.get("histogram", ()))[1:]
    units = entry.channels
    return ActivationUnits(
        codec.take_array(arrays, "stats", "float32", (units, len(columns)), what),
        columns,
        codec.take_array(arrays, "histogram", "uint32", (units, *bins[:1]), what),
        codec.take_array(arrays, "saturated", "float32", (units,), what)
        if "saturated" in arrays
        else None,
        entry,
    )
