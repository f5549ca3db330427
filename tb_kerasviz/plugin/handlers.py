"""What each route answers: (logs, query) -> Answer. Knows nothing of HTTP.

Members are verified, and handed on as they are stored.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

from tb_kerasviz.plugin import queries
from tb_kerasviz.plugin.errors import (
    ChangedLogsError,
    NotFoundError,
    UnavailableError,
    UnreadableDataError,
    enumerate_some,
    quote,
)
from tb_kerasviz.plugin.listing import Record
from tb_kerasviz.plugin.log_reader import LIST_SECS, Logs
from tb_kerasviz.wire import codec, metadata, schema, tags

ContentType = Literal["application/json", "application/octet-stream"]
_Q = TypeVar("_Q")


@dataclasses.dataclass(frozen=True)
class Answer:
    """The body of an answer.

    Attributes:
        content: Its bytes.
        content_type: Its media type; nothing logged is ever anything else.
        what: What it is, as it stands in a sentence.
        member: Whether the bytes are a (verified) gzip member.
    """

    content: bytes
    content_type: ContentType
    what: str
    member: bool


def answer(handle: Callable[[Logs, _Q], Answer], logs: Logs, query: _Q) -> Answer:
    """Calls a handler, and once more where the listing was out of date.

    A training that is started again rewrites its steps. Then what was listed
    is gone, or an index of the old record meets a blob of the new one.

    Raises:
        PublicError: What to tell the user.
    """
    try:
        return handle(logs, query)
    except ChangedLogsError:
        max_age = 0.0
    except metadata.WireError:
        max_age = LIST_SECS  # Most likely it is damaged: do not list each time.
    try:
        logs.refresh(max_age)
        return handle(logs, query)
    except ChangedLogsError as error:
        raise UnavailableError("The logs are being rewritten. Try again.") from error
    except metadata.WireError as error:
        raise UnreadableDataError(str(error)) from error


def list_runs(logs: Logs, _query: queries.NoQuery) -> Answer:
    """All trainings and the steps of their data."""
    runs = tuple(run.info() for run in logs.runs().values())
    document = schema.RunList(version=metadata.WIRE_VERSION, runs=runs)
    return Answer(
        msgspec.json.encode(document), "application/json", "The list of runs", False
    )


def read_model_graph(logs: Logs, query: queries.StepQuery) -> Answer:
    """The `ModelGraph` at a step."""
    return read_document(logs, logs.find(query.run, tags.MODEL_GRAPH, query.step))


def read_probe(logs: Logs, query: queries.StepQuery) -> Answer:
    """The `ProbeIndex` at a step."""
    return read_document(logs, logs.find(query.run, tags.PROBE, query.step))


def read_activations(logs: Logs, query: queries.StepQuery) -> Answer:
    """The `ActivationIndex` at a step."""
    return read_document(logs, logs.find(query.run, tags.ACTIVATIONS, query.step))


def read_status(logs: Logs, query: queries.RunQuery) -> Answer:
    """The last `Status` of a training."""
    return read_document(logs, logs.find(query.run, tags.STATUS, None))


def read_probe_data(logs: Logs, query: queries.ProbeDataQuery) -> Answer:
    """One sample of one input of the probe."""
    record = logs.find(query.run, tags.PROBE, query.step)
    index, info = logs.read_document(record, schema.ProbeIndex)
    if query.input >= len(index.inputs):
        raise NotFoundError(
            f"{record.what} has no input {query.input}; it has {len(index.inputs)}."
        )
    entry = index.inputs[query.input]
    what = f"Input {quote(entry.name)} of sample {query.sample}"
    return _sample(logs, record, info, entry.members, sample=query.sample, what=what)


def read_thumbnails(logs: Logs, query: queries.SampleQuery) -> Answer:
    """The miniatures of all layers, for one sample."""
    record = logs.find(query.run, tags.ACTIVATIONS, query.step)
    index, info = logs.read_document(record, schema.ActivationIndex)
    what = f"The miniatures of sample {query.sample}"
    return _sample(logs, record, info, index.thumbnails, sample=query.sample, what=what)


def read_activation_data(logs: Logs, query: queries.ActivationDataQuery) -> Answer:
    """The maps and statistics of one output of one call of a layer."""
    record = logs.find(query.run, tags.ACTIVATIONS, query.step)
    index, info = logs.read_document(record, schema.ActivationIndex)
    entry = find_output(index, query, record)
    what = f"Layer {quote(entry.path)} of sample {query.sample}"
    return _sample(logs, record, info, entry.members, sample=query.sample, what=what)


def find_output(
    index: schema.ActivationIndex, query: queries.OutputQuery, record: Record
) -> schema.LayerActivation:
    """The entry of one output of one call of a layer.

    Raises:
        NotFoundError: There is none; says what there is.
    """
    entries = [entry for entry in index.layers if entry.path == query.layer]
    for entry in entries:
        if (entry.call, entry.output) == (query.call, query.output):
            return entry
    wanted = f"call {query.call}, output {query.output}"
    if entries:
        known = [f"call {entry.call}, output {entry.output}" for entry in entries]
        raise NotFoundError(
            f"{record.what}: layer {quote(query.layer)} has no {wanted}; "
            f"it has: {enumerate_some(known)}."
        )
    for skipped in index.skipped:
        if skipped.path == query.layer:
            raise NotFoundError(
                f"{record.what}: layer {quote(query.layer)} was not logged: "
                f"{skipped.reason[:200]}"
            )
    paths = list(dict.fromkeys(quote(entry.path) for entry in index.layers))
    raise NotFoundError(
        f"{record.what}: there is no layer {quote(query.layer)}; "
        f"there are: {enumerate_some(paths)}."
    )


def read_document(logs: Logs, record: Record) -> Answer:
    """The document in blob 0 of a record, as it is stored.

    Raises:
        WireError: It is damaged or newer.
    """
    member = logs.read_blob(record, 0)
    codec.check_member(member, record.what)
    return Answer(member, "application/json", record.what, True)


def _sample(
    logs: Logs,
    record: Record,
    index_info: codec.MemberInfo,
    members: tuple[schema.MemberRef, ...],
    *,
    sample: int,
    what: str,
) -> Answer:
    if sample >= len(members):
        raise NotFoundError(
            f"{record.what}: there is no sample {sample}; {len(members)} were kept."
        )
    return read_member(logs, record, index_info.sequence, members[sample], what)


def read_member(
    logs: Logs, record: Record, sequence: int, ref: schema.MemberRef, what: str
) -> Answer:
    """One member of a record, as it is stored.

    Args:
        logs: The logs.
        record: The record.
        sequence: Sequence number of the index that names the member.
        ref: Where it lies.
        what: What it is, for an error's text.

    Raises:
        WireError: It is damaged, or of another record than the index.
    """
    what = f"{what} ({record.what})"
    member = codec.slice_member(logs.read_blob(record, ref.blob), ref, what)
    if codec.check_member(member, what).sequence != sequence:
        # Or the step was written anew since it was listed: `answer` looks again.
        raise metadata.WireError(f"{what} is damaged: it is of another record.")
    return Answer(member, "application/octet-stream", what, True)
