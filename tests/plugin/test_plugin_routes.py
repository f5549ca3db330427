"""What every route answers, in a real TensorBoard application."""

from __future__ import annotations

import gzip
import urllib.parse
from concurrent import futures

import hypothesis
import msgspec
import numpy as np
import pytest
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tb_kerasviz.plugin import http
from tb_kerasviz.wire import codec, metadata, schema, tags
from tests.plugin import log_files, servers

RUN: dict[str, object] = {"run": "run1"}
STEP: dict[str, object] = {"run": "run1", "step": 3}

# Route, a good request, and where its bytes lie in what was written.
GOOD: list[tuple[str, dict[str, object]]] = [
    ("/runs", {}),
    ("/model_graph", {"run": "run1", "step": 0}),
    ("/probe", {"run": "run1", "step": 0}),
    ("/probe/data", {"run": "run1", "step": 0, "input": 1, "sample": 2}),
    ("/activations", STEP),
    ("/activations/thumbnails", {**STEP, "sample": 1}),
    ("/activations/data", {**STEP, "layer": "block/conv2d", "sample": 2}),
    ("/activations/units", {**STEP, "layer": "block/conv2d"}),
    ("/activations/outputs", STEP),
    ("/activations/unit_trend", {**RUN, "layer": "dense", "unit": 2}),
    ("/activations/health", RUN),
    ("/weights", STEP),
    ("/weights/data", {**STEP, "variable": "dense/kernel"}),
    ("/weights/trend", {"run": "run1", "variable": "dense/kernel"}),
    ("/weights/norms", RUN),
    ("/gradients/trend", {"run": "run1", "variable": "dense/kernel"}),
    ("/dynamics", RUN),
    ("/dynamics/map", {**RUN, "first": 0, "last": 119, "quantity": "update_ratio"}),
    ("/dynamics/steps", {**RUN, "first": 0, "last": 119}),
    ("/dynamics/verdicts", {"skip": 1, "count": 1}),
    ("/scalars", {**RUN, "split": "train", "tag": "epoch_loss"}),
    ("/status", RUN),
    ("/layer_statistics", STEP),
    ("/layer_trend", {**RUN, "layer": "block"}),
]


def inflate(response: TestResponse) -> bytes:
    assert response.headers["Content-Encoding"] == "gzip"
    return gzip.decompress(response.data)


def test_every_route_is_tested() -> None:
    assert [path for path, _ in GOOD] == [route.path for route in http.ROUTES]


def test_runs_lists_every_step_of_every_kind(app: servers.Application) -> None:
    response = app.get("/runs")
    assert response.status_code == 200
    assert response.content_type == "application/json"
    runs = msgspec.json.decode(inflate(response), type=schema.RunList)
    assert runs.version == metadata.WIRE_VERSION
    assert [(run.name, run.run, run.error) for run in runs.runs] == [
        (".", "kerasviz", ""),
        ("run1", "run1/kerasviz", ""),
    ]
    everything = tuple(range(120))
    assert runs.runs[1].steps == {
        "model_graph": (0,),
        "probe": (0,),
        "activations": everything,
        "weights": everything,
        "gradients": everything,
        "dynamics_index": (0,),
        "status": everything,
        "dynamics": (0, 119),
        "step_dynamics": (0, 119),
    }
    assert runs.runs[0].steps["activations"] == (0, 7)


@pytest.mark.parametrize(
    ("path", "tag", "step"),
    [
        ("/model_graph", tags.MODEL_GRAPH, 0),
        ("/probe", tags.PROBE, 0),
        ("/activations", tags.ACTIVATIONS, 0),
        ("/activations", tags.ACTIVATIONS, 119),
    ],
)
def test_documents_are_handed_on_as_they_are_stored(
    app: servers.Application,
    training: log_files.LogFile,
    path: str,
    tag: str,
    step: int,
) -> None:
    response = app.get(path, run="run1", step=step)
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.data == training.blobs[tag, step][0]


