"""Ordinary scalar summaries of a training, such as its loss."""

from __future__ import annotations

import msgspec

from tb_kerasviz.analysis.layer_statistics import logged_number
from tb_kerasviz.plugin import queries
from tb_kerasviz.plugin.errors import quote
from tb_kerasviz.plugin.handlers import Answer
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.wire import metadata, schema


def read_scalars(logs: Logs, query: queries.ScalarQuery) -> Answer:
    """One scalar of a split, over all steps that TensorBoard keeps.

    Without any where it was not logged: the browser asks for what may be there,
    such as a loss of validation, and that there is none is no failure.
    """
    run = logs.find_run(query.run)
    what = f"The scalar {quote(query.tag)} of {quote(query.split)}"
    data = logs.read_scalars(run, query.split, query.tag)
    # What a training that was begun again wrote last counts.
    points = {datum.step: float(datum.value) for datum in data}
    document = schema.ScalarTrend(
        version=metadata.WIRE_VERSION,
        tag=query.tag,
        split=query.split,
        steps=tuple(sorted(points)),
        values=tuple(logged_number(points[step]) for step in sorted(points)),
    )
    return Answer(msgspec.json.encode(document), "application/json", what, False)
