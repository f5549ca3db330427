"""A train step that is made anew, or for another optimizer, in the middle of a fit."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import pytest

import tb_kerasviz
from tests.backends import trainings
from tests.backends.trainings import Training


class MadeAnew(keras.callbacks.Callback):
    """Lets Keras make the train step anew, as some callbacks do."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.model.make_train_function(force=True)


class CompiledAnew(keras.callbacks.Callback):
    """Compiles the model, with the optimizer that it has or with another one."""

    def __init__(self, other: bool) -> None:
        super().__init__()
        self.other = other

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            optimizer = self.model.optimizer
            if self.other:
                optimizer = keras.optimizers.SGD(0.1)
                optimizer.build(self.model.trainable_variables)
            trainings.compiled(self.model, optimizer=optimizer)
            self.model.make_train_function()


class Replaced(keras.callbacks.Callback):
    """Puts a train function of its own in the place of the model's."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            model = self.model
            model.train_function = None
            type(model).make_train_function(model)


def train(
    tmp_path: pathlib.Path, *callbacks: keras.callbacks.Callback
) -> tb_kerasviz.reader.Run:
    """Trains without and with the logging, to the same end."""
    training = Training(trainings.dense)
    expected = trainings.state_of(training.run(callbacks=callbacks, epochs=3))
    model = training.run(tmp_path, callbacks, epochs=3)
    assert trainings.differences(expected, trainings.state_of(model)) == []
    assert "make_train_function" not in vars(model)
    assert "apply" not in vars(model.optimizer)
    return tb_kerasviz.load(tmp_path)["."]


@pytest.mark.parametrize("callback", [MadeAnew(), CompiledAnew(other=False)])
def test_a_step_that_is_made_anew_is_measured(
    callback: keras.callbacks.Callback, tmp_path: pathlib.Path
) -> None:
    run = train(tmp_path, callback)
    assert run.status().notices == ()
    assert run.dynamics().steps.tolist() == list(range(1, 31))


def test_another_optimizer_is_said(tmp_path: pathlib.Path) -> None:
    run = train(tmp_path, CompiledAnew(other=True))
    notices = {notice.topic: notice.message for notice in run.status().notices}
    assert "replaced by SGD during the fit" in notices["dynamics"]
    assert run.dynamics().steps.tolist() == list(range(1, 11))


def test_two_callbacks_when_the_step_is_made_anew(tmp_path: pathlib.Path) -> None:
    logs = [tb_kerasviz.KerasViz(tmp_path / name) for name in "ab"]
    model = Training(trainings.dense).run(callbacks=[*logs, MadeAnew()], epochs=2)
    assert "make_train_function" not in vars(model)
    runs = tb_kerasviz.load(tmp_path)
    for name in "ab":
        assert runs[name].status().notices == ()
        assert runs[name].dynamics().steps.tolist() == list(range(1, 21))


@pytest.mark.only_on("jax")
def test_a_train_function_of_somebody_else_is_said(tmp_path: pathlib.Path) -> None:
    run = train(tmp_path, Replaced())
    (notice,) = run.status().notices
    assert notice.topic == "dynamics"
    assert "train function was replaced during the fit" in notice.message
    assert run.dynamics().steps.tolist() == list(range(1, 11))