def test_status_is_the_last_one(
    app: servers.Application, training: log_files.LogFile
) -> None:
    response = app.get("/status", run="run1")
    assert response.data == training.blobs[tags.STATUS, 119][0]
    assert msgspec.json.decode(inflate(response))["step"] == 119


def test_every_member_is_cut_out_unchanged(
    app: servers.Application, training: log_files.LogFile
) -> None:
    blobs = training.blobs[tags.ACTIVATIONS, 3]
    index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
    assert [entry.path for entry in index.layers] == list(log_files.LAYERS)
    for entry in index.layers:
        for sample, ref in enumerate(entry.members):
            response = app.get(
                "/activations/data", **STEP, layer=entry.path, sample=sample
            )
            assert response.status_code == 200
            assert response.content_type == "application/octet-stream"
            stored = blobs[ref.blob][ref.offset : ref.offset + ref.length]
            assert response.data == stored
    expected = log_files.capture(3).layers[1].maps[2]
    response = app.get("/activations/data", **STEP, layer="block/conv2d", sample=2)
    arrays = codec.decode_arrays(response.data, "answer")
    np.testing.assert_array_equal(arrays["maps"], expected)


def test_call_output_and_sample_are_0_by_default(app: servers.Application) -> None:
    given = app.get(
        "/activations/data", **STEP, layer="dense", call=0, output=0, sample=0
    )
    default = app.get("/activations/data", **STEP, layer="dense")
    assert default.status_code == 200
    assert default.data == given.data


def test_thumbnails_and_probe_data(app: servers.Application) -> None:
    response = app.get("/activations/thumbnails", **STEP, sample=1)
    assert codec.decode_arrays(response.data, "answer")["codes"].shape == (3, 4, 4)
    probe = log_files.probe()
    for number, name in ((0, "picture"), (1, "values")):
        response = app.get("/probe/data", run="run1", step=0, input=number, sample=2)
        arrays = codec.decode_arrays(response.data, "answer")
        np.testing.assert_array_equal(arrays[name], probe.inputs[number].samples[2])


@pytest.mark.parametrize(("path", "query"), GOOD)
def test_head_answers_the_same_without_a_body(
    app: servers.Application, path: str, query: dict[str, object]
) -> None:
    get = app.get(path, **query)
    head = app.ask("HEAD", path, **query)
    assert get.status_code == head.status_code == 200
    assert head.data == b""
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize(("path", "query"), GOOD)
@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br", "gzip;q=0.5"])
def test_a_client_that_does_not_take_gzip_gets_the_same_inflated(
    app: servers.Application, path: str, query: dict[str, object], accepted: str
) -> None:
    packed = app.get(path, **query)
    plain = app.client.get(
        servers.BASE + path,
        query_string={key: str(value) for key, value in query.items()},
        headers={"Accept-Encoding": accepted},
    )
    assert plain.status_code == 200
    assert "Content-Encoding" not in plain.headers
    assert plain.data == inflate(packed)
    assert plain.headers["Content-Length"] == str(len(plain.data))


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"]
)
@pytest.mark.parametrize("path", [*(path for path, _ in GOOD), "/static/index.js"])
def test_only_get_and_head(app: servers.Application, path: str, method: str) -> None:
    response = app.ask(method, path)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert response.content_type == "text/plain; charset=utf-8"
    assert method in inflate(response).decode()


