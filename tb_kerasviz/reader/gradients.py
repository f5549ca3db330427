"""The histograms of gradients of a training."""

from __future__ import annotations

from tb_kerasviz.analysis.gradient_trend import (
    GradientRow,
    GradientTrend,
    join_gradient_rows,
)
from tb_kerasviz.reader.run_records import RunRecords, choose, reasons
from tb_kerasviz.wire import schema, tags
from tb_kerasviz.wire.gradients import Gradients, decode_gradients


def read_gradient_index(records: RunRecords, step: int) -> schema.GradientIndex:
    """See `Run.gradient_index`."""
    return records.exact(tags.GRADIENTS, schema.GradientIndex, step)


def read_gradients(records: RunRecords, path: str, step: int) -> Gradients:
    """See `Run.gradients`."""
    index = read_gradient_index(records, step)
    entries = {entry.path: entry for entry in index.variables}
    entry = choose(entries, path, "variable", reasons(index.skipped))
    return _read_entry(records, step, entry)


def read_gradient_trend(records: RunRecords, path: str) -> GradientTrend:
    """See `Run.gradient_trend`."""
    rows = {}
    for step in records.index(tags.PLUGIN_DIR).steps(tags.GRADIENTS):
        entries = {
            one.path: one for one in read_gradient_index(records, step).variables
        }
        if path in entries:
            found = _read_entry(records, step, entries[path])
            rows[step] = GradientRow.read(found.counts, found.edges, found.stats)
    if not rows:
        raise KeyError(f"no gradients of {path!r} were logged in {records.name!r}")
    return join_gradient_rows(rows)


def _read_entry(
    records: RunRecords, step: int, entry: schema.GradientCapture
) -> Gradients:
    return decode_gradients(records.member(tags.GRADIENTS, step, entry.member), entry)
