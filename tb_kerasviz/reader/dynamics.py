"""The dynamics of a training, joined from its rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_kerasviz.analysis.layer_statistics import DynamicsRows
from tb_kerasviz.analysis.nonfinite_origin import FirstNonfinite, find_first_nonfinite
from tb_kerasviz.analysis.training_verdict import judge_training
from tb_kerasviz.reader.results import Dynamics, StepDynamics
from tb_kerasviz.reader.run_records import RunRecords
from tb_kerasviz.wire import schema, tags
from tb_kerasviz.wire.dynamics import check_step_row

Array = np.ndarray[Any, Any]


def read_dynamics(records: RunRecords) -> Dynamics:
    """See `Run.dynamics`."""
    steps = records.index(tags.PLUGIN_DIR).steps(tags.DYNAMICS)
    if not steps:
        raise KeyError(f"no dynamics were logged in {records.name!r}")
    names = _read_names(records)
    variables = tuple(
        dict.fromkeys(path for index in names.values() for path in index.variables)
    )
    place = {path: i for i, path in enumerate(variables)}
    width = len(schema.DYNAMICS_COLUMNS)
    values = np.full((len(steps), len(variables), width), np.nan, np.float32)
    damaged = 0
    for t, step in enumerate(steps):
        starts = [s for s in names if s <= step]
        if not starts:
            continue
        index = names[max(starts)]
        rows = records.dynamics_rows(step, index)
        damaged += int(rows.damaged.sum())
        values[t, [place[path] for path in index.variables]] = rows.values
    return Dynamics(
        np.array(steps, np.int64), variables, schema.DYNAMICS_COLUMNS, values, damaged
    )


def read_step_dynamics(records: RunRecords) -> StepDynamics:
    """See `Run.step_dynamics`."""
    index = records.index(tags.PLUGIN_DIR)
    steps = index.steps(tags.STEP_DYNAMICS)
    if not steps:
        raise KeyError(f"no step dynamics were logged in {records.name!r}")
    names = _read_names(records)
    values = np.full((len(steps), len(schema.STEP_COLUMNS)), np.nan, np.float32)
    damaged = 0
    for t, step in enumerate(steps):
        starts = [s for s in names if s <= step]
        if not starts:
            continue
        columns = names[max(starts)].step_columns
        row = check_step_row(index.tensor(tags.STEP_DYNAMICS, step), columns)
        damaged += int(row.damaged.sum())
        values[t] = row.values
    return StepDynamics(np.array(steps, np.int64), schema.STEP_COLUMNS, values, damaged)


def read_first_nonfinite(records: RunRecords) -> FirstNonfinite | None:
    """See `Run.first_nonfinite`."""
    dynamics = read_dynamics(records)
    totals = None
    if records.index(tags.PLUGIN_DIR).steps(tags.STEP_DYNAMICS):
        totals = read_step_dynamics(records).values
    return find_first_nonfinite(dynamics.variables, dynamics.values, totals)


def read_verdict(records: RunRecords) -> schema.TrainingVerdict:
    """See `Run.verdict`."""
    index = records.index(tags.PLUGIN_DIR)
    if not index.steps(tags.DYNAMICS):
        return judge_training(records.name, (), np.zeros(0, np.int64), None)
    rows = read_dynamics(records)
    damaged = np.isnan(rows.values[:, :, 0])
    part = DynamicsRows(rows.variables, rows.steps, rows.values, damaged)
    steps, totals = np.zeros(0, np.int64), None
    if index.steps(tags.STEP_DYNAMICS):
        together = read_step_dynamics(records)
        steps, totals = together.steps, together.values

    def read_layers() -> tuple[schema.LayerNode, ...]:
        if not index.steps(tags.MODEL_GRAPH):
            return ()
        return records.document(tags.MODEL_GRAPH, schema.ModelGraph, None).layers

    return judge_training(records.name, [part], steps, totals, read_layers)


def _read_names(records: RunRecords) -> dict[int, schema.DynamicsIndex]:
    return {
        step: records.exact(tags.DYNAMICS_INDEX, schema.DynamicsIndex, step)
        for step in records.index(tags.PLUGIN_DIR).steps(tags.DYNAMICS_INDEX)
    }
