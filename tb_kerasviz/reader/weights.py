"""The captures of weights of a training."""

from __future__ import annotations

from tb_kerasviz.analysis.weight_trend import WeightRow, WeightTrend, join_rows
from tb_kerasviz.reader.run_records import RunRecords, choose, reasons
from tb_kerasviz.wire import schema, tags
from tb_kerasviz.wire.weights import Weights, decode_weights


def read_weight_index(records: RunRecords, step: int) -> schema.WeightIndex:
    """See `Run.weight_index`."""
    return records.exact(tags.WEIGHTS, schema.WeightIndex, step)


def read_weights(records: RunRecords, path: str, step: int) -> Weights:
    """See `Run.weights`."""
    index = read_weight_index(records, step)
    entries = {entry.path: entry for entry in index.variables}
    entry = choose(entries, path, "variable", reasons(index.skipped))
    return _read_entry(records, step, entry)


def read_weight_trend(records: RunRecords, path: str) -> WeightTrend:
    """See `Run.weight_trend`."""
    rows = {}
    for step in records.index(tags.PLUGIN_DIR).steps(tags.WEIGHTS):
        entries = {one.path: one for one in read_weight_index(records, step).variables}
        if path in entries:
            found = _read_entry(records, step, entries[path])
            rows[step] = WeightRow(
                found.counts,
                found.edges,
                found.stats,
                found.change,
                found.change_from_start,
            )
    if not rows:
        raise KeyError(f"no weights of {path!r} were logged in {records.name!r}")
    return join_rows(rows)


def _read_entry(records: RunRecords, step: int, entry: schema.WeightCapture) -> Weights:
    return decode_weights(records.member(tags.WEIGHTS, step, entry.member), entry)
