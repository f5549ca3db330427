"""Logs that are damaged, newer, hostile or written anew under our eyes."""

from __future__ import annotations

import gzip
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from tensorboard.compat.proto import tensor_pb2
from werkzeug.test import TestResponse

from tb_kerasviz.plugin import handlers, http, log_reader
from tb_kerasviz.wire import activations, codec, metadata, schema, tags
from tests.plugin import log_files, servers


def text_of(response: TestResponse) -> str:
    assert response.content_type == "text/plain; charset=utf-8"
    return gzip.decompress(response.data).decode()


def runs_of(app: servers.Application) -> dict[str, schema.RunInfo]:
    response = app.get("/runs")
    assert response.status_code == 200
    raw = gzip.decompress(response.data)
    runs = msgspec.json.decode(raw, type=schema.RunList).runs
    return {run.name: run for run in runs}


def flip_bit(data: bytes, bit: int) -> bytes:
    flipped = bytearray(data)
    flipped[bit // 8] ^= 1 << bit % 8
    return bytes(flipped)


def test_no_flipped_bit_is_shown_as_data(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    chance = random.Random(7)
    whole: dict[int, list[bytes]] = {}
    for step in range(60):
        blobs = activations.encode_activations(log_files.capture(step), step)
        whole[step] = list(blobs)
        damaged = chance.randrange(len(blobs))
        bit = chance.randrange(8 * len(blobs[damaged]))
        blobs[damaged] = flip_bit(blobs[damaged], bit)
        file.write_blobs(tags.ACTIVATIONS, step, blobs)
    file.write_document(tags.MODEL_GRAPH, 0, log_files.model_graph())
    app = servers.Application(tmp_path)
    refused = 0
    for step, blobs in whole.items():
        index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
        answers = [(blobs[0], app.get("/activations", run="run", step=step))]
        for entry in index.layers:
            for sample, ref in enumerate(entry.members):
                stored = codec.slice_member(blobs[ref.blob], ref, "member")
                where = {"run": "run", "step": step, "sample": sample}
                response = app.get("/activations/data", **where, layer=entry.path)
                answers.append((stored, response))
            assert entry.units is not None
            ref = entry.units
            stored = codec.slice_member(blobs[ref.blob], ref, "member")
            where = {"run": "run", "step": step}
            response = app.get("/activations/units", **where, layer=entry.path)
            answers.append((stored, response))
        for output, described in enumerate(index.outputs):
            ref = described.member
            stored = codec.slice_member(blobs[ref.blob], ref, "member")
            where = {"run": "run", "step": step, "output": output}
            answers.append((stored, app.get("/activations/outputs", **where)))
        for sample, ref in enumerate(index.thumbnails):
            stored = codec.slice_member(blobs[ref.blob], ref, "member")
            where = {"run": "run", "step": step, "sample": sample}
            answers.append((stored, app.get("/activations/thumbnails", **where)))
        bad = [response for _, response in answers if response.status_code != 200]
        assert bad, "a flipped bit went unnoticed"
        refused += len(bad)
        for response in bad:
            assert response.status_code == 422
            assert "damaged" in text_of(response)
        for stored, response in answers:
            assert response in bad or response.data == stored
    assert refused < 60 * 17, "one flipped bit must not take everything along"
    assert app.get("/model_graph", run="run", step=0).status_code == 200


def test_a_newer_run_names_the_remedy_and_leaves_the_others(tmp_path: Path) -> None:
    newer = log_files.LogFile(tmp_path / "newer")
    member = codec.encode_document(log_files.model_graph(), 1)
    newer.write_blobs(tags.MODEL_GRAPH, 0, [member], version=metadata.WIRE_VERSION + 1)
    newer.write_document(tags.STATUS, 0, log_files.status(0))
    log_files.LogFile(tmp_path / "old").write_training([0])
    app = servers.Application(tmp_path)
    runs = runs_of(app)
    remedy = "Upgrade it: pip install --upgrade tb_kerasviz"
    assert remedy in runs["newer"].error
    assert "model graph of run 'newer'" in runs["newer"].error
    assert runs["newer"].steps == {"status": (0,)}
    assert runs["old"].error == ""
    response = app.get("/model_graph", run="newer", step=0)
    assert response.status_code == 422
    assert remedy in text_of(response)
    assert app.get("/status", run="newer").status_code == 200
    assert app.get("/model_graph", run="old", step=0).status_code == 200


def test_a_newer_member_in_a_record_of_ours(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    member = codec.encode_document(log_files.status(0), 1)
    start = len(codec._PREFIX)
    checks = (
        struct.pack("<B", metadata.WIRE_VERSION + 1) + member[start + 1 : start + 20]
    )
    body = member[codec._HEADER_BYTES :]
    crc = zlib.crc32(body, zlib.crc32(checks))
    newer = member[:start] + checks + struct.pack("<I", crc) + body
    file.write_blobs(tags.STATUS, 0, [newer])
    app = servers.Application(tmp_path)
    response = app.get("/status", run="run")
    assert response.status_code == 422
    assert "pip install --upgrade tb_kerasviz" in text_of(response)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"[]", b"{}", b'{"version": "1"}', b'{"version": 0}', b"\xff"],
)
def test_metadata_that_is_not_ours(tmp_path: Path, content: bytes) -> None:
    file = log_files.LogFile(tmp_path / "run")
    tensor = tensor_pb2.TensorProto(dtype="DT_STRING", string_val=[b"x"])
    tensor.tensor_shape.dim.add(size=1)
    file.write_event(log_files.event(tags.STATUS, 0, tensor, "BLOB_SEQUENCE", content))
    app = servers.Application(tmp_path)
    assert "status of run 'run' has" in runs_of(app)["run"].error
    response = app.get("/status", run="run")
    assert response.status_code == 422
    assert "status of run 'run' has" in text_of(response)


def index_with(ref: schema.MemberRef, sequence: int = 1) -> bytes:
    full = activations.encode_activations(log_files.capture(0), sequence)[0]
    index = codec.decode_document(full, schema.ActivationIndex, "index")
    entry = msgspec.structs.replace(index.layers[0], path="bad", members=(ref,))
    return codec.encode_document(
        msgspec.structs.replace(index, layers=(entry,)), sequence
    )


@pytest.mark.parametrize(
    ("blob", "offset", "length", "sequence"),
    [
        (9, 0, 10, 1),
        (-1, 0, 10, 1),
        (1, -5, 10, 1),
        (1, 0, -10, 1),
        (1, 10, 10**9, 1),
        (1, 2**62, 2**62, 1),
        (1, 0, 0, 1),
        (1, 3, 50, 1),
        (0, 0, 100, 1),
        (1, 0, None, 2),
    ],
)
def test_members_that_lie_elsewhere(
    tmp_path: Path, blob: int, offset: int, length: int | None, sequence: int
) -> None:
    file = log_files.LogFile(tmp_path / "run")
    member = codec.encode_arrays({"maps": np.zeros([1], np.uint8)}, 1)
    ref = schema.MemberRef(
        blob=blob, offset=offset, length=len(member) if length is None else length
    )
    file.write_blobs(tags.ACTIVATIONS, 0, [index_with(ref, sequence), member])
    app = servers.Application(tmp_path)
    response = app.get("/activations/data", run="run", step=0, layer="bad")
    assert response.status_code == 422
    assert "damaged" in text_of(response)
    assert app.get("/activations", run="run", step=0).status_code == 200


def write_hostile(file: log_files.LogFile, tag: str, shape: list[int]) -> None:
    tensor = tensor_pb2.TensorProto(dtype="DT_STRING", string_val=[b"x"])
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    content = log_files.content_of_version(1)
    file.write_event(log_files.event(tag, 0, tensor, "BLOB_SEQUENCE", content))


@pytest.mark.parametrize("shape", [[10**12], [10**6, 10**6], [4097]])
def test_a_shape_bomb_is_refused_before_it_is_read(
    tmp_path: Path, shape: list[int]
) -> None:
    file = log_files.LogFile(tmp_path / "run")
    write_hostile(file, tags.STATUS, shape)
    file.write_document(tags.MODEL_GRAPH, 0, log_files.model_graph())
    app = servers.Application(tmp_path)
    response = app.get("/status", run="run")
    assert response.status_code == 422
    assert "at most 4096 are read" in text_of(response)
    assert "at most 4096" in runs_of(app)["run"].error
    assert app.get("/model_graph", run="run", step=0).status_code == 200


@pytest.mark.parametrize("shape", [[], [2, 2], [-1], [0]])
def test_odd_shapes(tmp_path: Path, shape: list[int]) -> None:
    file = log_files.LogFile(tmp_path / "run")
    write_hostile(file, tags.STATUS, shape)
    app = servers.Application(tmp_path)
    assert "run" in runs_of(app)
    response = app.get("/status", run="run")
    assert response.status_code in (404, 422, 503)
    assert text_of(response)


def test_a_tensor_that_holds_no_bytes(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    tensor = tensor_pb2.TensorProto(dtype="DT_FLOAT", float_val=[1.0])
    tensor.tensor_shape.dim.add(size=1)
    content = log_files.content_of_version(1)
    file.write_event(log_files.event(tags.STATUS, 0, tensor, "BLOB_SEQUENCE", content))
    bfloat = tensor_pb2.TensorProto(dtype="DT_BFLOAT16", half_val=[1])
    bfloat.tensor_shape.dim.add(size=1)
    file.write_event(log_files.event(tags.PROBE, 0, bfloat, "BLOB_SEQUENCE", content))
    app = servers.Application(tmp_path)
    cases: list[tuple[str, dict[str, Any]]] = [("/status", {}), ("/probe", {"step": 0})]
    for path, query in cases:
        response = app.get(path, run="run", **query)
        assert response.status_code == 422
        assert "is damaged" in text_of(response)


def test_documents_that_inflate_too_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_files.LogFile(tmp_path / "run").write_training([0])
    app = servers.Application(tmp_path)
    monkeypatch.setattr(log_reader, "MAX_DOCUMENT_BYTES", 100)
    monkeypatch.setattr(http, "MAX_INFLATED_BYTES", 100)
    response = app.get("/activations/data", run="run", step=0, layer="dense")
    assert response.status_code == 422
    assert "at most 100 are read" in text_of(response)
    # Handed on packed it costs nothing; inflated it is refused.
    assert app.get("/activations", run="run", step=0).status_code == 200
    plain = app.client.get(servers.BASE + "/activations?run=run&step=0")
    assert plain.status_code == 422
    assert "accepts gzip" in plain.get_data(as_text=True)


def test_a_blob_that_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_files.LogFile(tmp_path / "run").write_training([0])
    app = servers.Application(tmp_path)
    monkeypatch.setattr(log_reader, "MAX_BLOB_BYTES", 100)
    response = app.get("/activations", run="run", step=0)
    assert response.status_code == 422
    assert "at most 100 are read" in text_of(response)


def test_an_index_that_is_no_index(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    file.write_document(tags.ACTIVATIONS, 0, log_files.status(0))
    file.write_blobs(tags.PROBE, 0, [codec.encode_member(b"\xff{", 1)])
    app = servers.Application(tmp_path)
    response = app.get("/activations/data", run="run", step=0, layer="dense")
    assert response.status_code == 422
    assert "is not a valid ActivationIndex" in text_of(response)
    response = app.get("/probe/data", run="run", step=0)
    assert response.status_code == 422
    assert "is not a valid ProbeIndex" in text_of(response)


def test_tags_of_others_and_steps_out_of_range_are_not_listed(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    file.write_document("something_else", 0, log_files.status(0))
    file.write_document(tags.STATUS, -5, log_files.status(0))
    file.write_document(tags.STATUS, 4, log_files.status(4))
    file.write_document(tags.STATUS, 2**60, log_files.status(0))
    app = servers.Application(tmp_path)
    assert runs_of(app)["run"].steps == {"status": (4,)}


def test_a_run_that_logged_only_some_kinds(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run")
    file.write_document(tags.MODEL_GRAPH, 0, log_files.model_graph())
    file.write_dynamics(3)
    file.write_dynamics(6)
    app = servers.Application(tmp_path)
    # Without the index that names its rows, only the last step is known.
    assert runs_of(app)["run"].steps == {
        "model_graph": (0,),
        "dynamics": (6,),
        "step_dynamics": (6,),
    }
    for path, query in [("/status", {}), ("/probe", {"step": 0})]:
        response = app.get(path, run="run", **query)
        assert response.status_code == 404
        assert f"Run 'run' has no {path[1:]}." in text_of(response)


def test_runs_with_hostile_names(tmp_path: Path) -> None:
    names = ["<script>alert(1)<", "a&run=b", "\u202eevil", "__proto__", "%2e%2e"]
    for name in names:
        log_files.LogFile(tmp_path / name).write_training([0])
    # Below a folder, so that its name is not that of TensorBoard's own.
    log_files.LogFile(tmp_path / "x" / "kerasviz").write_training([0])
    app = servers.Application(tmp_path)
    runs = runs_of(app)
    assert set(runs) == {*names, "x/kerasviz"}
    for name in runs:
        assert app.get("/model_graph", run=name, step=0).status_code == 200


def test_a_logdir_that_is_the_data_directory_itself(tmp_path: Path) -> None:
    log_files.LogFile(tmp_path / "run").write_training([0])
    app = servers.Application(tmp_path / "run" / tags.PLUGIN_DIR)
    assert list(runs_of(app)) == ["."]
    assert app.get("/status", run=".").status_code == 200


def test_a_training_that_starts_again_replaces_its_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = log_files.LogFile(tmp_path / "run")
    first.write_training([0, 5, 9])
    app = servers.Application(tmp_path)
    query = {"run": "run", "step": 5, "layer": "dense"}
    old = app.get("/activations/data", **query)
    assert old.status_code == 200

    again = log_files.LogFile(tmp_path / "run", "0002", first_sequence=1001)
    again.write_training([0, 5])
    app.reload()
    # As if the time for which a listing holds had passed.
    monkeypatch.setattr(log_reader, "FIND_SECS", 0.0)
    monkeypatch.setattr(log_reader, "LIST_SECS", 0.0)
    assert runs_of(app)["run"].steps["activations"] == (0, 5)
    new = app.get("/activations/data", **query)
    assert new.status_code == 200
    assert new.data != old.data
    assert codec.check_member(new.data, "answer").sequence > 1000
    gone = app.get("/activations", run="run", step=9)
    assert gone.status_code == 404


def test_a_step_that_vanished_since_it_was_listed_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = log_files.LogFile(tmp_path / "run")
    first.write_training([0, 5, 9])
    app = servers.Application(tmp_path)
    assert runs_of(app)["run"].steps["activations"] == (0, 5, 9)
    again = log_files.LogFile(tmp_path / "run", "0002")
    again.write_training([0])
    app.reload()
    # The listing is still the old one; the provider no longer has step 9.
    monkeypatch.setattr(log_reader, "FIND_SECS", 1e9)
    monkeypatch.setattr(log_reader, "LIST_SECS", 1e9)
    monkeypatch.setattr(handlers, "LIST_SECS", 1e9)
    response = app.get("/activations", run="run", step=9)
    assert response.status_code == 404
    assert "it has them at: 0" in text_of(response)


def test_metadata_check_names_what_is_wanted() -> None:
    known = f"reads formats up to {metadata.WIRE_VERSION}"
    with pytest.raises(metadata.NewerVersionError, match=known):
        metadata.parse_plugin_content(b'{"version": 9}', "It")
