"""Histograms of gradients."""

from __future__ import annotations

from tb_kerasviz.analysis.gradient_trend import GradientRow, join_gradient_rows
from tb_kerasviz.plugin import queries
from tb_kerasviz.plugin.errors import NotFoundError, quote
from tb_kerasviz.plugin.handlers import Answer, read_member
from tb_kerasviz.plugin.layer_data import read_captures
from tb_kerasviz.plugin.listing import Record
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.plugin.trend_answer import answer_trend
from tb_kerasviz.wire import codec, schema, tags
from tb_kerasviz.wire.histograms import take_histogram


def read_gradient_trend(logs: Logs, query: queries.VariableTrendQuery) -> Answer:
    """Histograms and statistics of one variable's gradient over all steps.

    The answer is safetensors, with the arrays of `GradientTrend` and `captures`
    `[1]`: of how many steps the run has histograms, of which some may lack the
    variable. Whole numbers are float64, which a browser reads as numbers.
    """
    run = logs.find_run(query.run)
    records = list(run.records(tags.GRADIENTS).values())
    what = f"The gradients of variable {quote(query.variable)}"
    reasons: list[str] = []

    def read(logs: Logs, record: Record) -> GradientRow | None:
        index, info = logs.read_document(record, schema.GradientIndex)
        for entry in index.variables:
            if entry.path == query.variable:
                member = read_member(logs, record, info.sequence, entry.member, what)
                arrays = codec.decode_arrays(member.content, what)
                return GradientRow.read(*take_histogram(arrays, what))
        reasons.extend(
            one.reason for one in index.skipped if one.path == query.variable
        )
        return None

    found = read_captures(logs, records, read).by_step
    rows = {step: row for step, row in found.items() if row is not None}
    if not rows:
        reason = f": {reasons[-1][:200]}" if reasons else ""
        raise NotFoundError(
            f"Run {quote(run.name)} has no histograms of the gradient of variable "
            f"{quote(query.variable)}{reason}."
        )
    trend = join_gradient_rows(rows)
    return answer_trend(trend, len(records), what)
