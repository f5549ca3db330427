"""What the logs tell of layers: read once, reduced to what statistics need."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from typing import Generic, TypeVar

import msgspec
import numpy as np

from tb_kerasviz.analysis.layer_statistics import (
    LoggedNorm,
    Summary,
    norms_of_variables,
    summaries_of_layers,
    variables_of_layers,
)
from tb_kerasviz.analysis.unit_health import CountedOutput
from tb_kerasviz.plugin import listing
from tb_kerasviz.plugin.log_reader import MAX_HEAVY_READS, Logs
from tb_kerasviz.wire import codec, metadata, schema

MAX_CAPTURES = 128
"""Most captures that one answer is made of; each is a call to the data server."""

_MAX_GRAPH_BYTES = 128 * 2**20
_READ_THREADS = MAX_HEAVY_READS - 1  # leaves a turn for somebody else

_D = TypeVar("_D", bound=schema.Document)
_T = TypeVar("_T")


# What is needed of large documents: the rest is skipped while they are parsed.


class _Variable(msgspec.Struct, frozen=True):
    path: str


class _Layer(msgspec.Struct, frozen=True):
    path: str
    variables: tuple[_Variable, ...]
    children: tuple[_Layer, ...]


class _Graph(schema.Document, frozen=True, kw_only=True):
    layers: tuple[_Layer, ...]


class _Output(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    call: int
    output: int
    summary: tuple[float | None, ...] = ()


class _Outputs(schema.Document, frozen=True, kw_only=True):
    layers: tuple[_Output, ...]


class _CountedOutputs(schema.Document, frozen=True, kw_only=True):
    layers: tuple[CountedOutput, ...]


class _PlacedOutput(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    call: int
    output: int
    channels: int
    units: schema.MemberRef | None = None


class _PlacedOutputs(schema.Document, frozen=True, kw_only=True):
    layers: tuple[_PlacedOutput, ...]


class VariablePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a capture holds a variable, and how far that moved."""

    path: str
    member: schema.MemberRef
    change: float | None = None
    change_from_start: float | None = None


class _VariablePlaces(schema.Document, frozen=True, kw_only=True):
    variables: tuple[VariablePlace, ...]


