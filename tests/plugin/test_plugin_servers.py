"""A real `tensorboard`, with its data server and with its Python ingester."""

from __future__ import annotations

import gzip
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import numpy as np
import pytest

from tb_kerasviz.wire import activations, codec, schema, tags
from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tb_kerasviz.writer.interface import BlobRecord, TensorRecord
from tests.plugin import log_files, servers
from tests.plugin.test_plugin_layers import check_step

# The readers of TensorBoard: its data server, its Python code over TensorFlow,
# and the same without, as users of JAX and PyTorch have it. More than 100
# captures, since they keep 100 or 10 of each tag unless told otherwise.
MODES: dict[str, tuple[str, tuple[str, ...]]] = {
    "data_server": ("--load_fast=true", ()),
    "python": ("--load_fast=false", ()),
    "python_without_tensorflow": ("--load_fast=false", ("tensorflow",)),
}
STEPS = range(0, 240, 2)
VERSIONS = range(0, 900, 30)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, log_files.LogFile]:
    logdir = tmp_path_factory.mktemp("logs")
    file = log_files.LogFile(logdir / "deep" / "run1")
    file.write_training(STEPS)
    write_resumed_training(logdir)
    changing = log_files.LogFile(logdir / "changing")
    for step in VERSIONS:
        changing.write_document(tags.MODEL_GRAPH, step, graph_of_version(step))
    newer = log_files.LogFile(logdir / "newer")
    member = codec.encode_document(log_files.status(0), 1)
    newer.write_blobs(tags.STATUS, 0, [member], version=99)
    return logdir, file


def graph_of_version(step: int) -> schema.ModelGraph:
    return msgspec.structs.replace(log_files.model_graph(), optimizer_params=step)


def write_resumed_training(log_dir: Path) -> None:
    """What the product's own writer writes: a training, killed and resumed."""
    for first, steps in ((0, (0, 5, 9)), (6, (7,))):
        with AsyncRecordWriter(log_dir, first_step=first) as writer:
            if first == 0:
                document = log_files.model_graph()
                encode = partial(_encode_document, document)
                writer.add(_blob_record(tags.MODEL_GRAPH, 0, encode))
                index = partial(_encode_document, log_files.dynamics_index())
                writer.add(_blob_record(tags.DYNAMICS_INDEX, 0, index))
            for step in steps:
                capture = log_files.capture(step)
                encode = partial(activations.encode_activations, capture)
                assert writer.add(_blob_record(tags.ACTIVATIONS, step, encode))
                rows = np.zeros([2, len(schema.DYNAMICS_COLUMNS)], np.float32)
                writer.add(TensorRecord(tag=tags.DYNAMICS, step=step, values=rows))
            assert writer.flush(60)


def _encode_document(document: schema.Document, sequence: int) -> list[bytes]:
    return [codec.encode_document(document, sequence)]


def _blob_record(
    tag: tags.Kind, step: int, encode: Callable[[int], Sequence[bytes]]
) -> BlobRecord:
    return BlobRecord(tag=tag, step=step, encode=encode, nbytes=1000)


@pytest.fixture(scope="module", params=MODES)
def tensorboard(
    request: pytest.FixtureRequest, written: tuple[Path, log_files.LogFile]
) -> Iterator[servers.Process]:
    flag, without = MODES[request.param]
    with servers.run_tensorboard(written[0], flag, without=without) as process:
        assert bool(process.data_servers()) == (request.param == "data_server")
        process.wait_for(
            lambda: {".", "changing", "deep/run1", "newer"} <= set(runs_of(process))
        )
        yield process


def get(process: servers.Process, path: str, **query: object) -> tuple[int, bytes]:
    code, headers, body = process.get(servers.BASE + path, urlencode(query))
    assert headers["X-Content-Type-Options"] == "nosniff"
    kind = headers["Content-Type"].partition(";")[0]
    good = ("application/json", "application/octet-stream")
    assert kind in (good if code == 200 else ("text/plain",))
    assert headers["Content-Encoding"] == "gzip"
    return code, body


