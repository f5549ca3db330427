"""Nothing that goes wrong in the logging ends a training."""

from __future__ import annotations

import logging
import os
import pathlib
import re
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import tb_kerasviz
from tb_kerasviz import KerasViz
from tb_kerasviz.log_files import RecordIndex
from tb_kerasviz.wire.dynamics import damaged_rows
from tests.backends import trainings
from tests.backends.own_steps import OwnTrainStep
from tests.backends.trainings import compiled, dense, digits


def fit(model: keras.Model, *callbacks: keras.callbacks.Callback, **more: Any) -> None:
    x, y = digits()
    arguments = {"batch_size": trainings.BATCH, "epochs": 2, **more}
    model.fit(x, y, verbose=0, callbacks=list(callbacks), **arguments)


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name.startswith("tb_kerasviz")]


X = digits()[0]


@pytest.mark.parametrize(
    ("probe", "labels", "message"),
    [
        (
            X[:2, :5],
            None,
            r"received shape \(2, 5, 8, 1\) and dtype float32, the model takes shape",
        ),
        ([X[:2], X[:2]], None, r"received 2 inputs of shape .*, the model takes shape"),
        (["a", "b"], None, "texts|received shape .2,. and dtype string"),
        (X[:0], None, r"no samples; received shape \(0, 8, 8, 1\)"),
        ([], None, "probe is empty"),
        (X[:3], [1], "one label for each of the 3 samples"),
        (iter(()), None, "no batches"),
    ],
)
def test_a_probe_that_does_not_fit(
    probe: Any,
    labels: Any,
    message: str,
    tmp_path: pathlib.Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = KerasViz(tmp_path, probe=probe, probe_labels=labels)
    fit(dense(), log)
    run = tb_kerasviz.load(tmp_path)["."]
    (notice,) = run.status().notices
    assert notice.topic == "activations"
    assert re.search(message, notice.message)
    assert [notice.message in w for w in warnings_of(caplog)] == [True]
    # The rest is there.
    assert run.steps("activations") == []
    assert run.steps("weights") == [0, 10, 20]
    assert len(run.dynamics().steps) == 20
    assert run.scalars("epoch_loss").steps.tolist() == [10, 20]


def test_layers_that_match_nothing(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    fit(dense(), KerasViz(tmp_path, probe=X[:2], layers="convolution"))
    messages = [n.message for n in tb_kerasviz.load(tmp_path)["."].status().notices]
    assert any("matches none" in message for message in messages)


def test_a_filter_that_fails(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(path: str) -> bool:
        raise RuntimeError("a broken filter")

    fit(dense(), KerasViz(tmp_path, probe=X[:2], layers=broken))
    run = tb_kerasviz.load(tmp_path)["."]
    topics = [n.topic for n in run.status().notices]
    assert sorted(topics) == ["activations", "weights"]
    assert all("a broken filter" in n.message for n in run.status().notices)
    assert len(run.dynamics().steps) == 20


@keras.saving.register_keras_serializable("tests")
class Hostile(layers.Layer):
    """Cannot be described, and cannot be called as the probe is."""

    def get_config(self) -> dict[str, Any]:
        raise RuntimeError("no configuration")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training and inputs.shape[0] == 3:
            raise RuntimeError("not for three samples")
        return inputs


def test_a_layer_that_fails(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Flatten(),
            Hostile(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    fit(compiled(model), KerasViz(tmp_path, probe=X[:3]))
    run = tb_kerasviz.load(tmp_path)["."]
    (notice,) = run.status().notices
    assert notice.topic == "activations"
    assert "not for three samples" in notice.message
    # What comes before it is there.
    assert run.steps("activations") == [0, 10, 20]
    assert len(warnings_of(caplog)) == 1
    hostile = next(x for x in run.model_graph().layers if x.class_name == "Hostile")
    assert "no configuration" in hostile.config_notes[0]
    assert "call" not in vars(model.layers[1])
    assert len(run.dynamics().steps) == 20


class Oddities(keras.callbacks.Callback):
    """Puts what is no number into the logs, as careless callbacks do."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs.update(
            text="best", nothing=None, many=np.zeros(3), nan=float("nan"), ok=[2.5]
        )
        logs["\udcff"] = 1.0


def test_metrics_that_are_no_numbers(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    fit(dense(), Oddities(), KerasViz(tmp_path, scalars="batch"))
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.scalars("epoch_loss").steps.tolist() == [10, 20]
    assert run.scalars("epoch_ok").values.tolist() == [2.5, 2.5]
    assert np.isnan(run.scalars("epoch_nan").values).all()
    with pytest.raises(KeyError):
        run.scalars("epoch_text")
    assert run.steps("weights") == [0, 10, 20]


def test_a_log_dir_that_cannot_be_made(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    model = dense()
    fit(model, KerasViz(tmp_path / "file", probe=X[:2]))
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 20
    assert any("Cannot write" in w for w in warnings_of(caplog))
    # Once for each of its directories, not for every record.
    assert len([w for w in warnings_of(caplog) if "Cannot write" in w]) <= 3
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_directory_that_is_deleted_meanwhile(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    import shutil

    class Delete(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                assert log._session is not None
                log._session._log.flush()
                shutil.rmtree(tmp_path)

    log = KerasViz(tmp_path)
    fit(dense(), log, Delete())
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.steps("weights") == [20]
    assert any("deleted" in notice.message for notice in run.status().notices)


def test_an_optimizer_whose_step_cannot_be_read(
    tmp_path: pathlib.Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tb_kerasviz.capture import backends

    backend = type(backends.load_backend())

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no memory for the ring")

    monkeypatch.setattr(backend, "create_tap", fail)
    model = dense()
    fit(model, KerasViz(tmp_path))
    run = tb_kerasviz.load(tmp_path)["."]
    (notice,) = run.status().notices
    assert (notice.topic, "no memory for the ring" in notice.message) == (
        "dynamics",
        True,
    )
    assert run.steps("weights") == [0, 10, 20]
    assert "apply" not in vars(model.optimizer)


def test_an_error_nobody_thought_of(
    tmp_path: pathlib.Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tb_kerasviz import fit_session

    def fail(*args: Any) -> Any:
        raise RuntimeError("nobody thought of this")

    model = dense()
    log = KerasViz(tmp_path)
    monkeypatch.setattr(fit_session.FitSession, "end_epoch", fail)
    with caplog.at_level(logging.ERROR, "tb_kerasviz"):
        fit(model, log)
    errors = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "nobody thought of this" in errors[0].getMessage()
    assert "apply" not in vars(model.optimizer)
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.status().closed
    assert "nobody thought of this" in run.status().notices[0].message
    monkeypatch.undo()
    fit(model, log)  # And the next fit is logged again.
    assert tb_kerasviz.load(tmp_path)["."].steps("weights") == [0, 30, 40]


# Keras's trainer on JAX asks every optimizer for its variables, so that a fit
# without one fails by itself.
@pytest.mark.only_on("tensorflow", "torch")
def test_another_optimizer_than_keras_has(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Own(dense().__class__):  # type: ignore[misc]
        def train_step(self, data: Any) -> dict[str, Any]:
            return {"loss": keras.ops.mean(self(data[0]))}

    model = Own([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3)])
    model.compile(optimizer=None, loss=None, jit_compile=False)
    fit(model, KerasViz(tmp_path, probe=X[:2]), epochs=1)
    run = tb_kerasviz.load(tmp_path)["."]
    notices = {n.topic: n.message for n in run.status().notices}
    assert "keras.optimizers.Optimizer; the model has None" in notices["dynamics"]
    assert run.steps("activations") == [0]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_after_a_kill_only_the_last_second_is_missing(
    tmp_path: pathlib.Path, run_script: Any
) -> None:
    code = """
import os, signal, sys, time
import keras
from tb_kerasviz import KerasViz
from tests.backends import trainings

class Kill(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 4:
            time.sleep(1.5)  # What the promise allows, before which all is due.
            os.kill(os.getpid(), signal.SIGKILL)

x, y = trainings.digits()
log = KerasViz("logs", probe=x[:2])
trainings.dense().fit(x, y, batch_size=16, epochs=9, verbose=0, callbacks=[log, Kill()])
"""
    run_script(code, returncode=-9)
    run = tb_kerasviz.load(tmp_path / "logs")["."]
    assert run.dynamics().steps.tolist() == list(range(1, 51))
    assert run.steps("weights") == [0, 10, 20, 30, 40, 50]
    assert run.steps("activations") == [0, 10, 20, 30, 40, 50]
    assert run.scalars("epoch_loss").steps.tolist() == [10, 20, 30, 40, 50]


@pytest.mark.skipif(os.name == "nt", reason="limits")
def test_a_disk_that_is_full(tmp_path: pathlib.Path, run_script: Any) -> None:
    code = """
import resource
from tb_kerasviz import KerasViz
from tests.backends import trainings

x, y = trainings.digits()
model = trainings.dense()
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, hard))
log = KerasViz("logs", probe=x[:2])
model.fit(x, y, batch_size=16, epochs=9, verbose=0, callbacks=[log])
print("done", model.optimizer.iterations.numpy())
"""
    done = run_script(code)
    assert done.stdout.strip() == "done 90"
    # Said once, not for every record.
    assert done.stderr.count("Cannot write to kerasviz") == 1
    (file,) = (tmp_path / "logs" / "kerasviz").iterdir()
    assert 0 < file.stat().st_size <= 16_000
    # How much fitted depends on how the records were batched; what did is whole.
    index = RecordIndex([str(file)])
    written = index.steps("dynamics")
    assert written == list(range(1, len(written) + 1))
    for step in written:
        assert not damaged_rows(index.tensor("dynamics", step)).any()


@pytest.mark.skipif(os.name == "nt", reason="fork")
def test_workers_that_are_forked(tmp_path: pathlib.Path, run_script: Any) -> None:
    code = """
import keras
from tb_kerasviz import KerasViz
from tests.backends import trainings

class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 8
    def __getitem__(self, index):
        x, y = trainings.digits()
        return x[index * 16 : index * 16 + 16], y[index * 16 : index * 16 + 16]

if __name__ == "__main__":
    x, y = trainings.digits()
    log = KerasViz("logs", probe=Batches())
    data = Batches(workers=2, use_multiprocessing=True)
    trainings.dense().fit(data, epochs=3, verbose=0, callbacks=[log])
    print("done")
"""
    done = run_script(code, timeout=120)
    assert done.stdout.strip().endswith("done")
    run = tb_kerasviz.load(tmp_path / "logs")["."]
    assert run.dynamics().steps.tolist() == list(range(1, 25))
    assert run.steps("weights") == [0, 8, 16, 24]
    assert run.status().closed
    # A forked worker has no file of its own, and nothing was written twice.
    for directory in (tmp_path / "logs").iterdir():
        assert len(list(directory.iterdir())) == 1, directory


class Replace(keras.callbacks.Callback):
    """Gives the model another optimizer in the middle of a training."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            optimizer = keras.optimizers.SGD(0.01)
            optimizer.build(self.model.trainable_variables)
            self.model.optimizer = optimizer


@pytest.mark.only_on("tensorflow", "torch")
def test_an_optimizer_that_is_replaced(tmp_path: pathlib.Path) -> None:
    model = dense()
    fit(model, KerasViz(tmp_path, scalars=None), Replace(), epochs=3)
    run = tb_kerasviz.load(tmp_path)["."]
    notices = {notice.topic: notice.message for notice in run.status().notices}
    assert "replaced by SGD during the fit" in notices["dynamics"]
    assert run.dynamics().steps.tolist()[:10] == list(range(1, 11))
    # The next fit measures it.
    fit(model, KerasViz(tmp_path / "next"), epochs=1)
    after = tb_kerasviz.load(tmp_path / "next")["."]
    assert after.status().notices == ()
    assert len(after.dynamics().steps) == 10


class GoBack(keras.callbacks.Callback):
    """Sets the optimizer's count of steps back."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.model.optimizer.iterations.assign(2)


def test_a_step_that_goes_back(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    fit(dense(), KerasViz(tmp_path, weights=5), GoBack(), epochs=3)
    run = tb_kerasviz.load(tmp_path)["."]
    (notice,) = [n for n in run.status().notices if n.topic == "step"]
    assert "went back from 10 to" in notice.message
    # 10 steps, then those from 3 on: the ones above 10 are logged.
    assert run.dynamics().steps.tolist() == list(range(1, 23))
    assert len([w for w in warnings_of(caplog) if "went back" in w]) == 1


class OneTooFew(OwnTrainStep):
    """Leaves the last gradient out; Keras then leaves out the last variable."""

    def change(self, gradients: list[Any]) -> list[Any]:
        return gradients[:-1]


class OfOneElement(OwnTrainStep):
    """Has a gradient of another shape, which Keras spreads over the variable."""

    def change(self, gradients: list[Any]) -> list[Any]:
        return [*gradients[:-1], keras.ops.mean(gradients[-1], keepdims=True)]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        pytest.param(
            OneTooFew,
            "5 gradients for 6 variables",
            # Which fails by itself on the others.
            marks=pytest.mark.only_on("tensorflow"),
        ),
        pytest.param(
            OfOneElement,
            r"gradient of shape \(1,\) for .*bias, which has the shape \(10,\)",
            # Which fails by itself on TensorFlow.
            marks=pytest.mark.only_on("jax", "torch"),
        ),
    ],
)
def test_gradients_that_do_not_match_the_variables(
    kind: type[OwnTrainStep], message: str, tmp_path: pathlib.Path
) -> None:
    states = []
    for log in ([], [KerasViz(tmp_path)]):
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        model = compiled(kind())
        fit(model, *log)
        states.append(trainings.state_of(model))
    assert trainings.differences(*states) == []
    run = tb_kerasviz.load(tmp_path)["."]
    (notice,) = run.status().notices
    assert notice.topic == "dynamics"
    assert re.search(message, notice.message)
    assert run.steps("weights")[-1] == 20
