"""What is the matter with each training: a page of a list of all of them."""

from __future__ import annotations

import time

import msgspec

from tb_kerasviz.analysis.training_verdict import no_verdict
from tb_kerasviz.plugin import listing, queries
from tb_kerasviz.plugin.dynamics_data import read_verdict
from tb_kerasviz.plugin.errors import InvalidArgumentError, UnreadableDataError
from tb_kerasviz.plugin.handlers import Answer
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.wire import metadata, schema

MAX_VERDICTS = 64

PAGE_SECS = 1.0
"""After so long a page ends: who asks shows what there is, and asks on."""


def list_verdicts(logs: Logs, query: queries.PageQuery) -> Answer:
    """The `TrainingVerdicts` of some trainings."""
    if not 1 <= query.count <= MAX_VERDICTS:
        raise InvalidArgumentError(
            f"parameter count is {query.count}; it must be from 1 to {MAX_VERDICTS}."
        )
    runs = list(logs.runs().values())
    started = time.monotonic()
    verdicts: list[schema.TrainingVerdict] = []
    for run in runs[query.skip : query.skip + query.count]:
        if verdicts and time.monotonic() - started > PAGE_SECS:
            break
        verdicts.append(_judge(logs, run))
    document = schema.TrainingVerdicts(
        version=metadata.WIRE_VERSION, verdicts=tuple(verdicts), total=len(runs)
    )
    content = msgspec.json.encode(document)
    return Answer(content, "application/json", "The verdicts on the runs", False)


def _judge(logs: Logs, run: listing.LoggedRun) -> schema.TrainingVerdict:
    try:
        return read_verdict(logs, run)
    except (metadata.WireError, UnreadableDataError) as error:
        # The others can be read all the same.
        return no_verdict(run.name, "error", str(error))
