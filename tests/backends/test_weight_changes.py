"""How far weights moved, as a real fit logs it, on every backend."""

from __future__ import annotations

import itertools
import pathlib
from typing import Any

import keras
import numpy as np
import pytest

import tb_kerasviz
from tb_kerasviz import KerasViz
from tests.backends import trainings

Array = np.ndarray[Any, Any]


class Remember(keras.callbacks.Callback):
    """Keeps the weights of each epoch's end by step; the first before it."""

    def __init__(self) -> None:
        super().__init__()
        self.by_step: dict[int, dict[str, Array]] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        self._keep()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._keep()

    def _keep(self) -> None:
        step = int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))
        self.by_step[step] = {
            v.path: np.array(keras.ops.convert_to_numpy(v.value))
            for v in self.model.weights
        }


def distance(one: Array, other: Array) -> float:
    return float(np.linalg.norm((one.astype(np.float64) - other).ravel()))


def check(
    directory: pathlib.Path, known: dict[int, dict[str, Array]], steps: list[int]
) -> None:
    """The changes at these steps, the first of which is what they start from."""
    run = tb_kerasviz.load(directory)["."]
    for previous, step in itertools.pairwise(steps):
        index = run.weight_index(step)
        assert (index.previous_step, index.start_step) == (previous, steps[0])
        for path, values in known[step].items():
            item = run.weights(path, step)
            np.testing.assert_array_equal(item.values, values)
            wanted = distance(values, known[previous][path])
            assert item.change == pytest.approx(wanted, rel=1e-9, abs=1e-12)
            wanted = distance(values, known[steps[0]][path])
            assert item.change_from_start == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_changes_are_those_of_the_weights(tmp_path: pathlib.Path) -> None:
    x, y = trainings.digits()
    model, remember = trainings.convolutional(), Remember()
    log = KerasViz(tmp_path)
    model.fit(
        x, y, batch_size=16, epochs=3, verbose=0, callbacks=[log, remember]
    )  # fmt: skip
    check(tmp_path, remember.by_step, [0, 10, 20, 30])
    # A second fit goes on with the log, and counts from where it begins.
    again = Remember()
    model.fit(
        x, y, batch_size=16, epochs=2, verbose=0, callbacks=[again, KerasViz(tmp_path)]
    )  # fmt: skip
    check(tmp_path, again.by_step, [30, 40, 50])


def test_a_frozen_layer_does_not_move(tmp_path: pathlib.Path) -> None:
    x, y = trainings.digits()
    model = trainings.dense()
    model.layers[1].trainable = False
    trainings.compiled(model)
    model.fit(x, y, batch_size=16, epochs=2, verbose=0, callbacks=[KerasViz(tmp_path)])

    run = tb_kerasviz.load(tmp_path)["."]
    frozen, head = model.layers[1].kernel.path, model.layers[2].kernel.path
    found = run.weights(frozen, 20)
    assert (found.change, found.change_from_start) == (0, 0)
    moved = run.weights(head, 20)
    assert moved.change is not None
    assert moved.change > 0
