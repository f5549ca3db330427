"""The dynamics of a training, as pictures of at most so many cells."""

from __future__ import annotations

import msgspec
import numpy as np

from tb_kerasviz.analysis.dynamics_map import map_dynamics, map_steps
from tb_kerasviz.plugin import queries
from tb_kerasviz.plugin.dynamics_data import (
    read_dynamics,
    read_step_dynamics,
    read_verdict,
)
from tb_kerasviz.plugin.errors import (
    InvalidArgumentError,
    NotFoundError,
    enumerate_some,
    quote,
)
from tb_kerasviz.plugin.handlers import Answer
from tb_kerasviz.plugin.log_reader import Logs
from tb_kerasviz.wire import codec, metadata, schema

MAX_CELLS = 2048


def list_dynamics(logs: Logs, query: queries.RunQuery) -> Answer:
    """The `DynamicsSummary`: which variables are followed, over which steps."""
    run = logs.find_run(query.run)
    found = read_dynamics(logs, run)
    together = read_step_dynamics(logs, run)
    paths = dict.fromkeys(path for part in found.parts for path in part.variables)
    cut = [note for note in (found.left_out, together.left_out) if note]
    document = schema.DynamicsSummary(
        version=metadata.WIRE_VERSION,
        variables=tuple(paths),
        first_step=min((int(part.steps[0]) for part in found.parts), default=None),
        last_step=max((int(part.steps[-1]) for part in found.parts), default=None),
        windows=sum(len(part.steps) for part in found.parts),
        has_steps=bool(together.steps.size),
        verdict=read_verdict(logs, run),
        cut="; ".join(cut),
    )
    what = f"The dynamics of run {quote(run.name)}"
    return Answer(msgspec.json.encode(document), "application/json", what, False)


def read_dynamics_map(logs: Logs, query: queries.DynamicsQuery) -> Answer:
    """One quantity of all variables; see `schema.DynamicsSummary`."""
    if query.quantity not in schema.DYNAMICS_QUANTITIES:
        raise InvalidArgumentError(
            f"parameter quantity is {quote(query.quantity)}; there are: "
            f"{enumerate_some(list(schema.DYNAMICS_QUANTITIES))}."
        )
    run = logs.find_run(query.run)
    parts = read_dynamics(logs, run).parts
    what = f"The dynamics of run {quote(run.name)}"
    if not parts:
        raise NotFoundError(f"{what} were not logged.")
    mapped = map_dynamics(parts, query.quantity, *_range_of(query))
    arrays = {
        "first_steps": mapped.cells.first_steps.astype(np.float64),
        "steps": mapped.cells.steps.astype(np.float64),
        "mean": mapped.mean,
        "smallest": mapped.smallest,
        "largest": mapped.largest,
        "nonfinite": mapped.nonfinite,
    }
    content = codec.encode_arrays(arrays, sequence=0)
    return Answer(content, "application/octet-stream", what, True)


def read_step_map(logs: Logs, query: queries.CellsQuery) -> Answer:
    """The dynamics of all variables together; see `schema.DynamicsSummary`."""
    run = logs.find_run(query.run)
    found = read_step_dynamics(logs, run)
    what = f"The dynamics of all variables of run {quote(run.name)}"
    if not found.steps.size:
        raise NotFoundError(f"{what} were not logged.")
    cells, columns = map_steps(found.steps, found.values, *_range_of(query))
    arrays = {
        "first_steps": cells.first_steps.astype(np.float64),
        "steps": cells.steps.astype(np.float64),
        **columns,
    }
    content = codec.encode_arrays(arrays, sequence=0)
    return Answer(content, "application/octet-stream", what, True)


def _range_of(query: queries.CellsQuery) -> tuple[int, int, int]:
    if query.last < query.first:
        raise InvalidArgumentError(
            f"parameter last is {query.last}; it must not be below first, which is "
            f"{query.first}."
        )
    if not 1 <= query.cells <= MAX_CELLS:
        raise InvalidArgumentError(
            f"parameter cells is {query.cells}; it must be from 1 to {MAX_CELLS}."
        )
    return query.first, query.last, query.cells
