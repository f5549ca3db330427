"""What was measured of units: of one layer, of one unit over steps, of all layers."""

from __future__ import annotations

import math

import msgspec

from tb_kerasviz.analysis.layer_statistics import logged_number
from tb_kerasviz.analysis.unit_health import combine_unit_counts
from tb_kerasviz.plugin import queries
from tb_kerasviz.plugin.errors import NotFoundError, quote
from tb_kerasviz.plugin.handlers import Answer, find_output, read_member
from tb_kerasviz.plugin.layer_data import (
    UnitsPlace,
    read_captures,
    read_counted_outputs,
    read_units_places,
)
from tb_kerasviz.plugin.listing import Record
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.wire import codec, metadata, schema, tags


def read_units(logs: Logs, query: queries.OutputQuery) -> Answer:
    """Statistics and histograms of every unit of one output of a layer."""
    record = logs.find(query.run, tags.ACTIVATIONS, query.step)
    index, info = logs.read_document(record, schema.ActivationIndex)
    entry = find_output(index, query, record)
    what = f"The units of layer {quote(entry.path)}"
    if entry.units is None:
        raise NotFoundError(f"{record.what}: {what} were not logged.")
    return read_member(logs, record, info.sequence, entry.units, what)


def read_model_output(logs: Logs, query: queries.ModelOutputQuery) -> Answer:
    """What the model returned for the probe, of one of its outputs."""
    record = logs.find(query.run, tags.ACTIVATIONS, query.step)
    index, info = logs.read_document(record, schema.ActivationIndex)
    if query.output >= len(index.outputs):
        raise NotFoundError(
            f"{record.what}: the model has no output {query.output}; "
            f"{len(index.outputs)} were logged."
        )
    what = f"Output {query.output} of the model"
    member = index.outputs[query.output].member
    return read_member(logs, record, info.sequence, member, what)


def read_unit_trend(logs: Logs, query: queries.UnitTrendQuery) -> Answer:
    """The statistics of one unit over all captures."""
    run = logs.find_run(query.run)
    records = list(run.records(tags.ACTIVATIONS).values())
    key = (query.layer, query.call, query.output)

    def read(logs: Logs, record: Record) -> tuple[float, ...] | None:
        place = read_units_places(logs, record).get(key)
        if place is None or query.unit >= place.channels:
            return None
        return _measure_unit(logs, record, place, query)

    captured = read_captures(logs, records, read)
    found = {step: row for step, row in captured.by_step.items() if row is not None}
    if not found:
        raise NotFoundError(
            f"Run {quote(run.name)} has no unit {query.unit} of layer "
            f"{quote(query.layer)}, call {query.call}, output {query.output}."
        )
    columns = (*schema.ACTIVATION_STATS, "saturated")
    # The activation, and with it whether there are bounds, may have been changed.
    width = max(len(row) for row in found.values())
    rows = [(*row, math.nan)[:width] for row in found.values()]
    document = schema.UnitTrend(
        version=metadata.WIRE_VERSION,
        steps=tuple(found),
        columns=columns[:width],
        values=tuple(
            tuple(logged_number(value) for value in column)
            for column in zip(*rows, strict=True)
        ),
        cut=captured.left_out,
    )
    what = f"The trend of unit {query.unit} of layer {quote(query.layer)}"
    return Answer(msgspec.json.encode(document), "application/json", what, False)


def read_unit_health(logs: Logs, query: queries.RunQuery) -> Answer:
    """How many units of each layer are dead, saturated or not finite."""
    run = logs.find_run(query.run)
    records = list(run.records(tags.ACTIVATIONS).values())
    captured = read_captures(logs, records, read_counted_outputs)
    document = combine_unit_counts(captured.by_step, captured.left_out)
    what = f"The health of the units of run {quote(run.name)}"
    return Answer(msgspec.json.encode(document), "application/json", what, False)


def _measure_unit(
    logs: Logs, record: Record, place: UnitsPlace, query: queries.UnitTrendQuery
) -> tuple[float, ...]:
    what = f"The units of layer {quote(query.layer)} ({record.what})"
    member = read_member(logs, record, place.sequence, place.member, what).content
    arrays = codec.decode_arrays(member, what)
    shape = (place.channels, len(schema.ACTIVATION_STATS))
    stats = codec.take_array(arrays, "stats", "float32", shape, what)
    row = tuple(float(value) for value in stats[query.unit])
    if "saturated" in arrays:
        shares = codec.take_array(
            arrays, "saturated", "float32", (place.channels,), what
        )
        row = (*row, float(shares[query.unit]))
    return row
