"""One variable over all captures, as the plugin answers it and load() reads it."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_kerasviz
from tb_kerasviz.analysis.histogram import histogram
from tb_kerasviz.analysis.tensor_stats import tensor_stats
from tb_kerasviz.plugin import weight_handlers
from tb_kerasviz.wire import codec, schema, tags, weights
from tests.plugin import log_files, servers
from tests.plugin.test_plugin_layers import sentence_of
from tests.plugin.test_plugin_units import body_of

Array = np.ndarray[Any, Any]
STEPS = (0, 4, 9)


def values_at(step: int) -> Array:
    random = np.random.default_rng(step)
    return (random.normal(0, 1 + step, (40, 5))).astype(np.float32)


def captured(step: int, path: str = "dense/kernel") -> weights.VariableArrays:
    values = values_at(step)
    counts, edges = histogram(values)
    return weights.VariableArrays(
        path=path,
        shape=values.shape,
        dtype="float32",
        trainable=True,
        kept=(None, None),
        cut="",
        values=values,
        counts=counts,
        edges=edges,
        stats=tensor_stats(values),
        change=None if step == 0 else step / 2,
        change_from_start=None if step == 0 else float(step),
    )


def write_capture(
    file: log_files.LogFile, step: int, *variables: weights.VariableArrays
) -> None:
    whole = dataclasses.replace(log_files.weight_capture(step), variables=variables)
    blobs = weights.encode_weights(whole, file.next_sequence())
    file.write_blobs(tags.WEIGHTS, step, blobs)


@pytest.fixture
def log_dir(tmp_path: Path) -> Path:
    file = log_files.LogFile(tmp_path / "run1")
    for step in STEPS:
        late = [captured(step, "late/kernel")] if step == 4 else []
        write_capture(file, step, captured(step), *late)
    return tmp_path


def trend_of(app: servers.Application, variable: str) -> dict[str, Array]:
    response = app.get("/weights/trend", run="run1", variable=variable)
    assert response.content_type == "application/octet-stream"
    body_of(response)
    return codec.decode_arrays(response.data, "the trend")


def test_a_trend_holds_every_capture(log_dir: Path) -> None:
    found = trend_of(servers.Application(log_dir), "dense/kernel")

    assert found["steps"].tolist() == list(STEPS)
    assert found["captures"].tolist() == [3]
    assert {str(array.dtype) for array in found.values()} == {"float32", "float64"}
    for row, step in enumerate(STEPS):
        wanted = captured(step)
        bins = len(wanted.counts)
        assert found["counts"][row, :bins].tolist() == wanted.counts.tolist()
        assert not found["counts"][row, bins:].any()
        np.testing.assert_array_equal(found["edges"][row, : bins + 1], wanted.edges)
        width = np.diff(found["edges"][row])
        np.testing.assert_array_equal(width, width[0])
        np.testing.assert_array_equal(found["stats"][row], wanted.stats)
    unknown = [math.nan, math.nan]
    np.testing.assert_array_equal(found["changes"], [unknown, [2, 4], [4.5, 9]])


def norms_of(app: servers.Application, run: str = "run1") -> dict[str, Array]:
    response = app.get("/weights/norms", run=run)
    body_of(response)
    return codec.decode_arrays(response.data, "the norms")


def test_norms_of_all_variables_come_in_one_answer(tmp_path: Path) -> None:
    """Of captures without a variable, and of values that are not finite, too."""
    file = log_files.LogFile(tmp_path / "run1")
    broken = tensor_stats(np.full((40, 5), np.nan, np.float32))
    write_capture(file, 0, captured(0))
    write_capture(file, 4, captured(4), captured(4, "late/kernel"))
    write_capture(file, 9, dataclasses.replace(captured(9), stats=broken))
    found = norms_of(servers.Application(tmp_path))

    assert json.loads(found["paths"].tobytes()) == ["dense/kernel", "late/kernel"]
    assert found["steps"].tolist() == [0, 4, 9]
    first, second = (float(np.linalg.norm(values_at(step))) for step in (0, 4))
    unknown = math.nan
    np.testing.assert_allclose(
        found["norm"], [[first, second, unknown], [unknown, second, unknown]], rtol=1e-6
    )
    np.testing.assert_array_equal(
        found["nonfinite"], [[0, 0, 200], [unknown, 0, unknown]]
    )


def test_norms_of_many_captures_are_some_of_them(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run1")
    for step in range(100):
        file.write_weights(step)
    found = norms_of(servers.Application(tmp_path))

    steps = found["steps"].tolist()
    assert len(steps) == weight_handlers.MAX_NORM_CAPTURES
    assert (steps[0], steps[-1]) == (0, 99)
    assert steps == sorted(set(steps))


def test_a_run_without_captures_has_no_norms(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run1")
    file.write_document(tags.STATUS, 3, log_files.status(3))
    found = norms_of(servers.Application(tmp_path))

    assert found["steps"].size == 0
    assert json.loads(found["paths"].tobytes()) == []


def test_load_reads_the_same(log_dir: Path) -> None:
    found = trend_of(servers.Application(log_dir), "dense/kernel")
    trend = tb_kerasviz.load(log_dir)["run1"].weight_trend("dense/kernel")

    for name, array in vars(trend).items():
        np.testing.assert_array_equal(array, found[name])
    assert trend.counts.dtype == trend.steps.dtype == np.int64
    assert trend.counts.sum(axis=1).tolist() == [200] * 3


def test_a_variable_that_other_captures_lack(log_dir: Path) -> None:
    found = trend_of(servers.Application(log_dir), "late/kernel")

    assert found["steps"].tolist() == [4]
    assert found["captures"].tolist() == [3]


def test_an_unknown_variable_is_a_sentence(log_dir: Path) -> None:
    app = servers.Application(log_dir)
    response = app.get("/weights/trend", run="run1", variable="nothing")

    assert response.status_code == 404
    assert "no captures of variable 'nothing'" in sentence_of(response)
    with pytest.raises(KeyError, match="no weights of 'nothing'"):
        tb_kerasviz.load(log_dir)["run1"].weight_trend("nothing")


def test_damaged_captures_are_left_out(log_dir: Path) -> None:
    file = log_files.LogFile(log_dir / "run1", "0002", first_sequence=50)
    for step in (20, 21):
        capture = dataclasses.replace(
            log_files.weight_capture(step), variables=[captured(step)]
        )
        index, packed = weights.encode_weights(capture, file.next_sequence())
        if step == 20:
            packed = packed[:-9] + bytes(9)
        file.write_blobs(tags.WEIGHTS, step, [index, packed])

    found = trend_of(servers.Application(log_dir), "dense/kernel")
    assert found["steps"].tolist()[-1] == 21
    assert 20 not in found["steps"]
    assert found["captures"][0] == len(found["steps"]) + 1


def test_captures_of_older_versions_are_read(tmp_path: Path) -> None:
    """They have 64 bins of any width, and neither changes nor spatial axes."""
    file = log_files.LogFile(tmp_path / "run1")
    file.write_weights(3)
    found = trend_of(servers.Application(tmp_path), "dense/kernel")

    assert found["counts"].shape == (1, 64)
    np.testing.assert_array_equal(found["edges"][0], np.linspace(0, 1, 65))
    assert len(schema.WEIGHT_STATS) == found["stats"].shape[1]
