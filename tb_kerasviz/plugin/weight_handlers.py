"""Captures of weights."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from tb_kerasviz.analysis.weight_trend import WeightRow, join_rows
from tb_kerasviz.plugin import queries
from tb_kerasviz.plugin.errors import NotFoundError, enumerate_some, quote
from tb_kerasviz.plugin.handlers import Answer, read_document, read_member
from tb_kerasviz.plugin.layer_data import (
    read_captured_norms,
    read_captures,
    read_variable_places,
)
from tb_kerasviz.plugin.listing import Record
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.plugin.trend_answer import answer_trend
from tb_kerasviz.wire import codec, schema, tags
from tb_kerasviz.wire.histograms import take_histogram

Array = np.ndarray[Any, Any]


MAX_NORM_CAPTURES = 48
"""Most captures of the norms of all variables, which are drawn small."""


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


def read_weight_trend(logs: Logs, query: queries.VariableTrendQuery) -> Answer:
    """Histograms, statistics and changes of one variable over all captures.

    The answer is safetensors, with the arrays of `WeightTrend` and `captures`
    `[1]`: how many captures the run has, of which it may lack some. Whole
    numbers are float64, which a browser reads as numbers.
    """
    run = logs.find_run(query.run)
    records = list(run.records(tags.WEIGHTS).values())
    what = f"The trend of variable {quote(query.variable)}"

    def read(logs: Logs, record: Record) -> WeightRow | None:
        place = read_variable_places(logs, record).get(query.variable)
        if place is None:
            return None
        sequence = codec.check_member(logs.read_blob(record, 0), record.what).sequence
        member = read_member(logs, record, sequence, place.member, what).content
        counts, edges, stats = take_histogram(codec.decode_arrays(member, what), what)
        return WeightRow(counts, edges, stats, place.change, place.change_from_start)

    found = read_captures(logs, records, read).by_step
    rows = {step: row for step, row in found.items() if row is not None}
    if not rows:
        raise NotFoundError(
            f"Run {quote(run.name)} has no captures of variable "
            f"{quote(query.variable)}."
        )
    trend = join_rows(rows)
    return answer_trend(trend, len(records), what, changes=trend.changes)


def read_weight_norms(logs: Logs, query: queries.RunQuery) -> Answer:
    """Norms of all V variables over T captures.

    The answer is safetensors with float64 `steps` `[T]`, float32 `norm` and
    `nonfinite` `[V, T]` (how many values are NaN or infinite), where NaN stands
    for what is not known, and `paths`: those of the variables, as the UTF-8
    bytes of a JSON array.
    """
    run = logs.find_run(query.run)
    what = f"The norms of the weights of run {quote(run.name)}"
    records = list(run.records(tags.WEIGHTS).values())
    found = read_captures(logs, records, read_captured_norms, MAX_NORM_CAPTURES).by_step
    # The order of the latest capture; what only earlier ones have comes behind.
    captures = list(found.values())
    paths = dict.fromkeys(one.path for capture in captures[::-1] for one in capture)
    rows = {path: row for row, path in enumerate(paths)}
    norm = np.full((len(rows), len(captures)), np.nan, np.float32)
    nonfinite = norm.copy()
    for column, capture in enumerate(captures):
        for one in capture:
            place = rows[one.path], column
            norm[place] = np.nan if one.norm is None else one.norm
            nonfinite[place] = np.nan if one.nonfinite is None else one.nonfinite
    arrays: dict[str, Array] = {
        "steps": np.array(list(found), np.float64),
        "norm": norm,
        "nonfinite": nonfinite,
        "paths": np.frombuffer(msgspec.json.encode(list(paths)), np.uint8),
    }
    content = codec.encode_arrays(arrays, sequence=0)
    return Answer(content, "application/octet-stream", what, True)
