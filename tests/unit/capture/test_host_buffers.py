from __future__ import annotations

import gc
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.capture.host_buffers import MIN_BYTES, HostBuffers
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.weight_history import WeightHistory
from tb_kerasviz.capture.weights import snapshot_weights

SIZE = MIN_BYTES // 4


def address(array: np.ndarray[Any, Any]) -> int:
    return array.__array_interface__["data"][0]


def test_memory_is_used_again_once_nobody_holds_it() -> None:
    buffers = HostBuffers()
    first = buffers.copy(np.ones(SIZE, np.float32))
    second = buffers.copy(np.full(SIZE, 2, np.float32))
    places = {address(first), address(second)}
    assert len(places) == 2
    assert (first == 1).all()

    del first, second
    gc.collect()
    third = buffers.copy(np.full((2, SIZE // 2), 3, np.float32))
    fourth = buffers.copy(np.full(SIZE, 4, np.float32))
    assert {address(third), address(fourth)} == places
    assert third.shape == (2, SIZE // 2)
    assert (third == 3).all()
    assert (fourth == 4).all()


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (5,), (SIZE + 1, 2)])
@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32, np.bool_])
def test_copies_are_float32(shape: tuple[int, ...], dtype: type) -> None:
    values: Any = np.ones(shape, dtype)
    copied = HostBuffers().copy(values)

    assert (copied.dtype, copied.shape) == (np.float32, shape)
    np.testing.assert_array_equal(copied, 1)
    assert not np.shares_memory(copied, values)


def test_what_is_not_contiguous_is_copied_as_it_is() -> None:
    values = np.arange(4 * SIZE, dtype=np.float32).reshape(2, -1)[:, ::2].T

    np.testing.assert_array_equal(HostBuffers().copy(values), values)


def test_captures_in_a_row_take_no_more_memory_and_keep_their_values() -> None:
    model = keras.Sequential(
        [keras.Input((200,)), layers.Dense(300, name="dense")], name="m"
    )
    kernel = model.layers[0].kernel
    history, everything = WeightHistory(), create_layer_filter(None)
    places = set()
    for step in range(8):
        kernel.assign(np.full((200, 300), step, np.float32))
        snapshot = snapshot_weights(model, step, 2**20, everything, history)
        kernel.assign(kernel.value * 0 - 1)
        found = {v.path: v for v in snapshot.reduce().variables}["m/dense/kernel"]
        assert (found.values == step).all()
        assert found.change_from_start == (
            None if step == 0 else pytest.approx(step * 60_000**0.5)
        )
        places.add(address(found.values))
        del snapshot, found

    # The first one, the one before, and the present one.
    assert len(places) == 3
