"""Captures of weights."""

from __future__ import annotations

from tb_kerasviz.plugin import queries
from tb_kerasviz.plugin.errors import NotFoundError, enumerate_some, quote
from tb_kerasviz.plugin.handlers import Answer, read_document, read_member
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.wire import schema, tags


def read_weights(logs: Logs, query: queries.StepQuery) -> Answer:
    """The `WeightIndex` at a step."""
    return read_document(logs, logs.find(query.run, tags.WEIGHTS, query.step))


def read_weight_data(logs: Logs, query: queries.VariableQuery) -> Answer:
    """Values, histogram and statistics of one variable."""
    record = logs.find(query.run, tags.WEIGHTS, query.step)
    index, info = logs.read_document(record, schema.WeightIndex)
    for entry in index.variables:
        if entry.path == query.variable:
            what = f"Variable {quote(entry.path)}"
            return read_member(logs, record, info.sequence, entry.member, what)
    for skipped in index.skipped:
        if skipped.path == query.variable:
            raise NotFoundError(
                f"{record.what}: variable {quote(query.variable)} was not logged: "
                f"{skipped.reason[:200]}"
            )
    paths = [quote(entry.path) for entry in index.variables]
    raise NotFoundError(
        f"{record.what}: there is no variable {quote(query.variable)}; "
        f"there are: {enumerate_some(paths)}."
    )