LONG = "x" * 10_000
BAD: list[tuple[str, str, int, str]] = [
    # Unknown things: 404, and what there is.
    ("/model_graph", "run=nope&step=0", 404, "'run1'"),
    ("/model_graph", "run=RUN1&step=0", 404, "'.', 'run1'"),
    ("/model_graph", "run=run1/kerasviz&step=0", 404, "no run 'run1/kerasviz'"),
    ("/model_graph", "run=../run1&step=0", 404, "no run '../run1'"),
    ("/model_graph", "run=run1&step=5", 404, "at step 5; it has them at: 0"),
    ("/model_graph", "run=run1&step=9007199254740992", 404, "at step 90071992547"),
    ("/activations", "run=.&step=1", 404, "it has them at: 0, 7"),
    ("/activations", "run=run1&step=1000", 404, "and 100 more"),
    ("/probe", "run=run1&step=1", 404, "probe at step 1"),
    ("/probe/data", "run=run1&step=0&input=2", 404, "no input 2; it has 2"),
    ("/probe/data", "run=run1&step=0&sample=3", 404, "no sample 3; 3 were kept"),
    ("/activations/thumbnails", "run=run1&step=0&sample=3", 404, "no sample 3"),
    (
        "/activations/data",
        "run=run1&step=0&layer=conv",
        404,
        "no layer 'conv'; there are: 'conv2d', 'block/conv2d', 'dense'",
    ),
    ("/activations/data", "run=run1&step=0&layer=lambda", 404, "returned a string"),
    (
        "/activations/data",
        "run=run1&step=0&layer=dense&call=1",
        404,
        "no call 1, output 0; it has: call 0, output 0",
    ),
    ("/activations/data", "run=run1&step=0&layer=dense&output=7", 404, "output 7"),
    ("/activations/data", "run=run1&step=0&layer=dense&sample=9", 404, "no sample 9"),
    ("/activations/data", "run=run1&step=0&layer=%00", 404, r"no layer '\x00'"),
    ("/activations/data", "run=run1&step=0&layer=%E2%80%AE", 404, r"'\u202e'"),
    ("/status", "run=%3Cscript%3E", 404, "no run '<script>'"),
    ("/status", "run=a%00b", 404, r"'a\x00b'"),
    ("/status", "run=%ff", 404, "no run '%"),
    ("/nothing", "", 404, "/activations/data"),
    ("/activations/data/more", "", 404, "there is no such route"),
    # Malformed parameters: 400, and what is wanted.
    ("/model_graph", "", 400, "parameter run is missing"),
    ("/model_graph", "run=run1", 400, "parameter step is missing"),
    ("/model_graph", "run=&step=0", 400, "run has 0 bytes"),
    ("/model_graph", f"run={LONG}&step=0", 400, "run has 10000 bytes"),
    ("/activations/data", f"run=run1&step=0&layer={LONG}", 400, "layer has 10000"),
    ("/model_graph", "run=run1&step=", 400, "whole number from 0 to 900719925474099"),
    ("/model_graph", "run=run1&step=-1", 400, "step is '-1'"),
    ("/model_graph", "run=run1&step=1.0", 400, "step is '1.0'"),
    ("/model_graph", "run=run1&step=1e3", 400, "step is '1e3'"),
    ("/model_graph", "run=run1&step=%2B1", 400, "step is '+1'"),
    ("/model_graph", "run=run1&step=+1", 400, "step is ' 1'"),
    ("/model_graph", "run=run1&step=1_0", 400, "step is '1_0'"),
    ("/model_graph", "run=run1&step=%D9%A1", 400, r"step is '\u0661'"),
    ("/model_graph", "run=run1&step=0%00", 400, r"'0\x00'"),
    ("/model_graph", "run=run1&step=NaN", 400, "step is 'NaN'"),
    ("/model_graph", "run=run1&step=9007199254740993", 400, "9007199254740993"),
    ("/model_graph", f"run=run1&step={'9' * 10_000}", 400, "whole number"),
    ("/model_graph", "run=run1&step=0&step=0", 400, "step was given 2 times"),
    ("/model_graph", "run=run1&run=run1&step=0", 400, "run was given 2 times"),
    ("/model_graph", "run=run1&step=0&tag=x", 400, "no parameter 'tag'; there are"),
    ("/probe/data", "run=run1&step=0&input=-1", 400, "input is '-1'"),
    ("/probe/data", "run=run1&step=0&sample=x", 400, "sample is 'x'"),
    ("/activations/data", "run=run1&step=0", 400, "parameter layer is missing"),
    ("/activations/data", "run=run1&step=0&layer=", 400, "layer has 0 bytes"),
    ("/activations/data", "run=run1&step=0&layer=dense&call=a", 400, "call is 'a'"),
    ("/runs", "run=run1", 400, "no parameter 'run'; there are: none"),
    ("/runs", f"{LONG}=1", 400, "no parameter 'xxx"),
    ("/status", "run", 400, "run has 0 bytes"),
]


