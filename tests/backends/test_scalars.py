"""Scalars have the tags and values of keras.callbacks.TensorBoard."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import tb_kerasviz
from tb_kerasviz import KerasViz
from tests.backends import trainings
from tests.backends.trainings import digits


def scalars_of(directory: pathlib.Path) -> dict[str, dict[int, float]]:
    """Value of each step of each tag, as TensorBoard reads them."""
    accumulator = EventAccumulator(str(directory), size_guidance={"tensors": 0})
    accumulator.Reload()
    found: dict[str, dict[int, float]] = {}
    for tag in accumulator.Tags()["tensors"]:
        events = accumulator.Tensors(tag)
        if events[0].tensor_proto.dtype == 1:  # float32
            found[tag] = {
                e.step: float(np.frombuffer(e.tensor_proto.tensor_content, "<f4")[0])
                if e.tensor_proto.tensor_content
                else e.tensor_proto.float_val[0]
                for e in events
            }
    return found


@pytest.mark.only_on("tensorflow")
def test_as_keras_logs_them(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.5)
    model = trainings.dense(optimizer=keras.optimizers.Adam(rate))
    model.fit(
        x,
        y,
        batch_size=16,
        epochs=3,
        verbose=0,
        validation_data=(x[:30], y[:30]),
        callbacks=[
            keras.callbacks.TensorBoard(
                tmp_path / "keras", update_freq="batch", write_graph=False
            ),
            KerasViz(tmp_path / "ours", scalars="batch"),
        ],
    )
    for split in ("train", "validation"):
        wanted = scalars_of(tmp_path / "keras" / split)
        received = scalars_of(tmp_path / "ours" / split)
        # Speed is not a property of the training, and Keras's text of the model
        # and its count of steps are its own.
        names = {tag for tag in wanted if "steps_per_second" not in tag}
        assert set(received) == names
        for tag in names:
            ours, theirs = received[tag], wanted[tag]
            np.testing.assert_allclose(
                list(ours.values()), list(theirs.values()), rtol=1e-6, err_msg=tag
            )
            if tag.startswith("epoch_"):  # Keras counts epochs here, from 0.
                assert list(ours) == [10 * (e + 1) for e in theirs]
            else:
                assert list(ours) == list(theirs)
    assert {"epoch_loss", "epoch_accuracy", "epoch_learning_rate", "batch_loss"} <= set(
        scalars_of(tmp_path / "ours" / "train")
    )
    assert {"epoch_loss", "evaluation_loss_vs_iterations"} <= set(
        scalars_of(tmp_path / "ours" / "validation")
    )


@pytest.mark.parametrize(
    ("scalars", "batches", "epochs"),
    [("epoch", [], [10, 20]), (4, [4, 8, 12, 16, 20], [10, 20]), (None, [], [])],
)
def test_how_often(
    scalars: Any, batches: list[int], epochs: list[int], tmp_path: pathlib.Path
) -> None:
    x, y = digits()
    log = KerasViz(tmp_path, scalars=scalars, weights=None)
    model = trainings.dense()
    model.fit(x, y, batch_size=16, epochs=2, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    for tag, steps in (("batch_loss", batches), ("epoch_loss", epochs)):
        if steps:
            assert run.scalars(tag).steps.tolist() == steps
        else:
            with pytest.raises(KeyError, match=tag):
                run.scalars(tag)


def test_a_batch_that_applies_nothing_has_no_step_of_its_own(
    tmp_path: pathlib.Path,
) -> None:
    x, y = digits()
    optimizer = keras.optimizers.Adam(0.01, gradient_accumulation_steps=2)
    model = trainings.dense(optimizer=optimizer)
    log = KerasViz(tmp_path, scalars="batch", weights=2)
    model.fit(x, y, batch_size=16, epochs=2, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.scalars("batch_loss").steps.tolist() == list(range(1, 11))
    assert run.scalars("epoch_loss").steps.tolist() == [5, 10]
    assert run.steps("weights") == [0, 2, 4, 6, 8, 10]
    assert not run.status().refused
    assert run.status().notices == ()
