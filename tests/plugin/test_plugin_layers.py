"""Statistics of layers, as the plugin combines them from what was logged."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from werkzeug.test import TestResponse

import tb_kerasviz
from tb_kerasviz.plugin import dynamics_data, layer_data
from tb_kerasviz.wire import activations, codec, schema, tags
from tests.plugin import log_files, servers
from tests.plugin.test_plugin_log_reader import Served

COLUMN = {name: at for at, name in enumerate(schema.DYNAMICS_COLUMNS)}
NORM = schema.WEIGHT_STATS.index("norm")


def statistics_of(response: TestResponse) -> schema.LayerStatistics:
    assert response.status_code == 200, gzip.decompress(response.data)
    assert response.content_type == "application/json"
    raw = gzip.decompress(response.data)
    return msgspec.json.decode(raw, type=schema.LayerStatistics)


def trend_of(response: TestResponse) -> dict[str, schema.TrendColumn]:
    assert response.status_code == 200, gzip.decompress(response.data)
    raw = gzip.decompress(response.data)
    trend = msgspec.json.decode(raw, type=schema.LayerTrend)
    assert [column.name for column in trend.columns] == list(schema.LAYER_STATISTICS)
    return {column.name: column for column in trend.columns}


def value(answer: schema.LayerStatistics, layer: str, name: str) -> Any:
    (column,) = [column for column in answer.columns if column.name == name]
    return column.values[answer.layers.index(layer)]


def sentence_of(response: TestResponse) -> str:
    assert response.content_type == "text/plain; charset=utf-8"
    return gzip.decompress(response.data).decode()


def check_step(answer: schema.LayerStatistics, step: int) -> None:
    """Compares an answer with what `LogFile.write_training` wrote at a step."""
    assert set(answer.layers) == {"conv2d", "block", "block/conv2d", "dense"}
    rows = log_files.dynamics_rows(step)
    places = {"conv2d": 0, "block/conv2d": 1, "block": 1}
    for layer, place in places.items():
        for name in ("grad_norm_mean", "grad_norm_max", "weight_norm"):
            wanted = pytest.approx(float(rows[place, COLUMN[name]]), rel=1e-6)
            assert value(answer, layer, name) == wanted
    norms = [v.stats[NORM] for v in log_files.weight_capture(step).variables[2:]]
    assert value(answer, "dense", "weight_norm") == pytest.approx(np.hypot(*norms))
    assert value(answer, "dense", "grad_norm_mean") is None
    for entry in log_files.capture(step).layers:
        summary = activations.summarise_stats(entry.stats, 64)
        found = value(answer, entry.path, "activation_mean")
        assert found == pytest.approx(summary[2], rel=1e-6)
    assert value(answer, "block", "activation_mean") is None
    assert {column.step for column in answer.columns} == {step}


@pytest.mark.parametrize("step", [0, 3, 119])
def test_statistics_are_those_of_the_step(app: servers.Application, step: int) -> None:
    check_step(statistics_of(app.get("/layer_statistics", run="run1", step=step)), step)


def test_the_last_step_that_has_it_is_shown(app: servers.Application) -> None:
    answer = statistics_of(app.get("/layer_statistics", run=".", step=6))
    assert answer.step == 6
    check_step(answer, 0)
    check_step(statistics_of(app.get("/layer_statistics", run=".", step=10**9)), 7)


@pytest.mark.parametrize("layer", ["conv2d", "block", "dense"])
def test_a_trend_is_what_the_statistics_say(
    app: servers.Application, layer: str
) -> None:
    columns = trend_of(app.get("/layer_trend", run="run1", layer=layer))
    everything = tuple(range(120))
    answers = [
        statistics_of(app.get("/layer_statistics", run="run1", step=step))
        for step in (0, 57, 119)
    ]
    for name, column in columns.items():
        assert column.cut == ""
        for answer in answers:
            single = value(answer, layer, name)
            if single is None:
                assert column.steps == ()
            else:
                assert column.steps == everything
                assert column.values[answer.step] == single


def test_an_unknown_layer_is_a_sentence(app: servers.Application) -> None:
    response = app.get("/layer_trend", run="run1", layer="nothing")
    assert response.status_code == 404
    sentence = sentence_of(response)
    assert "no layer 'nothing'; there are: 'conv2d', 'block'" in sentence
    assert app.get("/layer_trend", run="nothing", layer="x").status_code == 404
    assert app.get("/layer_statistics", run="nothing", step=0).status_code == 404


def test_a_run_without_any_statistics_is_an_empty_answer(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    file.write_document(tags.STATUS, 0, log_files.status(0))
    app = servers.Application(tmp_path)
    answer = statistics_of(app.get("/layer_statistics", run="run", step=3))
    assert answer.layers == ()
    file.write_document(tags.MODEL_GRAPH, 5, log_files.model_graph())
    app = servers.Application(tmp_path)
    assert statistics_of(app.get("/layer_statistics", run="run", step=3)).layers == ()
    columns = trend_of(app.get("/layer_trend", run="run", layer="block"))
    assert {column.steps for column in columns.values()} == {()}


def test_the_graph_that_holds_says_which_variables_are_whose(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    file.write_document(tags.DYNAMICS_INDEX, 0, log_files.dynamics_index())
    for step in (2, 5):
        file.write_dynamics(step)
    graph = log_files.model_graph()
    file.write_document(tags.MODEL_GRAPH, 1, graph)
    later = msgspec.structs.replace(
        graph, layers=(log_files.layer_node("whole", children=graph.layers),)
    )
    file.write_document(tags.MODEL_GRAPH, 4, later)
    app = servers.Application(tmp_path)
    before = statistics_of(app.get("/layer_statistics", run="run", step=3))
    assert "whole" not in before.layers
    after = statistics_of(app.get("/layer_statistics", run="run", step=5))
    norms = log_files.dynamics_rows(5)[:, COLUMN["weight_norm"]]
    assert value(after, "whole", "weight_norm") == pytest.approx(np.hypot(*norms))
    # Its variables are the same before.
    trend = trend_of(app.get("/layer_trend", run="run", layer="whole"))
    assert trend["weight_norm"].steps == (2, 5)


def test_dynamics_are_read_once_until_something_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Served(tmp_path, monkeypatch)
    app, calls = served.app, served.provider.calls
    app.get("/layer_statistics", run="run", step=5)
    # The index of the dynamics, the graph, and each kind of capture.
    assert (calls["read_tensors"], calls["read_blob"]) == (1, 4)
    calls.clear()
    app.get("/layer_statistics", run="run", step=5)
    app.get("/layer_trend", run="run", layer="conv2d")
    assert calls["read_tensors"] == 0
    assert calls["read_blob"] == 1  # the capture of activations at step 0
    served.file.write_dynamics(9)
    app.reload()
    served.now += 1.1
    trend = trend_of(app.get("/layer_trend", run="run", layer="conv2d"))
    assert calls["read_tensors"] == 1
    assert trend["grad_norm_max"].steps == (0, 5, 9)


def test_what_is_damaged_is_left_out_of_a_trend_and_said(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    file.write_training([0, 5])
    blobs = activations.encode_activations(log_files.capture(7), 99)
    file.write_blobs(tags.ACTIVATIONS, 7, [blobs[0][:-9], *blobs[1:]])
    file.write_tensor(tags.DYNAMICS, 6, np.ones([3, 12], np.float32))
    file.write_tensor(tags.DYNAMICS, 7, np.full([2, 12], np.nan, np.float32))
    app = servers.Application(tmp_path)
    trend = trend_of(app.get("/layer_trend", run="run", layer="conv2d"))
    assert trend["activation_mean"].steps == (0, 5)
    assert "1 captures are damaged" in trend["activation_mean"].cut
    assert trend["grad_norm_max"].steps == (0, 5)
    assert "1 windows are damaged" in trend["grad_norm_max"].cut
    response = app.get("/layer_statistics", run="run", step=9)
    assert response.status_code == 422
    assert "damaged" in sentence_of(response)


def test_very_many_captures_and_windows_are_thinned_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer_data, "MAX_CAPTURES", 5)
    monkeypatch.setattr(dynamics_data, "MAX_DYNAMICS_BYTES", 8 * 2 * 12 * 4)
    file = log_files.LogFile(tmp_path / "run")
    file.write_training(range(20))
    app = servers.Application(tmp_path)
    trend = trend_of(app.get("/layer_trend", run="run", layer="conv2d"))
    assert trend["activation_std"].steps == (0, 5, 10, 14, 19)
    assert "5 of 20 captures" in trend["activation_std"].cut
    assert len(trend["weight_norm"].steps) == 8
    assert trend["weight_norm"].steps[-1] == 19
    assert "8 windows of more" in trend["weight_norm"].cut
    trend = trend_of(app.get("/layer_trend", run="run", layer="dense"))
    assert trend["weight_norm"].steps == (0, 5, 10, 14, 19)
    assert trend["weight_norm"].cut == "5 of 20 captures"


def test_a_log_without_summaries_still_has_its_dynamics(tmp_path: Path) -> None:
    # What was written before captures told their statistics.
    file = log_files.LogFile(tmp_path / "run")
    file.write_training([])
    blobs = activations.encode_activations(log_files.capture(3), 5)
    index = msgspec.json.decode(codec.decode_member(blobs[0], "index"))
    for entry in index["layers"]:
        del entry["summary"]
    old = codec.encode_member(msgspec.json.encode(index), 5)
    file.write_blobs(tags.ACTIVATIONS, 3, [old, *blobs[1:]])
    file.write_dynamics(3)
    app = servers.Application(tmp_path)
    answer = statistics_of(app.get("/layer_statistics", run="run", step=3))
    assert set(answer.layers) == {"conv2d", "block", "block/conv2d"}
    assert value(answer, "conv2d", "activation_mean") is None


@pytest.mark.parametrize("step", [0, 3, 119, 10**9])
def test_what_is_read_without_tensorboard_is_the_same(
    app: servers.Application, logdir: Path, step: int
) -> None:
    run = tb_kerasviz.load(logdir)["run1"]
    answer = statistics_of(app.get("/layer_statistics", run="run1", step=step))
    assert run.layer_statistics(step) == answer
    if step >= 119:
        last = msgspec.structs.replace(answer, step=119)
        assert run.layer_statistics() == last
