"""What the model returns, and what its outputs and those of layers are called."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.activations.reading import Captured, capture, create_reader

X = np.random.default_rng(5).normal(size=(3, 4)).astype(np.float32)


def check_output(found: Captured, name: str, wanted: Any) -> None:
    array = ops.convert_to_numpy(wanted)
    output = found.outputs[name]
    assert output.entry.shape == array.shape
    assert output.entry.dtype == keras.backend.standardize_dtype(array.dtype)
    assert output.entry.cut == ""
    np.testing.assert_allclose(output.values, array, rtol=1e-5, atol=1e-6)


def test_a_single_output_has_no_name() -> None:
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(3, activation="softmax", name="out")(x))
    found = capture(model, X)

    assert list(found.outputs) == [""]
    check_output(found, "", model(X))
    assert found.index.measured_samples == 3


def test_outputs_of_a_dict_have_its_keys() -> None:
    x = keras.Input((4,))
    outputs = {
        "logits": layers.Dense(3, name="one")(x),
        "state": [layers.Dense(2, name="two")(x), layers.Dense(5, name="three")(x)],
    }
    model = keras.Model(x, outputs)
    found = capture(model, X)

    wanted = model(X)
    assert set(found.outputs) == {"logits", "state/0", "state/1"}
    check_output(found, "logits", wanted["logits"])
    check_output(found, "state/1", wanted["state"][1])


def test_outputs_of_a_list_have_the_names_that_keras_gives_them() -> None:
    x = keras.Input((4,))
    outputs = [layers.Dense(3, name="age")(x), layers.Dense(2, name="sex")(x)]
    model = keras.Model(x, outputs)
    found = capture(model, X)

    assert list(found.outputs) == ["age", "sex"]
    for name, output in zip(("age", "sex"), model(X), strict=True):
        check_output(found, name, output)


def test_outputs_of_one_layer_have_their_places() -> None:
    x = keras.Input((4,))
    both = layers.Dense(3, name="twice")
    model = keras.Model(x, [both(x), both(x * 2)])

    assert list(capture(model, X).outputs) == ["0", "1"]


class Structured(keras.Model):
    """Returns whatever its function makes of its input."""

    def __init__(self, function: Any, layer: Any = None) -> None:
        super().__init__()
        self.dense = layers.Dense(4, name="dense")
        self.layer = layer
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(self.dense(x))


def structured(function: Any, layer: Any = None) -> keras.Model:
    model = Structured(function, layer)
    model(X)
    return model


def test_outputs_of_a_subclassed_model() -> None:
    model = structured(lambda y: {"b": y, "a": (y + 1, ops.cast(y > 0, "int32"))})
    found = capture(model, X)

    assert set(found.outputs) == {"b", "a/0", "a/1"}
    check_output(found, "b", model.dense(X))
    signs = found.outputs["a/1"]
    assert signs.entry.dtype == "int32"
    assert signs.values.dtype == np.float32


def test_an_output_that_cannot_be_kept_is_listed() -> None:
    model = structured(lambda y: {"y": y, "none": None, "sum": ops.sum(y)})
    found = capture(model, X)

    assert list(found.outputs) == ["y"]
    reasons = [s.reason for s in found.index.skipped if s.path == model.name]
    assert len(reasons) == 2
    assert reasons[0].startswith("the output 'none' of the model is not shown")
    assert reasons[1] == (
        "the output 'sum' of the model is not shown: its shape () has no row for "
        "each of the 3 samples"
    )


@pytest.mark.parametrize(
    ("shape", "kept", "cut"),
    [
        ((1024,), (1024,), ""),
        ((2000,), (1, 1024), "the first 1024 of 2000 values"),
        ((30, 50), (20, 50), "the first 20 of 30 positions"),
        ((8, 10, 50), (20, 50), "the first 20 of 80 positions"),
        ((3, 1500), (1, 1024),
         "the first 1 of 3 positions, the first 1024 of 1500 values"),
    ],
)  # fmt: skip
def test_large_outputs_are_cut(
    shape: tuple[int, ...], kept: tuple[int, ...], cut: str
) -> None:
    size = math.prod(shape)
    model = structured(
        lambda y: ops.reshape(ops.tile(y, (1, size))[:, :size], (3, *shape))
    )
    found = capture(model, X)

    output = found.outputs[""]
    assert output.entry.shape == (3, *shape)
    assert output.entry.cut == cut
    assert output.values.shape == (3, *kept)
    whole = ops.convert_to_numpy(model(X)).reshape(3, -1, shape[-1])
    wanted = whole[:, : kept[0], : kept[1]] if cut else whole
    np.testing.assert_allclose(output.values.reshape(wanted.shape), wanted, rtol=1e-5)


def test_outputs_of_the_model_take_their_part_of_the_budget() -> None:
    model = structured(lambda y: {str(i): ops.tile(y, (1, 200)) for i in range(8)})
    reader = create_reader(model, X, budget=20_000)
    outputs = reader.capture(0).reduce().outputs

    assert len(outputs) == 8
    assert 0 < sum(output.values.nbytes for output in outputs) <= 2_000


class Returns(layers.Layer):
    """Returns whatever its function makes of its input."""

    def __init__(self, function: Any) -> None:
        super().__init__(name="returns")
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (lambda x: x, [""]),
        (lambda x: (x, x + 1), ["0", "1"]),
        (lambda x: [x], ["0"]),
        (lambda x: {"logits": x, "state": (x, -x)}, ["logits", "state/0", "state/1"]),
        (lambda x: [{"a": x}, x], ["0/a", "1"]),
    ],
)
def test_outputs_of_layers_are_named_by_their_place(
    function: Any, names: list[str]
) -> None:
    layer = Returns(function)
    model = structured(lambda y: keras.tree.flatten(layer(y))[0], layer)
    found = capture(model, X)

    entries = [e for e in found.index.layers if e.path.endswith("returns")]
    assert [entry.name for entry in entries] == names
    assert [entry.output for entry in entries] == list(range(len(names)))
    values = keras.tree.flatten(function(model.dense(X)))
    for entry, value in zip(entries, values, strict=True):
        found.check((entry.path, 0, entry.output), value)