def runs_of(process: servers.Process) -> dict[str, schema.RunInfo]:
    code, body = get(process, "/runs")
    assert code == 200
    runs = msgspec.json.decode(gzip.decompress(body), type=schema.RunList).runs
    return {run.name: run for run in runs}


def test_every_step_is_shown_in_every_mode(tensorboard: servers.Process) -> None:
    runs = runs_of(tensorboard)
    assert list(runs) == sorted(runs)
    everything = tuple(STEPS)
    assert runs["deep/run1"] == schema.RunInfo(
        name="deep/run1",
        run="deep/run1/kerasviz",
        steps={
            "model_graph": (0,),
            "probe": (0,),
            "activations": everything,
            "weights": everything,
            "gradients": everything,
            "dynamics_index": (0,),
            "status": everything,
            "dynamics": (0, 238),
            "step_dynamics": (0, 238),
        },
        error="",
    )
    # The first writer's step 9 is void: the second went on from step 5.
    assert runs["."].steps["activations"] == (0, 5, 7)
    assert runs["."].steps["dynamics"] == (0, 7)
    assert runs["."].steps["model_graph"] == (0,)
    assert runs["newer"].steps == {}
    assert "pip install --upgrade tb_kerasviz" in runs["newer"].error


def test_the_bytes_are_those_that_were_written_in_every_mode(
    tensorboard: servers.Process, written: tuple[Path, log_files.LogFile]
) -> None:
    run = {"run": "deep/run1"}
    blobs = written[1].blobs
    for path, tag, step in [
        ("/model_graph", tags.MODEL_GRAPH, 0),
        ("/probe", tags.PROBE, 0),
        ("/activations", tags.ACTIVATIONS, 0),
        ("/activations", tags.ACTIVATIONS, 238),
    ]:
        expected = (200, blobs[tag, step][0])
        assert get(tensorboard, path, **run, step=step) == expected
    assert get(tensorboard, "/status", **run) == (200, blobs[tags.STATUS, 238][0])
    for step in (0, 100, 238):
        stored = blobs[tags.ACTIVATIONS, step]
        index = codec.decode_document(stored[0], schema.ActivationIndex, "index")
        for entry in index.layers:
            for sample, ref in enumerate(entry.members):
                member = codec.slice_member(stored[ref.blob], ref, "member")
                query = {**run, "step": step, "layer": entry.path, "sample": sample}
                answer = get(tensorboard, "/activations/data", **query)
                assert answer == (200, member)


def test_what_the_writer_wrote_is_read_in_every_mode(
    tensorboard: servers.Process,
) -> None:
    code, body = get(tensorboard, "/status", run=".")
    assert code == 200
    status = codec.decode_document(body, schema.Status, "status")
    assert status.closed
    assert status.dropped == status.refused == {}
    for step in (0, 5, 7):
        query = {"run": ".", "step": step, "layer": "dense", "sample": 1}
        code, body = get(tensorboard, "/activations/data", **query)
        assert code == 200
        maps = codec.decode_arrays(body, "maps")["maps"]
        np.testing.assert_array_equal(maps, log_files.capture(step).layers[2].maps[1])


def test_every_version_of_a_graph_is_shown_in_every_mode(
    tensorboard: servers.Process,
) -> None:
    assert runs_of(tensorboard)["changing"].steps == {"model_graph": tuple(VERSIONS)}
    for step in VERSIONS:
        code, body = get(tensorboard, "/model_graph", run="changing", step=step)
        assert code == 200
        found = codec.decode_document(body, schema.ModelGraph, "graph")
        assert found == graph_of_version(step)


def test_errors_are_sentences_in_every_mode(tensorboard: servers.Process) -> None:
    cases: list[tuple[str, dict[str, object], int]] = [
        ("/activations", {"run": "deep/run1", "step": 1}, 404),
        ("/activations", {"run": "run1", "step": 0}, 404),
        ("/activations", {"run": "deep/run1", "step": "x"}, 400),
        ("/status", {"run": "newer"}, 422),
        ("/static/../plugin.py", {}, 404),
        ("/nothing", {}, 404),
    ]
    for path, query, code in cases:
        assert get(tensorboard, path, **query)[0] == code


