"""Units, outputs, weights and scalars, as the plugin answers them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from werkzeug.test import TestResponse

from tb_kerasviz.wire import activations, codec, model_outputs, schema, tags, units
from tests.plugin import log_files, servers
from tests.plugin.test_plugin_layers import sentence_of


def body_of(response: TestResponse) -> bytes:
    assert response.status_code == 200, sentence_of(response)
    return gzip.decompress(response.data)


def document_of(response: TestResponse, kind: Any) -> Any:
    assert response.content_type == "application/json"
    return msgspec.json.decode(body_of(response), type=kind)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("step", [0, 6, 119])
def test_units_are_those_that_were_logged(
    app: servers.Application, place: int, step: int
) -> None:
    layer = log_files.LAYERS[place]
    index = document_of(
        app.get("/activations", run="run1", step=step), schema.ActivationIndex
    )
    response = app.get("/activations/units", run="run1", step=step, layer=layer)
    assert response.content_type == "application/octet-stream"
    body_of(response)
    found = units.decode_units(response.data, index.layers[place])

    wanted = log_files.unit_arrays(step, place, 4)
    np.testing.assert_array_equal(found.stats, wanted.stats)
    np.testing.assert_array_equal(found.histogram, wanted.histogram)
    if wanted.saturated is None:
        assert found.saturated is None
    else:
        np.testing.assert_array_equal(found.saturated, wanted.saturated)
    assert index.measured_samples == 8


def test_outputs_of_the_model(app: servers.Application) -> None:
    index = document_of(
        app.get("/activations", run="run1", step=5), schema.ActivationIndex
    )
    response = app.get("/activations/outputs", run="run1", step=5, output=0)
    body_of(response)
    found = model_outputs.decode_output(response.data, index.outputs[0])
    wanted = log_files.capture(5).outputs[0]
    np.testing.assert_array_equal(found.values, wanted.values)
    assert found.entry.name == "probabilities"

    response = app.get("/activations/outputs", run="run1", step=5, output=1)
    assert response.status_code == 404
    assert "the model has no output 1; 1 were logged" in sentence_of(response)


@pytest.mark.parametrize(("place", "unit"), [(0, 0), (1, 3), (2, 2)])
def test_a_trend_is_the_units_of_every_step(
    app: servers.Application, place: int, unit: int
) -> None:
    layer = log_files.LAYERS[place]
    trend = document_of(
        app.get("/activations/unit_trend", run="run1", layer=layer, unit=unit),
        schema.UnitTrend,
    )

    assert trend.steps == tuple(range(120))
    has_bounds = layer == log_files.LAYERS[-1]
    assert trend.columns == (*schema.ACTIVATION_STATS, *["saturated"] * has_bounds)
    for step in trend.steps:
        wanted = log_files.unit_arrays(step, place, 4)
        row = [*wanted.stats[unit]]
        if wanted.saturated is not None:
            row.append(wanted.saturated[unit])
        assert [column[step] for column in trend.values] == pytest.approx(row, rel=1e-6)


def test_health_counts_the_units_of_every_layer(app: servers.Application) -> None:
    health = document_of(app.get("/activations/health", run="run1"), schema.UnitHealth)

    assert health.steps == tuple(range(120))
    assert health.cut == ""
    assert [layer.path for layer in health.layers] == list(log_files.LAYERS)
    for place, layer in enumerate(health.layers):
        assert layer.units == 4
        assert layer.dead == tuple(step % 4 for step in health.steps)
        assert layer.constant == layer.dead
        assert layer.nonfinite == (0,) * 120
        wanted = 1 if place == 2 else None
        assert layer.saturated == (wanted,) * 120
    assert [layer.activation for layer in health.layers] == ["relu", "relu", "tanh"]


def test_captures_that_count_no_units(tmp_path: Path) -> None:
    older = log_files.capture(3)
    stripped = [
        activations.LayerArrays(**{**vars(layer), "units": None})
        for layer in older.layers
    ]
    older = activations.ActivationCapture(
        **{**vars(older), "layers": stripped, "outputs": ()}
    )
    file = log_files.LogFile(tmp_path / "run1")
    blobs = activations.encode_activations(older, file.next_sequence())
    file.write_blobs(tags.ACTIVATIONS, 3, blobs)
    file.write_activations(5)
    app = servers.Application(tmp_path)

    health = document_of(app.get("/activations/health", run="run1"), schema.UnitHealth)
    assert health.steps == (5,)
    trend = app.get("/activations/unit_trend", run="run1", layer="dense", unit=1)
    assert document_of(trend, schema.UnitTrend).steps == (5,)
    response = app.get("/activations/units", run="run1", step=3, layer="dense")
    assert response.status_code == 404
    assert "The units of layer 'dense' were not logged" in sentence_of(response)


def test_a_layer_that_one_capture_lacks(tmp_path: Path) -> None:
    file = log_files.LogFile(tmp_path / "run1")
    whole = log_files.capture(2)
    fewer = activations.ActivationCapture(
        **{**vars(whole), "layers": whole.layers[1:], "thumbnails": ()}
    )
    for step, capture in ((1, whole), (2, fewer)):
        blobs = activations.encode_activations(capture, file.next_sequence())
        file.write_blobs(tags.ACTIVATIONS, step, blobs)
    app = servers.Application(tmp_path)

    health = document_of(app.get("/activations/health", run="run1"), schema.UnitHealth)
    assert health.steps == (1, 2)
    by_path = {layer.path: layer for layer in health.layers}
    assert by_path["conv2d"].dead == (2, None)
    assert by_path["dense"].dead == (2, 2)
    assert list(by_path) == ["block/conv2d", "dense", "conv2d"]


@pytest.mark.parametrize(
    "query",
    [
        {"layer": "dense", "unit": 4},
        {"layer": "dense", "unit": 0, "call": 1},
        {"layer": "nothing", "unit": 0},
    ],
)
def test_an_unknown_unit_is_a_sentence(
    app: servers.Application, query: dict[str, object]
) -> None:
    response = app.get("/activations/unit_trend", run="run1", **query)
    assert response.status_code == 404
    assert f"no unit {query['unit']} of layer" in sentence_of(response)


def test_weights_are_handed_on_as_they_are_stored(
    app: servers.Application, training: log_files.LogFile
) -> None:
    blobs = training.blobs[tags.WEIGHTS, 7]
    response = app.get("/weights", run="run1", step=7)
    assert response.data == blobs[0]
    index = codec.decode_document(blobs[0], schema.WeightIndex, "index")
    for entry in index.variables:
        response = app.get("/weights/data", run="run1", step=7, variable=entry.path)
        assert response.data == codec.slice_member(
            blobs[entry.member.blob], entry.member, "member"
        )

    response = app.get("/weights/data", run="run1", step=7, variable="x/kernel")
    assert response.status_code == 404
    assert "no variable 'x/kernel'; there are: 'conv2d/kernel'" in sentence_of(response)


def test_scalars_come_with_numbers_that_json_lacks(app: servers.Application) -> None:
    asked: dict[str, object] = {"run": "run1", "split": "train", "tag": "epoch_loss"}
    trend = document_of(app.get("/scalars", **asked), schema.ScalarTrend)
    assert (trend.tag, trend.split) == ("epoch_loss", "train")
    assert trend.steps == (3, 6, 9, 12)
    assert trend.values == (2.5, 1.25, "NaN", "Infinity")

    asked = {"run": ".", "split": "validation", "tag": "epoch_loss"}
    trend = document_of(app.get("/scalars", **asked), schema.ScalarTrend)
    assert (trend.steps, trend.values) == ((7,), (0.5,))

    unknown: list[dict[str, object]] = [
        {"run": "run1", "split": "validation", "tag": "epoch_loss"},
        {"run": "run1", "split": "train", "tag": "nothing"},
        {"run": "run1", "split": "../run1/train", "tag": "epoch_loss"},
    ]
    for asked in unknown:
        trend = document_of(app.get("/scalars", **asked), schema.ScalarTrend)
        assert (trend.steps, trend.values) == ((), ())
