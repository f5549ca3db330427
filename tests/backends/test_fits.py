"""Several fits, one after the other or broken off, and several callbacks."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import tb_kerasviz
from tb_kerasviz import KerasViz
from tests.backends import trainings
from tests.backends.conftest import RunScript
from tests.backends.trainings import BATCHES, compiled, dense, differences, digits
from tests.backends.trainings import state_of as state


def fit(
    model: keras.Model, *callbacks: keras.callbacks.Callback, epochs: int = 1, **k: Any
) -> None:
    x, y = digits()
    model.fit(
        x, y, batch_size=trainings.BATCH, epochs=epochs, verbose=0,
        callbacks=list(callbacks), **k,
    )  # fmt: skip


def run_of(directory: pathlib.Path) -> Any:
    return tb_kerasviz.load(directory)["."]


def tensorboard_steps(directory: pathlib.Path, tag: str) -> list[int]:
    """Steps of a tag as TensorBoard's Python ingester reads them."""
    accumulator = EventAccumulator(str(directory), size_guidance={"tensors": 0})
    accumulator.Reload()
    return [event.step for event in accumulator.Tensors(tag)]


def steps(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


@pytest.mark.parametrize("same", [True, False])
def test_a_second_fit_continues_the_log(same: bool, tmp_path: pathlib.Path) -> None:
    x, _ = digits()
    model = dense()
    log = KerasViz(tmp_path, probe=x[:2])
    fit(model, log, epochs=2)
    fit(model, log if same else KerasViz(tmp_path, probe=x[:2]), epochs=2)

    run = run_of(tmp_path)
    ends = [10, 20, 30, 40]
    assert run.dynamics().steps.tolist() == steps(1, 40)
    assert run.steps("weights") == [0, *ends]
    assert run.steps("activations") == [0, *ends]
    assert run.scalars("epoch_loss").steps.tolist() == ends
    assert run.status().notices == ()
    assert run.model_graph(0).params == run.model_graph().params
    kerasviz, train = tmp_path / "kerasviz", tmp_path / "train"
    assert tensorboard_steps(kerasviz, "dynamics") == steps(1, 40)
    assert tensorboard_steps(kerasviz, "weights") == [0, *ends]
    assert tensorboard_steps(kerasviz, "activations") == [0, *ends]
    assert tensorboard_steps(train, "epoch_loss") == ends


def test_a_resumed_training_whichever_callback_comes_first(
    tmp_path: pathlib.Path,
) -> None:
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                raise KeyboardInterrupt

    for first in (True, False):
        logs = tmp_path / f"logs_{first}"
        for attempt in range(2):
            keras.utils.set_random_seed(1)
            backup = keras.callbacks.BackupAndRestore(tmp_path / f"backup_{first}")
            callbacks = [KerasViz(logs), backup]
            model = dense()
            if attempt == 0:
                with pytest.raises(KeyboardInterrupt):
                    fit(model, *callbacks[:: 1 if first else -1], Stop(), epochs=3)
            else:
                fit(model, *callbacks[:: 1 if first else -1], epochs=3)
            del callbacks
        run = run_of(logs)
        assert run.steps("weights") == [0, 10, 20, 30]
        assert run.scalars("epoch_loss").steps.tolist() == [10, 20, 30]
        assert run.dynamics().steps.tolist() == steps(1, 30)


RESUMED = """
import os
import sys
import keras
from tb_kerasviz import KerasViz
from tests.backends import trainings

class Die(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2 and sys.argv[1] == "dies":
            log.on_train_end()  # Whatever was written is on the disk.
            os._exit(3)

keras.utils.set_random_seed(1)
x, y = trainings.digits()
model = trainings.convolutional()
log = KerasViz("logs", probe=x[:2])
backup = keras.callbacks.BackupAndRestore("backup")
model.fit(
    x, y, batch_size=16, epochs=4, verbose=0, callbacks=[log, backup, Die()]
)
"""


def test_a_training_that_is_resumed_in_another_process(
    tmp_path: pathlib.Path, run_script: RunScript
) -> None:
    run_script(RESUMED, "dies", returncode=3)
    assert run_of(tmp_path / "logs").dynamics().steps.tolist() == steps(1, 20)
    run_script(RESUMED, "ends")
    run = run_of(tmp_path / "logs")
    assert run.dynamics().steps.tolist() == steps(1, 40)
    assert run.step_dynamics().steps.tolist() == steps(1, 40)
    assert run.dynamics().damaged == run.step_dynamics().damaged == 0
    assert run.scalars("epoch_loss").steps.tolist() == [10, 20, 30, 40]
    assert run.steps("weights")[-2:] == [30, 40]
    assert len(list((tmp_path / "logs" / "kerasviz").iterdir())) == 2
    assert run.status().notices == ()


class Fail(keras.callbacks.Callback):
    """Ends the training in the middle of the second epoch."""

    def __init__(self, error: type[BaseException]) -> None:
        super().__init__()
        self.error = error
        self.batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1
        if self.batches == 14:
            raise self.error("in the middle")


@pytest.mark.parametrize(
    ("error", "logged"), [(KeyboardInterrupt, True), (ValueError, False)]
)
def test_a_fit_after_one_that_was_broken_off(
    error: type[BaseException], logged: bool, tmp_path: pathlib.Path
) -> None:
    def train(directory: pathlib.Path | None) -> keras.Model:
        keras.backend.clear_session()
        keras.utils.set_random_seed(3)
        model = trainings.convolutional()
        log = [] if directory is None else [KerasViz(directory)]
        with pytest.raises(error, match="in the middle"):
            fit(model, *log, Fail(error), epochs=2)
        # `log` still lives here, as in a notebook.
        fit(model, *(log if logged else []), epochs=1)
        return model

    expected = state(train(None))
    model = train(tmp_path)
    assert differences(expected, state(model)) == []
    if logged:
        run = run_of(tmp_path)
        # What the first fit did after its last epoch is its 4 last steps; those
        # before it was broken off were measured and read when it ended.
        assert run.steps("weights") == [0, 10, 24]
        assert run.dynamics().steps.tolist() == steps(1, 24)
        assert "apply" not in vars(model.optimizer)


def test_a_dropped_callback_gives_the_optimizer_back(tmp_path: pathlib.Path) -> None:
    model = dense()
    with pytest.raises(KeyboardInterrupt):
        fit(model, KerasViz(tmp_path), Fail(KeyboardInterrupt), epochs=2)
    import gc

    gc.collect()
    assert "apply" not in vars(model.optimizer)
    before = model.train_function
    fit(model)
    assert model.train_function is before


def test_the_same_callback_after_a_broken_fit_that_cannot_be_measured(
    tmp_path: pathlib.Path,
) -> None:
    model = dense()
    log = KerasViz(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fit(model, log, Fail(KeyboardInterrupt), epochs=2)
    model.trainable = False
    compiled(model)
    fit(model, log)
    assert any("trainable" in n.message for n in run_of(tmp_path).status().notices)


def test_two_callbacks_at_once(tmp_path: pathlib.Path) -> None:
    training = trainings.Training(trainings.convolutional)
    expected = state(training.run())
    logs = [KerasViz(tmp_path / name) for name in "ab"]
    model = training.run(callbacks=logs)
    assert differences(expected, state(model)) == []
    assert "apply" not in vars(model.optimizer)
    a, b = (tb_kerasviz.load(tmp_path)[name] for name in "ab")
    assert a.dynamics().steps.tolist() == b.dynamics().steps.tolist() == steps(1, 20)
    np.testing.assert_array_equal(a.dynamics().values, b.dynamics().values)
    assert a.status().notices == b.status().notices == ()
    fit(model)


def test_compiled_again_frozen_and_unfrozen_between_fits(
    tmp_path: pathlib.Path,
) -> None:
    def train(*logs: KerasViz) -> keras.Model:
        keras.backend.clear_session()
        keras.utils.set_random_seed(3)
        model = dense()
        fit(model, *logs)
        compiled(model, optimizer=model.optimizer)
        fit(model, *logs)
        for trainable in (False, True):
            model.layers[1].trainable = trainable
            compiled(model, optimizer=optimizer_for(model))
            fit(model, *logs)
        return model

    def optimizer_for(model: keras.Model) -> keras.optimizers.Optimizer:
        if keras.backend.backend() != "jax":
            return model.optimizer
        # Keras's train step on JAX takes no variables but those that its
        # optimizer was built with.
        optimizer = keras.optimizers.Adam(0.01)
        optimizer.build(model.trainable_variables)
        optimizer.iterations.assign(model.optimizer.iterations)
        return optimizer

    expected = state(train())
    model = train(KerasViz(tmp_path))
    assert differences(expected, state(model)) == []
    frozen = model.layers[1]
    run = run_of(tmp_path)
    dynamics = run.dynamics()
    assert dynamics.steps.tolist() == steps(1, 40)
    assert len(dynamics.variables) == 4
    kernel = dynamics.variables.index(frozen.kernel.path)
    assert np.isfinite(dynamics.values[:20, kernel]).all()
    assert np.isnan(dynamics.values[20:30, kernel]).all()
    assert np.isfinite(dynamics.values[30:, kernel]).all()
    assert run.status().notices == ()
    for step, wanted in ((20, True), (21, False), (31, True)):
        layers_then = run.model_graph(step).layers
        (found,) = (one for one in layers_then if one.path == frozen.path)
        assert found.trainable is wanted, step


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
def test_a_fit_without_a_step(tmp_path: pathlib.Path) -> None:
    x, _ = digits()
    model = dense()
    model.trainable = False
    compiled(model)
    fit(model, KerasViz(tmp_path, probe=x[:2]), epochs=2)
    run = run_of(tmp_path)
    assert run.steps("dynamics") == []
    assert run.steps("activations") == [0]
    assert run.scalars("epoch_loss").steps.tolist() == [0]
    notices = {notice.topic: notice.message for notice in run.status().notices}
    assert notices["dynamics"] == "the model has no trainable variables"
    # What has no step of its own cannot be shown, which is said.
    assert "made no step" in notices["steps"]


def test_evaluate_and_predict_log_nothing(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    model = dense()
    log = KerasViz(tmp_path)
    model.evaluate(x, y, verbose=0, callbacks=[log])
    model.predict(x, verbose=0, callbacks=[log])
    assert list(tmp_path.iterdir()) == []
    fit(model, log)
    files = sorted(p.stat().st_size for p in tmp_path.rglob("*") if p.is_file())
    model.evaluate(x, y, verbose=0, callbacks=[log])
    model.predict(x, verbose=0, callbacks=[log])
    assert files == sorted(p.stat().st_size for p in tmp_path.rglob("*") if p.is_file())


def test_one_callback_for_two_models(tmp_path: pathlib.Path) -> None:
    log = KerasViz(tmp_path, layers="dense")
    for units in (3, 4):
        model = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Flatten(),
                layers.Dense(units),
                layers.Dense(10, activation="softmax"),
            ]
        )
        fit(compiled(model), log)
        run = run_of(tmp_path)
        # A training that begins at step 0 replaces what the directory held.
        assert run.dynamics().steps.tolist() == steps(1, BATCHES)
        assert run.model_graph().params == model.count_params()


def test_a_training_that_begins_again_in_a_directory_says_so(
    tmp_path: pathlib.Path,
) -> None:
    fit(dense(), KerasViz(tmp_path))
    assert run_of(tmp_path).status().notices == ()

    fit(dense(), KerasViz(tmp_path))

    (notice,) = run_of(tmp_path).status().notices
    assert notice.topic == "log_dir"
    assert "already holds logs" in notice.message
    assert run_of(tmp_path).dynamics().steps.tolist() == steps(1, 10)