class _Norm(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    trainable: bool
    norm: float | None = None


class _Norms(schema.Document, frozen=True, kw_only=True):
    variables: tuple[_Norm, ...]


class CapturedNorm(msgspec.Struct, frozen=True, kw_only=True):
    """The size of a variable in a capture; fields as in `schema.WeightCapture`."""

    path: str
    norm: float | None = None
    nonfinite: int | None = None


class _CapturedNorms(schema.Document, frozen=True, kw_only=True):
    variables: tuple[CapturedNorm, ...]


@dataclasses.dataclass(frozen=True)
class UnitsPlace:
    """Where a capture holds the units of an output.

    Attributes:
        member: Its member `units`.
        channels: Number of units.
        sequence: Sequence number of the record.
    """

    member: schema.MemberRef
    channels: int
    sequence: int


@dataclasses.dataclass(frozen=True)
class Captures(Generic[_T]):
    """What several captures say.

    Attributes:
        by_step: Of each capture that could be read, by step, ascending.
        left_out: What was not read, as a phrase; empty if nothing was.
    """

    by_step: Mapping[int, _T]
    left_out: str


def read_variables(logs: Logs, record: listing.Record) -> dict[str, tuple[str, ...]]:
    """See `variables_of_layers`, of a logged model graph.

    Raises:
        WireError: It is damaged, too large or newer.
        UnavailableError, ChangedLogsError: As `Logs.read_blob`.
    """
    return _derive(
        logs, record, _Graph, lambda graph: variables_of_layers(graph.layers)
    )


def read_summaries(logs: Logs, record: listing.Record) -> dict[str, Summary]:
    """Statistics of the first output of each layer's first call, by path.

    Raises:
        WireError, UnavailableError, ChangedLogsError: As `read_variables`.
    """
    return _derive(
        logs, record, _Outputs, lambda index: summaries_of_layers(index.layers)
    )


def read_counted_outputs(
    logs: Logs, record: listing.Record
) -> tuple[CountedOutput, ...]:
    """The outputs of a capture with the counts of their units.

    Raises:
        WireError, UnavailableError, ChangedLogsError: As `read_variables`.
    """
    return _derive(logs, record, _CountedOutputs, lambda index: index.layers)


def read_units_places(
    logs: Logs, record: listing.Record
) -> dict[tuple[str, int, int], UnitsPlace]:
    """Where a capture holds the units, by layer, call and output.

    Raises:
        WireError, UnavailableError, ChangedLogsError: As `read_variables`.
    """
    sequence = codec.check_member(logs.read_blob(record, 0), record.what).sequence

    def place(index: _PlacedOutputs) -> dict[tuple[str, int, int], UnitsPlace]:
        return {
            (one.path, one.call, one.output): UnitsPlace(
                one.units, one.channels, sequence
            )
            for one in index.layers
            if one.units is not None
        }

    return _derive(logs, record, _PlacedOutputs, place)


def read_norms(logs: Logs, record: listing.Record) -> dict[str, LoggedNorm]:
    """Norms of all variables in a capture of weights, by path.

    Raises:
        WireError, UnavailableError, ChangedLogsError: As `read_variables`.
    """
    return _derive(
        logs, record, _Norms, lambda index: norms_of_variables(index.variables)
    )


def read_variable_places(
    logs: Logs, record: listing.Record
) -> dict[str, VariablePlace]:
    """Where a capture holds each variable, by path.

    Raises:
        WireError, UnavailableError, ChangedLogsError: As `read_variables`.
    """
    return _derive(
        logs,
        record,
        _VariablePlaces,
        lambda index: {one.path: one for one in index.variables},
    )


def read_captured_norms(logs: Logs, record: listing.Record) -> tuple[CapturedNorm, ...]:
    """How large each variable of a capture is.

    Raises:
        WireError, UnavailableError, ChangedLogsError: As `read_variables`.
    """
    return _derive(logs, record, _CapturedNorms, lambda index: index.variables)


def read_captures(
    logs: Logs,
    records: Sequence[listing.Record],
    read: Callable[[Logs, listing.Record], _T],
    most: int | None = None,
) -> Captures[_T]:
    """Reads captures; of very many, some that are evenly spaced.

    Args:
        logs: The logs.
        records: The captures, ascending.
        read: Reads one.
        most: How many to read at most, at least 2; None for `MAX_CAPTURES`.

    Raises:
        UnavailableError, ChangedLogsError: As `Logs.read_blob`.
    """
    notes = []
    chosen = records
    most = MAX_CAPTURES if most is None else most
    if len(records) > most:
        places = np.linspace(0, len(records) - 1, most).round().astype(int)
        chosen = [records[place] for place in places.tolist()]
        notes.append(f"{most} of {len(records)} captures")

    def attempt(record: listing.Record) -> _T | None:
        try:
            return read(logs, record)
        except metadata.WireError:
            return None

    with futures.ThreadPoolExecutor(_READ_THREADS) as pool:
        found = list(pool.map(attempt, chosen))
    by_step = {
        record.step: one
        for record, one in zip(chosen, found, strict=True)
        if one is not None
    }
    if len(by_step) < len(chosen):
        notes.append(f"{len(chosen) - len(by_step)} captures are damaged")
    return Captures(by_step, "; ".join(notes))


def _derive(
    logs: Logs, record: listing.Record, kind: type[_D], make: Callable[[_D], _T]
) -> _T:
    def load() -> tuple[_T, int]:
        member = logs.read_blob(record, 0)
        info = codec.check_member(member, record.what)
        if info.raw_size > _MAX_GRAPH_BYTES:
            raise metadata.WireError(
                f"{record.what} claims {info.raw_size} bytes; "
                f"at most {_MAX_GRAPH_BYTES} are read."
            )
        # What is kept is a small part of the document.
        made = make(codec.decode_document(member, kind, record.what))
        return made, info.raw_size // 4

    if not record.blob_keys:
        raise metadata.WireError(f"{record.what} is damaged: it has no blobs.")
    key = (kind.__name__, record.blob_keys[0], record.wall_time)
    return logs.reader.derive(key, load)
