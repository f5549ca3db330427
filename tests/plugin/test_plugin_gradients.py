"""Histograms of gradients, as the plugin answers them and load() reads them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_kerasviz
from tb_kerasviz.wire import codec, gradients, tags
from tb_kerasviz.wire.metadata import WireError
from tests.plugin import log_files, servers
from tests.plugin.test_plugin_layers import sentence_of
from tests.plugin.test_plugin_units import body_of

Array = np.ndarray[Any, Any]
STEPS = (1, 4, 9)


@pytest.fixture
def log_dir(tmp_path: Path) -> Path:
    file = log_files.LogFile(tmp_path / "run1")
    for step in STEPS:
        file.write_gradients(step)
    return tmp_path


def trend_of(app: servers.Application, variable: str) -> dict[str, Array]:
    response = app.get("/gradients/trend", run="run1", variable=variable)
    assert response.content_type == "application/octet-stream"
    body_of(response)
    return codec.decode_arrays(response.data, "the trend")


def test_a_trend_has_the_counts_of_numpy_in_bins_of_all_steps(log_dir: Path) -> None:
    found = trend_of(servers.Application(log_dir), "dense/kernel")

    assert found["steps"].tolist() == list(STEPS)
    assert found["captures"].tolist() == [3]
    assert {str(array.dtype) for array in found.values()} == {"float32", "float64"}
    edges = found["edges"]
    zero = int(np.searchsorted(edges, 0)) - 1
    np.testing.assert_array_equal(edges[zero], -edges[zero + 1])
    np.testing.assert_array_equal(edges[zero + 2 :], 2 * edges[zero + 1 : -1])
    for row, step in enumerate(STEPS):
        values = log_files.gradient_values(step)
        wanted, _ = np.histogram(values.astype(np.float64), edges)
        np.testing.assert_array_equal(found["counts"][row], wanted)
        assert found["counts"][row, zero] == np.sum(values == 0)
        assert found["counts"][row].sum() == values.size


def test_load_reads_the_same(log_dir: Path) -> None:
    found = trend_of(servers.Application(log_dir), "dense/kernel")
    run = tb_kerasviz.load(log_dir)["run1"]
    trend = run.gradient_trend("dense/kernel")

    for name, array in vars(trend).items():
        np.testing.assert_array_equal(array, found[name])
    assert trend.counts.dtype == trend.steps.dtype == np.int64
    one = run.gradients("dense/kernel", 4)
    assert one.counts.sum() == 300
    assert one.entry.shape == (300,)
    with pytest.raises(KeyError, match="no gradients at step 3"):
        run.gradients("dense/kernel", 3)


def test_a_variable_without_a_gradient_is_a_sentence(log_dir: Path) -> None:
    app = servers.Application(log_dir)
    response = app.get("/gradients/trend", run="run1", variable="dense/bias")
    assert response.status_code == 404
    assert "'dense/bias': it had no gradient in this step" in sentence_of(response)
    response = app.get("/gradients/trend", run="run1", variable="nothing")
    assert response.status_code == 404
    assert "variable 'nothing'." in sentence_of(response)


@pytest.mark.parametrize("damage", ["bytes", "bins"])
def test_damaged_steps_are_left_out(damage: str, log_dir: Path) -> None:
    file = log_files.LogFile(log_dir / "run1", "0002", first_sequence=50)
    capture = log_files.gradient_capture(20)
    if damage == "bins":
        broken = [
            dataclasses.replace(one, edges=np.linspace(-1, 1, len(one.edges)))
            for one in capture.variables
        ]
        capture = dataclasses.replace(capture, variables=broken)
    blobs = gradients.encode_gradients(capture, file.next_sequence())
    if damage == "bytes":
        blobs[1] = blobs[1][:-9] + bytes(9)
    file.write_blobs(tags.GRADIENTS, 20, blobs)
    file.write_gradients(21)

    found = trend_of(servers.Application(log_dir), "dense/kernel")
    assert found["steps"].tolist()[-1] == 21
    assert 20 not in found["steps"]
    assert found["captures"][0] == len(found["steps"]) + 1
    run = tb_kerasviz.load(log_dir)["run1"]
    with pytest.raises(WireError, match="damaged"):
        run.gradient_trend("dense/kernel")
