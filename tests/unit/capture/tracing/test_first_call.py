from __future__ import annotations

import functools
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.capture.tracing.first_call import FirstCall, needs_inputs
from tests.unit.capture import models


def test_which_models_have_to_be_called() -> None:
    assert not needs_inputs(models.sequential())
    assert not needs_inputs(models.shared())
    assert needs_inputs(models.Subclassed())

    class Overridden(keras.Model):
        def call(self, x: Any) -> Any:
            return x

    x = keras.Input((4,))
    assert needs_inputs(Overridden(x, layers.Dense(2)(x)))


@pytest.mark.parametrize("eagerly", [True, False])
def test_the_first_batch_is_noted_and_nothing_is_left(eagerly: bool) -> None:
    model = models.Subclassed(name="mine")
    model.compile("sgd", "mse", run_eagerly=eagerly)
    first = FirstCall()
    first.watch(model)
    assert "call" in vars(model)

    data = np.ones((10, 4), np.float32), np.zeros((10, 4), np.float32)
    model.fit(*data, batch_size=5, verbose=0)

    assert "call" not in vars(model)
    assert first.inputs is not None
    (x,) = first.inputs.args
    assert (x.shape, x.dtype) == ((None, 4), "float32")
    assert first.inputs.kwargs == {}
    if eagerly:
        assert first.inputs.values is not None
        np.testing.assert_array_equal(first.inputs.values[0][0], np.ones((5, 4)))
    else:
        assert first.inputs.values is None


def test_a_call_on_symbols_is_not_a_batch() -> None:
    model = models.Subclassed(name="mine")
    first = FirstCall()
    first.watch(model)

    model(keras.KerasTensor((None, 4)))
    noted = first.inputs
    assert noted is None
    model(np.ones((3, 4), np.float32))

    assert first.inputs is not None
    assert "call" not in vars(model)


def test_a_call_that_was_replaced_already_stays_so() -> None:
    model = models.Subclassed(name="mine")
    mine = functools.partial(model.call)
    attributes: dict[str, Any] = model.__dict__
    attributes["call"] = mine
    first = FirstCall()
    first.watch(model)

    first.stop()
    first.stop()

    assert attributes["call"] is mine
