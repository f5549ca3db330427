"""The units of all layers over a training: how many are dead, saturated, not finite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tb_kerasviz.wire import schema
from tb_kerasviz.wire.metadata import WIRE_VERSION


class CountedOutput(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed of a `schema.LayerActivation`; the fields are its own."""

    path: str
    call: int
    output: int
    class_name: str
    channels: int
    name: str = ""
    activation: str = ""
    unit_counts: schema.UnitCounts | None = None


def combine_unit_counts(
    captures: Mapping[int, Sequence[CountedOutput]], cut: str
) -> schema.UnitHealth:
    """Puts the counts of several captures beside each other.

    Args:
        captures: Outputs of each capture in order of execution, by step.
        cut: What was not read, as a phrase; empty if nothing was.

    Returns:
        The captures that count units, and every output that one of them counts,
        in the order of the last one that has it; those of a model that was
        changed meanwhile come behind the ones that it still has.
    """
    counted = {
        step: {
            (one.path, one.call, one.output): one
            for one in captures[step]
            if one.unit_counts is not None
        }
        for step in sorted(captures)
    }
    counted = {step: outputs for step, outputs in counted.items() if outputs}
    latest: dict[tuple[str, int, int], CountedOutput] = {}
    for outputs in reversed(counted.values()):
        for key, one in outputs.items():
            latest.setdefault(key, one)

    def column(key: tuple[str, int, int], name: str) -> tuple[int | None, ...]:
        found = (outputs.get(key) for outputs in counted.values())
        return tuple(getattr(one and one.unit_counts, name, None) for one in found)

    return schema.UnitHealth(
        version=WIRE_VERSION,
        steps=tuple(counted),
        layers=tuple(
            schema.UnitHealthLayer(
                path=one.path,
                call=one.call,
                output=one.output,
                name=one.name,
                class_name=one.class_name,
                activation=one.activation,
                units=one.channels,
                dead=column(key, "dead"),
                constant=column(key, "constant"),
                nonfinite=column(key, "nonfinite"),
                saturated=column(key, "saturated"),
            )
            for key, one in latest.items()
        ),
        cut=cut,
    )
