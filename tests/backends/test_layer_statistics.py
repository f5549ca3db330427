"""The statistics of layers, from a training to what the graph is coloured by."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import tb_kerasviz
from tests.backends.trainings import BATCH, compiled, digits


def build() -> keras.Model:
    block = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(),
        ],
        name="block",
    )
    frozen = layers.Dense(6, name="frozen", trainable=False)
    inputs = keras.Input((8, 8, 1))
    x = frozen(layers.Flatten()(block(inputs)))
    return keras.Model(inputs, layers.Dense(10, activation="softmax", name="head")(x))


def norm(variables: Any) -> float:
    values = [keras.ops.convert_to_numpy(v.value).ravel() for v in variables]
    return float(np.linalg.norm(np.concatenate(values).astype(np.float64)))


def test_they_are_those_of_the_model(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    model = compiled(build())
    log = tb_kerasviz.KerasViz(tmp_path, probe=x[:4], max_overhead=None)
    model.fit(x, y, batch_size=BATCH, epochs=2, verbose=0, callbacks=[log])

    answer = tb_kerasviz.load(tmp_path)["."].layer_statistics()
    assert answer.step == 20
    found = {
        column.name: dict(zip(answer.layers, column.values, strict=True))
        for column in answer.columns
    }

    def close(value: float) -> Any:
        return pytest.approx(value, rel=1e-4, abs=1e-6)

    for layer in (model.get_layer("block"), model.get_layer("head")):
        # On backends with dynamics from them, on others from the captures.
        wanted = norm(layer.trainable_variables)
        assert found["weight_norm"][layer.path] == close(wanted)
    frozen = model.get_layer("frozen")
    wanted = norm(frozen.weights)
    assert found["weight_norm"]["frozen"] == close(wanted)
    assert found["grad_norm_mean"]["frozen"] is None

    inner = keras.Model(model.input, frozen.output)
    for layer, outputs in ((frozen, inner(x[:4])), (None, model(x[:4]))):
        path = "head" if layer is None else layer.path
        values = keras.ops.convert_to_numpy(outputs).astype(np.float64)
        mean, std = values.mean(), values.std()
        assert found["activation_mean"][path] == close(mean)
        assert found["activation_std"][path] == close(std)
        assert found["nonfinite_activations"][path] == 0


@pytest.mark.only_on("tensorflow")
def test_gradients_are_seen_where_they_are(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    model = compiled(build())
    log = tb_kerasviz.KerasViz(tmp_path, probe=x[:4], max_overhead=None)
    model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0, callbacks=[log])

    run = tb_kerasviz.load(tmp_path)["."]
    answer = run.layer_statistics(7)
    dynamics = run.dynamics()
    row = dict(zip(dynamics.variables, dynamics.values[6].tolist(), strict=True))
    columns = {column.name: column for column in answer.columns}
    assert columns["grad_norm_mean"].step == 7
    for layer in (model.get_layer("block"), model.get_layer("head")):
        rows = [row[v.path] for v in layer.trainable_variables]
        at = answer.layers.index(layer.path)
        for place, name in enumerate(("grad_norm_mean", "grad_norm_max")):
            wanted = pytest.approx(np.hypot.reduce([r[place] for r in rows]), rel=1e-5)
            assert columns[name].values[at] == wanted
        ratio = columns["update_ratio"].values[at]
        assert isinstance(ratio, float)
        assert 0 < ratio < 1