def test_what_is_written_while_it_runs_appears(
    tensorboard: servers.Process, written: tuple[Path, log_files.LogFile]
) -> None:
    name = f"live{tensorboard.process.pid}"
    file = log_files.LogFile(written[0] / name)
    file.write_training([0])
    tensorboard.wait_for(lambda: name in runs_of(tensorboard))
    file.write_activations(3)
    tensorboard.wait_for(
        lambda: runs_of(tensorboard)[name].steps.get("activations") == (0, 3)
    )
    code, _ = get(tensorboard, "/activations/data", run=name, step=3, layer="dense")
    assert code == 200


def test_a_flipped_bit_on_the_disk_is_not_shown_as_data(tmp_path: Path) -> None:
    # The data server does not verify the checksum of a record.
    file = log_files.LogFile(tmp_path / "run")
    file.write_training([0, 4])
    data = bytearray(file.path.read_bytes())
    target = file.blobs[tags.ACTIVATIONS, 4][1]
    data[data.index(target) + len(target) // 2] ^= 0x10
    file.path.write_bytes(bytes(data))
    index = codec.decode_document(
        file.blobs[tags.ACTIVATIONS, 4][0], schema.ActivationIndex, "index"
    )
    with servers.run_tensorboard(tmp_path, "--load_fast=true") as process:
        process.wait_for(lambda: "run" in runs_of(process))
        codes = []
        for entry in index.layers:
            for sample in range(log_files.SAMPLES):
                query = {"run": "run", "layer": entry.path, "sample": sample}
                code, body = get(process, "/activations/data", step=4, **query)
                codes.append(code)
                if code != 200:
                    assert b"checksum does not match" in gzip.decompress(body)
                assert get(process, "/activations/data", step=0, **query)[0] == 200
        assert sorted(codes) == [200] * 8 + [422]
        assert get(process, "/activations", run="run", step=4)[0] == 200


def test_a_dead_data_server_is_a_503_and_no_hang(tmp_path: Path) -> None:
    log_files.LogFile(tmp_path / "run").write_training([0])
    with servers.run_tensorboard(tmp_path, "--load_fast=true") as process:
        process.wait_for(lambda: "run" in runs_of(process))
        (server,) = process.data_servers()
        os.kill(server, signal.SIGKILL)
        process.wait_for(lambda: get(process, "/runs")[0] == 503, secs=20)
        cases: list[tuple[str, dict[str, object]]] = [
            ("/runs", {}),
            ("/status", {"run": "run"}),
            ("/model_graph", {"run": "run", "step": 0}),
        ]
        for path, query in cases:
            begun = time.monotonic()
            code, body = get(process, path, **query)
            # Not a measurement: a call that hangs would wait for minutes.
            assert time.monotonic() - begun < 20
            assert code == 503
            assert b"data server does not answer" in gzip.decompress(body)
        # The tab itself still loads.
        assert process.get(servers.BASE + "/static/index.js")[0] == 200


def test_layers_have_their_statistics_in_every_mode(
    tensorboard: servers.Process,
) -> None:
    for step in (0, 100, 238):
        code, body = get(tensorboard, "/layer_statistics", run="deep/run1", step=step)
        assert code == 200
        raw = gzip.decompress(body)
        check_step(msgspec.json.decode(raw, type=schema.LayerStatistics), step)
    code, body = get(tensorboard, "/layer_trend", run="deep/run1", layer="block/conv2d")
    assert code == 200
    trend = msgspec.json.decode(gzip.decompress(body), type=schema.LayerTrend)
    columns = {column.name: column for column in trend.columns}
    norms = [log_files.dynamics_rows(step)[1, 0] for step in STEPS]
    assert columns["grad_norm_mean"].steps == tuple(STEPS)
    assert list(columns["grad_norm_mean"].values) == pytest.approx(norms, rel=1e-6)
    assert columns["activation_mean"].steps == tuple(STEPS)
