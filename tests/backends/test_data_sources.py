"""Whatever `fit` is given, each step is logged as it is for the same arrays."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest

import tb_kerasviz
from tb_kerasviz import KerasViz
from tests.backends import trainings
from tests.backends.trainings import BATCH, BATCHES, Array, digits

Arguments = dict[str, Any]

WEIGHT = np.linspace(0, 2, trainings.SAMPLES, dtype=np.float32)
CLASS_WEIGHT = {digit: 0.2 * digit for digit in range(10)}


def batches() -> Iterator[tuple[Array, Array]]:
    x, y = digits()
    for begin in range(0, len(x), BATCH):
        yield x[begin : begin + BATCH], y[begin : begin + BATCH]


class Batches(keras.utils.PyDataset):
    """The digits, read by a thread."""

    def __len__(self) -> int:
        return BATCHES

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        return list(batches())[index]


def arrays(**more: Any) -> Arguments:
    x, y = digits()
    return {"x": x, "y": y, "batch_size": BATCH, "shuffle": False, **more}


def dataset() -> Arguments:
    tf = pytest.importorskip("tensorflow")
    return {"x": tf.data.Dataset.from_tensor_slices(digits()).batch(BATCH)}


def loader() -> Arguments:
    torch = pytest.importorskip("torch")
    tensors = torch.utils.data.TensorDataset(*map(torch.from_numpy, digits()))
    return {"x": torch.utils.data.DataLoader(tensors, batch_size=BATCH)}


def generator() -> Arguments:
    return {"x": batches(), "steps_per_epoch": BATCHES}


def validated() -> Arguments:
    x, y = digits()
    return arrays(validation_data=(x[:20], y[:20]), validation_batch_size=8)


SOURCES: dict[str, tuple[Callable[[], Arguments], Callable[[], Arguments] | None]] = {
    # What is given, and the arrays that are the same.
    "tf.data": (dataset, None),
    "PyDataset": (lambda: {"x": Batches(), "shuffle": False}, None),
    "DataLoader": (loader, None),
    "generator": (generator, None),
    "validation": (validated, None),
    "class_weight": (
        lambda: arrays(class_weight=CLASS_WEIGHT),
        lambda: arrays(
            sample_weight=np.array([CLASS_WEIGHT[y] for y in digits()[1].tolist()])
        ),
    ),
    "sample_weight": (
        lambda: {
            "x": ((x, y, WEIGHT[BATCH * i :][:BATCH]) for i, (x, y) in
                  enumerate(batches())),
            "steps_per_epoch": BATCHES,
        },
        lambda: arrays(sample_weight=WEIGHT),
    ),
}  # fmt: skip


def train(arguments: Arguments, log_dir: pathlib.Path) -> Any:
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    model = trainings.dense()
    log = KerasViz(log_dir, weights=None)
    model.fit(**arguments, epochs=1, verbose=0, callbacks=[log])
    run = tb_kerasviz.load(log_dir)["."]
    assert run.status().notices == ()
    assert run.dynamics().steps.tolist() == list(range(1, BATCHES + 1))
    return run


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Any]:
    """The run on arrays alone, trained once."""
    return functools.cache(lambda: train(arrays(), tmp_path_factory.mktemp("plain")))


@pytest.mark.parametrize("name", SOURCES)
def test_what_fit_is_given(
    name: str, plain: Callable[[], Any], tmp_path: pathlib.Path
) -> None:
    given, same = SOURCES[name]
    run = train(given(), tmp_path / "given")
    wanted = plain() if same is None else train(same(), tmp_path / "same")
    for kind in ("dynamics", "step_dynamics"):
        np.testing.assert_allclose(
            getattr(run, kind)().values[..., :-1],
            getattr(wanted, kind)().values[..., :-1],
            rtol=1e-5,
            atol=1e-6,
            err_msg=kind,
        )
    steps = run.scalars("epoch_loss").steps.tolist()
    assert steps == [BATCHES]
    if name == "validation":
        assert run.scalars("epoch_loss", split="validation").steps.tolist() == steps