@pytest.mark.parametrize(("path", "query", "code", "sentence"), BAD)
def test_bad_requests_get_a_sentence(
    app: servers.Application, path: str, query: str, code: int, sentence: str
) -> None:
    response = app.client.get(servers.BASE + path, query_string=query)
    text = response.get_data(as_text=True)
    assert (response.status_code, sentence in text) == (code, True), text
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert len(text) < 1000


VALUES = st.one_of(
    st.sampled_from(["run1", ".", "0", "3", "dense", "-1", "9" * 20, "", "\0"]),
    st.integers(-5, 2**54).map(str),
    st.text(max_size=20),
    st.binary(max_size=8).map(lambda raw: raw.decode("latin-1")),
)
NAMES = st.one_of(
    st.sampled_from(["run", "step", "layer", "call", "output", "sample", "input"]),
    st.text(max_size=5),
)


@hypothesis.settings(max_examples=300, deadline=None)
@hypothesis.given(
    path=st.sampled_from([path for path, _ in GOOD]),
    query=st.lists(st.tuples(NAMES, VALUES), max_size=6),
)
def test_no_query_causes_an_internal_error(
    app: servers.Application, path: str, query: list[tuple[str, str]]
) -> None:
    encoded = urllib.parse.urlencode(query)
    response = app.client.get(servers.BASE + path, query_string=encoded)
    assert response.status_code in (200, 400, 404)
    kind = response.content_type.partition(";")[0]
    good = ("application/json", "application/octet-stream")
    assert kind in (good if response.status_code == 200 else ("text/plain",))


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(raw=st.binary(max_size=40))
def test_no_raw_query_causes_an_internal_error(
    app: servers.Application, raw: bytes
) -> None:
    response = app.client.get(
        servers.BASE + "/activations/data",
        environ_overrides={"QUERY_STRING": raw.decode("latin-1")},
    )
    assert response.status_code in (400, 404)
    assert response.content_type == "text/plain; charset=utf-8"


def test_a_query_that_is_not_utf_8(app: servers.Application) -> None:
    response = app.client.get(
        servers.BASE + "/status", environ_overrides={"QUERY_STRING": "run=\xff"}
    )
    assert response.status_code == 400
    assert "percent-encode" in response.get_data(as_text=True)


def test_many_requests_at_once_get_the_right_answers(app: servers.Application) -> None:
    requests = [
        ("/activations/data", {"run": "run1", "step": step, "layer": layer})
        for step in range(0, 120, 10)
        for layer in log_files.LAYERS
    ] + GOOD * 4
    alone = [app.get(path, **query).data for path, query in requests]

    def get(request: tuple[str, dict[str, object]]) -> bytes:
        response = app.get(request[0], **request[1])
        assert response.status_code == 200
        return response.data

    with futures.ThreadPoolExecutor(16) as pool:
        together = list(pool.map(get, requests))
    assert together == alone


def test_tensorboard_lists_and_opens_the_tab(app: servers.Application) -> None:
    listing = app.client.get("/data/plugins_listing").json
    assert listing is not None
    assert listing["kerasviz"] == {
        "disable_reload": False,
        "enabled": True,
        "loading_mechanism": {
            "type": "IFRAME",
            "module_path": "/data/plugin/kerasviz/static/index.js",
        },
        "remove_dom": False,
        "tab_name": "Keras",
    }
    entry = app.client.get("/data/plugin_entry.html?name=kerasviz")
    assert entry.status_code == 200
    assert 'import("./static/index.js")' in entry.get_data(as_text=True)
