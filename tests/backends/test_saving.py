"""What is saved, copied and left behind is as if the callback were not there."""

from __future__ import annotations

import copy
import pathlib
import pickle
from typing import Any

import keras
import numpy as np
import pytest

import tb_kerasviz
from tb_kerasviz import KerasViz
from tests.backends import trainings
from tests.backends.conftest import RunScript
from tests.backends.trainings import Training, convolutional, digits

LOAD_ALONE = """
import sys
import warnings

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "tb_kerasviz":
            raise ImportError("tb_kerasviz is not here")

sys.meta_path.insert(0, Blocker())
import keras
import numpy as np

warnings.simplefilter("error")
# NumPy tells of a keyword that TensorFlow's tensors do not know.
warnings.filterwarnings("ignore", message="__array__ implementation")
expected = list(np.load(sys.argv[1]).values())
reference = None
for path in sys.argv[2:]:
    keras.utils.set_random_seed(1)  # Random generators are made anew.
    if path.endswith(".weights.h5"):
        model = keras.saving.load_model(sys.argv[2])
        for variable in [*model.weights, *model.optimizer.variables]:
            variable.assign(keras.ops.zeros_like(variable.value))
        model.load_weights(path)
    else:
        model = keras.saving.load_model(path)
    weights = [*model.weights, *model.optimizer.variables]
    values = [keras.ops.convert_to_numpy(v) for v in weights]
    assert len(expected) == len(values), (len(expected), len(values))
    for variable, value, wanted in zip(weights, values, expected):
        assert value.tobytes() == wanted.tobytes(), (path, variable.path)
    assert "apply" not in vars(model.optimizer)
    # Numbers of metrics and of random generators, where the format keeps them.
    state = [keras.ops.convert_to_numpy(v).tobytes() for v in model.variables]
    reference = reference or state
    assert path.endswith(".h5") or state == reference, path
assert "tb_kerasviz" not in sys.modules
print("loaded", len(sys.argv) - 2)
"""


def saved_state(model: keras.Model) -> dict[str, Any]:
    variables = [*model.weights, *model.optimizer.variables]
    return {
        f"{i:03d}": keras.ops.convert_to_numpy(v.value) for i, v in enumerate(variables)
    }


def test_saved_during_and_after_a_training(
    tmp_path: pathlib.Path, run_script: RunScript
) -> None:
    training = Training(convolutional)
    plain = tmp_path / "plain.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(plain)
    expected = saved_state(training.run(callbacks=[checkpoint]))
    np.savez(tmp_path / "expected.npz", **expected)

    during = tmp_path / "during.keras"
    weights = tmp_path / "during.weights.h5"
    model = training.run(
        tmp_path / "logs",
        callbacks=[
            keras.callbacks.ModelCheckpoint(during),
            keras.callbacks.ModelCheckpoint(weights, save_weights_only=True),
            keras.callbacks.BackupAndRestore(tmp_path / "backup"),
        ],
    )
    after = tmp_path / "after.keras"
    model.save(after)
    files = [plain, during, after, weights]
    done = run_script(
        LOAD_ALONE,
        str(tmp_path / "expected.npz"),
        *map(str, files),
        python=("-W", "error::UserWarning"),
    )
    assert done.stdout.strip() == "loaded 4"


def shape_of(value: object) -> object:
    """What `vars` of two equal objects have in common."""
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    if isinstance(value, (list, tuple, dict, set)):
        return type(value).__name__, len(value)
    return type(value).__name__


def surface(thing: object) -> dict[str, object]:
    return {name: shape_of(value) for name, value in vars(thing).items()}


def test_nothing_is_left_in_the_model(tmp_path: pathlib.Path) -> None:
    training = Training(convolutional)
    plain, logged = training.run(), training.run(tmp_path)
    # Whose addresses and times differ.
    assert surface(logged) == surface(plain)
    assert surface(logged.optimizer) == surface(plain.optimizer)
    for mine, other in zip(
        logged._flatten_layers(), plain._flatten_layers(), strict=True
    ):
        assert surface(mine) == surface(other), mine.name
    assert [v.path for v in logged.variables] == [v.path for v in plain.variables]
    assert [v.path for v in logged.optimizer.variables] == [
        v.path for v in plain.optimizer.variables
    ]
    assert logged.get_config() == plain.get_config()
    assert logged.train_function.__qualname__ == plain.train_function.__qualname__


def test_the_train_step_from_before_is_kept(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    model = trainings.dense()
    model.fit(x, y, verbose=0)
    traced = model.train_function
    model.fit(x, y, verbose=0, callbacks=[KerasViz(tmp_path)])
    # So that a further training need not trace again.
    assert model.train_function is traced


class CopyDuringFit(keras.callbacks.Callback):
    """Copies the model and the callback in the middle of a training."""

    def __init__(self, log: KerasViz) -> None:
        super().__init__()
        self.log = log
        self.copies: list[keras.Model] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == 4:
            self.copies += [
                copy.deepcopy(self.model),
                pickle.loads(pickle.dumps(self.model)),
            ]
            self.weights = self.model.get_weights()
            keras.models.clone_model(self.model)
            copy.deepcopy(self.model.optimizer)
            self.logs = [copy.deepcopy(self.log), pickle.loads(pickle.dumps(self.log))]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_copies_during_and_after_a_training(tmp_path: pathlib.Path) -> None:
    x, y = digits()
    log = KerasViz(tmp_path / "logs", probe=x[:2], layers="dense")
    copier = CopyDuringFit(log)
    model = trainings.dense()
    model.fit(x, y, batch_size=16, verbose=0, callbacks=[log, copier])

    for copied in copier.copies:
        for mine, other in zip(copied.get_weights(), copier.weights, strict=True):
            np.testing.assert_array_equal(mine, other)
        assert "apply" not in vars(copied.optimizer)
        copied.fit(x, y, verbose=0)
    assert keras.models.clone_model(model).count_params() == model.count_params()
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        for mine, other in zip(copied.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(mine, other)

    others = [*copier.logs, copy.deepcopy(log), pickle.loads(pickle.dumps(log))]
    runs = tb_kerasviz.load(tmp_path)["logs"]
    steps = runs.dynamics().steps.tolist()
    assert steps == list(range(1, 11))
    # A copy is a callback that has not begun, with the same arguments.
    model.fit(x, y, batch_size=16, verbose=0, callbacks=[others[0]])
    runs = tb_kerasviz.load(tmp_path)["logs"]
    assert runs.dynamics().steps.tolist() == list(range(1, 21))
    assert runs.status().notices == ()
