"""Models and layers that fail on the probe."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tb_kerasviz.capture.probe import ProbeError
from tests.activations.reading import Captured, capture, create_reader

X = np.random.default_rng(5).normal(size=(3, 4)).astype(np.float32)


class Fails(layers.Layer):
    """Refuses some inputs with a sentence of its own."""

    def call(self, x: Any) -> Any:
        if x.shape[0] == 3:
            raise ValueError("three samples are too many")
        return x


class Model(keras.Model):
    """Dense, then a layer that may fail, then another one."""

    def __init__(self, caught: bool = False) -> None:
        super().__init__()
        self.first = layers.Dense(4, name="first")
        self.fails = Fails(name="fails")
        self.last = layers.Dense(2, name="last")
        self.caught = caught

    def call(self, x: Any) -> Any:
        y = self.first(x)
        try:
            y = self.fails(y)
        except ValueError:
            if not self.caught:
                raise
        return self.last(y)


def built(caught: bool = False) -> Model:
    model = Model(caught)
    model(X[:2])
    return model


def test_what_comes_before_a_layer_that_fails_is_captured() -> None:
    model = built()
    reader = create_reader(model, X)
    for step in (1, 2):
        found = Captured(reader.capture(step).reduce())

        assert [e.path for e in found.index.layers] == [model.first.path]
        found.check((model.first.path, 0, 0), model.first(X))
        assert found.skipped[model.fails.path] == (
            "it fails on the probe: ValueError: three samples are too many"
        )
        assert found.skipped[model.last.path] == "the forward pass fails before it"
        assert found.outputs == {}
    assert reader.notice == (
        "the model could not be called with shape (3, 4) and dtype float32: it fails "
        f"in the layer {model.fails.path!r} with ValueError: three samples are too "
        "many; only what comes before is captured"
    )
    assert not [layer for layer in model.layers if "call" in vars(layer)]


@pytest.mark.only_on("tensorflow", "torch")  # JAX has NaN there.
def test_an_id_beyond_an_embedding() -> None:
    ids = keras.Input((3,), dtype="int32")
    same = layers.Rescaling(1, dtype="int32", name="same")
    embed = layers.Embedding(5, 2, name="embed")
    model = keras.Model(ids, embed(same(ids)))
    probe = np.array([[1, 2, 9], [0, 1, 2]])
    reader = create_reader(model, probe)
    for step in (1, 2):
        found = Captured(reader.capture(step).reduce())
        found.check(("same", 0, 0), probe)
        assert found.skipped["embed"].startswith("it fails on the probe: ")
    assert "it fails in the layer 'embed' with" in reader.notice
    for noise in ("Graph execution error", "{{", "[Op:", "Arguments received"):
        assert noise not in reader.notice


def test_a_failure_that_the_model_catches_is_only_that_of_the_layer() -> None:
    model = built(caught=True)
    reader = create_reader(model, X)
    found = Captured(reader.capture(1).reduce())

    found.check((model.last.path, 0, 0), model.last(model.first(X)))
    assert "three samples are too many" in found.skipped[model.fails.path]
    assert reader.notice == ""
    np.testing.assert_allclose(
        found.outputs[""].values, ops.convert_to_numpy(model(X)), rtol=1e-5
    )


def test_where_nothing_can_be_captured_the_sentence_says_why() -> None:
    model = built()
    wide = np.zeros((2, 9), np.float32)
    with pytest.raises(ProbeError) as caught:
        capture(model, wide)

    text = str(caught.value)
    assert text.startswith(
        "the model could not be called with shape (2, 9) and dtype float32: it fails "
    )
    assert "shape" in text
    assert "9" in text.split("it fails", 1)[1]
    assert "Exception encountered" not in text
    capture(model, X[:2]).check((model.first.path, 0, 0), model.first(X[:2]))


def test_several_inputs_are_named_in_the_sentence() -> None:
    class Sum(keras.Model):
        def call(self, inputs: Any) -> Any:
            return inputs["a"] + inputs["b"]

    model = Sum()
    model({"a": X, "b": X})
    with pytest.raises(ProbeError) as caught:
        capture(model, {"a": X, "b": X[:, :3]})
    assert (
        "2 inputs of shape (3, 4) and dtype float32 ('a'); shape (3, 3) and dtype "
        "float32 ('b')"
    ) in str(caught.value)


def test_a_reader_of_a_failing_model_fails_again_and_changes_nothing() -> None:
    model = built()
    weights = model.get_weights()
    reader = create_reader(model, np.zeros((2, 9), np.float32))
    for step in (1, 2):
        with pytest.raises(ProbeError):
            reader.capture(step)
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert "call" not in vars(model.first)
