"""Dynamics, as the plugin answers them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from tb_kerasviz.plugin import dynamics_data, log_reader, verdict_handlers
from tb_kerasviz.wire import codec, schema, tags
from tests.plugin import log_files, servers
from tests.plugin.test_plugin_layers import sentence_of
from tests.plugin.test_plugin_units import body_of, document_of

COLUMN = {name: at for at, name in enumerate(schema.DYNAMICS_COLUMNS)}
STEP_COLUMN = {name: at for at, name in enumerate(schema.STEP_COLUMNS)}


def test_the_summary_names_what_is_followed(app: servers.Application) -> None:
    found = document_of(app.get("/dynamics", run="run1"), schema.DynamicsSummary)
    assert found.variables == log_files.MEASURED
    assert (found.first_step, found.last_step, found.windows) == (0, 119, 120)
    assert found.has_steps
    assert found.cut == ""


@pytest.mark.parametrize("cells", [7, 120, 500])
def test_a_map_holds_the_extremes_of_every_cell(
    app: servers.Application, cells: int
) -> None:
    response = app.get("/dynamics/map", run="run1", first=0, last=119, cells=cells)
    assert response.content_type == "application/octet-stream"
    body_of(response)
    arrays = codec.decode_arrays(response.data, "map")

    rows = np.stack([log_files.dynamics_rows(step) for step in range(120)])
    peaks = rows[:, :, COLUMN["grad_norm_max"]]
    steps = arrays["steps"].astype(int)
    begins = [0, *(steps[:-1] + 1)]
    assert len(steps) == min(cells, 120)
    for at, (begin, end) in enumerate(zip(begins, steps, strict=True)):
        wanted = peaks[begin : end + 1].max(axis=0)
        np.testing.assert_array_equal(arrays["largest"][:, at], wanted)
    assert arrays["mean"].shape == (2, len(steps))


def test_the_steps_of_all_variables(app: servers.Application) -> None:
    response = app.get("/dynamics/steps", run="run1", first=10, last=19, cells=10)
    body_of(response)
    arrays = codec.decode_arrays(response.data, "steps")

    rows = np.stack([log_files.step_row(step) for step in range(10, 20)])
    assert arrays["steps"].tolist() == list(range(10, 20))
    for name in ("learning_rate", "loss_mean", "global_norm_max"):
        np.testing.assert_allclose(
            arrays[name], rows[:, STEP_COLUMN[name]], rtol=1e-6, err_msg=name
        )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"first": 5, "last": 4}, "must not be below first, which is 5"),
        ({"first": 0, "last": 4, "cells": 0}, "from 1 to 2048"),
        ({"first": 0, "last": 4, "cells": 3000}, "from 1 to 2048"),
        ({"first": 0, "last": 4, "quantity": "x"}, "there are: grad_norm, update_norm"),
    ],
)
def test_what_cannot_be_mapped_is_a_sentence(
    app: servers.Application, query: dict[str, object], sentence: str
) -> None:
    response = app.get("/dynamics/map", run="run1", **query)
    assert response.status_code == 400
    assert sentence in gzip.decompress(response.data).decode()


def test_a_run_without_dynamics(tmp_path_factory: pytest.TempPathFactory) -> None:
    log_dir = tmp_path_factory.mktemp("logs")
    log_files.LogFile(log_dir / "run1").write_activations(3)
    app = servers.Application(log_dir)

    found = document_of(app.get("/dynamics", run="run1"), schema.DynamicsSummary)
    assert (found.variables, found.first_step, found.has_steps) == ((), None, False)
    assert (found.verdict.state, found.verdict.findings) == ("none", ())
    for path in ("/dynamics/map", "/dynamics/steps"):
        response = app.get(path, run="run1", first=0, last=3)
        assert response.status_code == 404
        assert "were not logged" in sentence_of(response)


def test_verdicts_come_in_pages(app: servers.Application) -> None:
    everything = document_of(app.get("/dynamics/verdicts"), schema.TrainingVerdicts)
    assert everything.total == 2
    assert [one.run for one in everything.verdicts] == [".", "run1"]
    _, judged = everything.verdicts
    assert judged.state == "judged"
    summary = document_of(app.get("/dynamics", run="run1"), schema.DynamicsSummary)
    assert summary.verdict == judged

    response = app.get("/dynamics/verdicts", skip=1, count=5)
    page = document_of(response, schema.TrainingVerdicts)
    assert (page.verdicts, page.total) == ((judged,), 2)
    beyond = app.get("/dynamics/verdicts", skip=7)
    assert document_of(beyond, schema.TrainingVerdicts).verdicts == ()


@pytest.mark.parametrize("count", [0, 65])
def test_pages_of_verdicts_are_bounded(app: servers.Application, count: int) -> None:
    response = app.get("/dynamics/verdicts", count=count)
    assert response.status_code == 400
    assert "from 1 to 64" in sentence_of(response)


def test_a_page_ends_where_it_takes_long(
    app: servers.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_handlers, "PAGE_SECS", 0.0)
    found = document_of(app.get("/dynamics/verdicts"), schema.TrainingVerdicts)
    assert (len(found.verdicts), found.total) == (1, 2)


def test_a_verdict_outlives_the_rows_that_it_was_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many large runs the rows do not fit together; what is said of them does."""
    for name in ("run1", "run2"):
        file = log_files.LogFile(tmp_path / name)
        file.write_document(tags.DYNAMICS_INDEX, 0, log_files.dynamics_index())
        for step in range(20):
            file.write_dynamics(step)
    monkeypatch.setattr(log_reader, "_DERIVED_CACHE_BYTES", 1000)  # Not one of them.
    app = servers.Application(tmp_path)
    first = document_of(app.get("/dynamics/verdicts"), schema.TrainingVerdicts)

    def refuse(*_: object) -> None:
        raise AssertionError("the rows are read again")

    monkeypatch.setattr(dynamics_data, "read_dynamics", refuse)
    again = document_of(app.get("/dynamics/verdicts"), schema.TrainingVerdicts)
    assert again == first
    assert again.total == 2


def test_a_run_that_cannot_be_read_leaves_the_others(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    log_dir = tmp_path_factory.mktemp("logs")
    for name in ("bad", "good"):
        file = log_files.LogFile(log_dir / name)
        index = codec.encode_document(log_files.dynamics_index(), 1)
        file.write_blobs(
            tags.DYNAMICS_INDEX, 0, [index if name == "good" else index[:-9]]
        )
        for step in range(20):
            file.write_dynamics(step)
    app = servers.Application(log_dir)
    found = document_of(app.get("/dynamics/verdicts"), schema.TrainingVerdicts)
    assert [(one.run, one.state) for one in found.verdicts] == [
        ("bad", "error"),
        ("good", "judged"),
    ]
    assert "damaged" in found.verdicts[0].headline
