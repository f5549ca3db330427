from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.capture.model_graph import create_model_graph
from tb_kerasviz.capture.symbolic_build import build_from_inputs
from tests.unit.capture import models


@pytest.mark.parametrize(
    "inputs",
    [np.zeros((5, 4), np.float32), keras.KerasTensor((None, 4))],
)
def test_a_sequential_model_keeps_its_batch_axis_open(inputs: Any) -> None:
    model = keras.Sequential([layers.Dense(3, name="d")], name="seq")
    build_from_inputs(model, inputs)

    (node,) = [n for n in create_model_graph(model).layers if n.name == "d"]
    assert node.output_shapes == ((None, 3),)
    assert node.params == 15


def test_a_subclassed_model_is_built_without_computing() -> None:
    model = models.Subclassed(name="mine")
    build_from_inputs(model, np.zeros((2, 4), np.float32))

    assert model.count_params() == 81


def test_dtypes_reach_the_model() -> None:
    class Tokens(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.embed = layers.Embedding(10, 4)

        def call(self, inputs: Any) -> Any:
            assert keras.backend.standardize_dtype(inputs["t"].dtype) == "int32"
            return self.embed(inputs["t"])

    model = Tokens()
    build_from_inputs(model, {"t": np.zeros((2, 3), np.int32)})
    assert model.count_params() == 40


def test_inputs_that_do_not_fit_are_named() -> None:
    model = models.Subclassed(name="mine")
    with pytest.raises(
        ValueError,
        match=r"mine \(Subclassed\) could not be built from inputs of type str",
    ):
        build_from_inputs(model, "text")


def test_an_error_in_the_model_is_handed_on() -> None:
    class Broken(keras.Model):
        def call(self, x: Any) -> Any:
            raise RuntimeError("my mistake")

    with pytest.raises(ValueError, match="my mistake"):
        build_from_inputs(Broken(), np.zeros((2, 4), np.float32))
