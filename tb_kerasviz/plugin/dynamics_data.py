"""The dynamics that the logs hold: read once as long as nothing is added."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from tensorboard.data import provider

from tb_kerasviz.analysis.layer_statistics import DynamicsRows
from tb_kerasviz.analysis.training_verdict import judge_training
from tb_kerasviz.plugin import listing
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.wire import schema, tags
from tb_kerasviz.wire.dynamics import check_rows, check_step_row

Array = np.ndarray[Any, Any]

MAX_DYNAMICS_BYTES = 48 * 2**20
"""Most bytes of dynamics of a training that are read and kept."""

_MAX_STEP_ROWS = 200_000
_WIDTH = len(schema.DYNAMICS_COLUMNS)


@dataclasses.dataclass(frozen=True)
class LoggedDynamics:
    """All dynamics of a training.

    Attributes:
        parts: Rows, ascending; a part for each list of variables.
        left_out: What was not read, as a phrase; empty if nothing was.
    """

    parts: tuple[DynamicsRows, ...]
    left_out: str

    def at(self, step: int) -> DynamicsRows | None:
        """The last row at or below a step; None if there is none."""
        for part in reversed(self.parts):
            place = int(np.searchsorted(part.steps, step, side="right")) - 1
            if place >= 0:
                one = slice(place, place + 1)
                return DynamicsRows(
                    part.variables,
                    part.steps[one],
                    part.values[one],
                    part.damaged[one],
                )
        return None


@dataclasses.dataclass(frozen=True)
class LoggedStepDynamics:
    """The dynamics of all variables together.

    Attributes:
        steps: int64 `[W]`, ascending.
        values: float32 `[W, C]`, columns `schema.STEP_COLUMNS`.
        left_out: What was not read, as a phrase; empty if nothing was.
    """

    steps: Array
    values: Array
    left_out: str


def read_dynamics(logs: Logs, run: listing.LoggedRun) -> LoggedDynamics:
    """All dynamics of a training, read once as long as nothing is added.

    Raises:
        UnreadableDataError: They are newer than this package.
        WireError: The names of their rows are damaged.
        UnavailableError, ChangedLogsError: As `Logs.read_blob`.
    """
    run.check(tags.DYNAMICS)
    names = run.records(tags.DYNAMICS_INDEX)
    series = run.series.get(tags.DYNAMICS)
    if series is None or not names:
        return LoggedDynamics((), "")

    def make() -> tuple[LoggedDynamics, int]:
        starts = {
            step: logs.read_document(record, schema.DynamicsIndex)[0]
            for step, record in names.items()
        }
        widest = max(len(index.variables) for index in starts.values())
        most = max(1, MAX_DYNAMICS_BYTES // max(1, widest * _WIDTH * 4))
        data = logs.read_tensors(run, tags.DYNAMICS, most)
        parts, damaged = _split(starts, data)
        notes = [f"{damaged} windows are damaged"] if damaged else []
        if len(data) >= most:
            notes.append(f"{most} windows of more, chosen by TensorBoard")
        nbytes = sum(part.values.nbytes for part in parts)
        return LoggedDynamics(parts, "; ".join(notes)), nbytes

    stamps = series.stamp, run.series[tags.DYNAMICS_INDEX].stamp
    key = ("dynamics", logs.experiment_id, run.run, stamps)
    return logs.reader.derive(key, make)


def _split(
    starts: Mapping[int, schema.DynamicsIndex], data: Sequence[provider.TensorDatum]
) -> tuple[tuple[DynamicsRows, ...], int]:
    """Rows under the names that hold for them, and how many fit no names."""
    begins = sorted(starts)
    rows: dict[int, dict[int, np.ndarray[Any, Any]]] = {begin: {} for begin in begins}
    damaged = 0
    for datum in data:
        place = int(np.searchsorted(begins, datum.step, side="right")) - 1
        value = datum.numpy
        names = starts[begins[place]]
        if (
            place < 0
            or value.dtype != np.float32
            or value.shape != (len(names.variables), len(names.columns))
        ):
            damaged += 1
            continue
        rows[begins[place]][datum.step] = value
    parts = []
    for begin, found in rows.items():
        names = starts[begin]
        if not found or not names.variables:
            continue
        steps = sorted(found)
        checked = check_rows(np.stack([found[step] for step in steps]), names.columns)
        parts.append(
            DynamicsRows(
                names.variables,
                np.array(steps, np.int64),
                checked.values,
                checked.damaged,
            )
        )
    return tuple(parts), damaged


def read_step_dynamics(logs: Logs, run: listing.LoggedRun) -> LoggedStepDynamics:
    """The dynamics of all variables together; empty where they are not logged.

    Raises:
        UnreadableDataError: They are newer than this package.
        WireError: The names of their columns are damaged.
        UnavailableError, ChangedLogsError: As `Logs.read_blob`.
    """
    run.check(tags.STEP_DYNAMICS)
    names = run.records(tags.DYNAMICS_INDEX)
    series = run.series.get(tags.STEP_DYNAMICS)
    width = len(schema.STEP_COLUMNS)
    if series is None or not names:
        none = np.zeros(0, np.int64), np.zeros((0, width), np.float32)
        return LoggedStepDynamics(*none, "")

    def make() -> tuple[LoggedStepDynamics, int]:
        starts = {
            step: logs.read_document(record, schema.DynamicsIndex)[0].step_columns
            for step, record in names.items()
        }
        begins = sorted(starts)
        data = logs.read_tensors(run, tags.STEP_DYNAMICS, _MAX_STEP_ROWS)
        rows: dict[int, Array] = {}
        damaged = 0
        for datum in data:
            place = int(np.searchsorted(begins, datum.step, side="right")) - 1
            columns = starts[begins[max(0, place)]]
            if datum.numpy.dtype != np.float32 or datum.numpy.shape != (len(columns),):
                damaged += 1
                continue
            checked = check_step_row(datum.numpy, columns)
            damaged += int(checked.damaged)
            rows[datum.step] = checked.values
        steps = np.array(sorted(rows), np.int64)
        values = np.array([rows[step] for step in sorted(rows)], np.float32)
        note = f"{damaged} windows are damaged" if damaged else ""
        found = LoggedStepDynamics(steps, values.reshape(len(steps), width), note)
        return found, values.nbytes + steps.nbytes

    stamps = series.stamp, run.series[tags.DYNAMICS_INDEX].stamp
    key = ("step dynamics", logs.experiment_id, run.run, stamps)
    return logs.reader.derive(key, make)


def read_verdict(logs: Logs, run: listing.LoggedRun) -> schema.TrainingVerdict:
    """What is the matter with a training, judged once as long as nothing is added.

    Raises:
        UnreadableDataError: Its dynamics are newer than this package.
        WireError: The names of their rows are damaged.
        UnavailableError, ChangedLogsError: As `Logs.read_blob`.
    """

    def read_layers() -> Sequence[schema.LayerNode]:
        graph = run.last_record(tags.MODEL_GRAPH, listing.MAX_STEP)
        return (
            ()
            if graph is None
            else logs.read_document(graph, schema.ModelGraph)[0].layers
        )

    def make() -> tuple[schema.TrainingVerdict, int]:
        found, together = read_dynamics(logs, run), read_step_dynamics(logs, run)
        totals = together.values if together.steps.size else None
        verdict = judge_training(
            run.name, found.parts, together.steps, totals, read_layers
        )
        return verdict, len(msgspec.json.encode(verdict))

    kinds: tuple[tags.Kind, ...] = (
        tags.DYNAMICS,
        tags.STEP_DYNAMICS,
        tags.DYNAMICS_INDEX,
    )
    stamps = tuple(
        None if (series := run.series.get(kind)) is None else series.stamp
        for kind in kinds
    )
    key = ("verdict", logs.experiment_id, run.run, stamps)
    return logs.reader.summarise(key, make)
