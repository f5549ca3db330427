"""Statistics of layers, combined from everything that was logged of them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tb_kerasviz.analysis.layer_statistics import (
    ACTIVATION_COLUMNS,
    LoggedNorm,
    layer_statistics,
)
from tb_kerasviz.analysis.layer_trends import layer_trend
from tb_kerasviz.plugin import queries
from tb_kerasviz.plugin.dynamics_data import read_dynamics
from tb_kerasviz.plugin.errors import NotFoundError, enumerate_some, quote
from tb_kerasviz.plugin.handlers import Answer
from tb_kerasviz.plugin.layer_data import (
    read_captures,
    read_norms,
    read_summaries,
    read_variables,
)
from tb_kerasviz.plugin.listing import LoggedRun
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.wire import schema, tags


def read_layer_statistics(logs: Logs, query: queries.StepQuery) -> Answer:
    """Every statistic of every layer, as it was at a step."""
    run = logs.find_run(query.run)
    graph = run.last_record(tags.MODEL_GRAPH, query.step)
    if graph is None:
        # Logged when the first data were seen: it holds for what was before.
        graph = next(iter(run.records(tags.MODEL_GRAPH).values()), None)
    weights = run.last_record(tags.WEIGHTS, query.step)
    outputs = run.last_record(tags.ACTIVATIONS, query.step)
    document = layer_statistics(
        query.step,
        read_variables(logs, graph) if graph else {},
        read_dynamics(logs, run).at(query.step),
        (weights.step, read_norms(logs, weights)) if weights else None,
        (outputs.step, read_summaries(logs, outputs)) if outputs else None,
    )
    return _answer(document, "The statistics of the layers")


def read_layer_trend(logs: Logs, query: queries.LayerQuery) -> Answer:
    """Every statistic of one layer over the training."""
    run = logs.find_run(query.run)
    variables = _find_variables(logs, run, query.layer)
    dynamics = read_dynamics(logs, run)
    outputs = list(run.records(tags.ACTIVATIONS).values())
    captured = read_captures(logs, outputs, read_summaries)
    summaries = {
        step: found[query.layer]
        for step, found in captured.by_step.items()
        if query.layer in found
    }
    if variables is None and not summaries:
        raise _unknown_layer(logs, run, query.layer)
    variables = variables or ()
    left_out = dict.fromkeys(schema.LAYER_STATISTICS, dynamics.left_out)
    left_out.update(dict.fromkeys(ACTIVATION_COLUMNS, captured.left_out))
    measured = {path for part in dynamics.parts for path in part.variables}
    norms: Mapping[int, Mapping[str, LoggedNorm]] = {}
    if variables and measured.isdisjoint(variables):
        # Dear, and of no use where the dynamics have it.
        weights = list(run.records(tags.WEIGHTS).values())
        captured_weights = read_captures(logs, weights, read_norms)
        norms = captured_weights.by_step
        left_out["weight_norm"] = captured_weights.left_out
    document = layer_trend(
        query.layer,
        variables,
        dynamics=dynamics.parts,
        norms=norms,
        summaries=summaries,
        left_out=left_out,
    )
    return _answer(document, f"The trend of layer {quote(query.layer)}")


def _find_variables(logs: Logs, run: LoggedRun, layer: str) -> tuple[str, ...] | None:
    """Those of a layer in the last model graph that has it; None if none has."""
    for record in reversed(list(run.records(tags.MODEL_GRAPH).values())):
        variables = read_variables(logs, record).get(layer)
        if variables is not None:
            return variables
    return None


def _unknown_layer(logs: Logs, run: LoggedRun, layer: str) -> NotFoundError:
    graphs = list(run.records(tags.MODEL_GRAPH).values())
    known = read_variables(logs, graphs[-1]) if graphs else {}
    paths = enumerate_some([quote(path) for path in known])
    return NotFoundError(
        f"Run {quote(run.name)} has no layer {quote(layer)}; there are: {paths}."
    )


def _answer(document: schema.Document, what: str) -> Answer:
    return Answer(msgspec.json.encode(document), "application/json", what, False)
