"""Trainings on several devices at once: one writer, gradients of all of them."""

from __future__ import annotations

import concurrent.futures
import pathlib
import socket
from typing import Any

import numpy as np
import pytest

import tb_kerasviz
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS, STEP_COLUMNS
from tests.backends import trainings
from tests.backends.conftest import RunScript

MIRRORED = """
import sys
import keras
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
half = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(cpu, [half, half])
from tb_kerasviz import KerasViz
from tests.backends import trainings

OPTIMIZERS = {
    "plain": lambda: keras.optimizers.SGD(0.1),
    "clipped": lambda: keras.optimizers.AdamW(0.01, global_clipnorm=0.3),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1), initial_scale=2.0**15
    ),
    "accumulating": lambda: keras.optimizers.SGD(0.1, gradient_accumulation_steps=2),
}

def train(strategy, log, build):
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    with strategy.scope():
        model = build(optimizer=OPTIMIZERS[sys.argv[1]]())
    x, y = trainings.digits()
    model.fit(
        x, y, batch_size=16, epochs=2, shuffle=False, verbose=0, callbacks=log
    )
    values = [*model.weights, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(v).tobytes() for v in values]

# One for all: TensorFlow confuses the reductions of two in a process.
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
BUILD = getattr(trainings, sys.argv[2])
x = trainings.digits()[0]
try:
    expected = train(strategy, [], BUILD)
except Exception as error:
    # Then with us as without.
    try:
        train(strategy, [KerasViz("logs/two")], BUILD)
    except type(error) as ours:
        assert str(ours)[:200] == str(error)[:200]
        print("fails in Keras", str(error)[:300])
    sys.exit()
assert train(strategy, [KerasViz("logs/two", probe=x[:2])], BUILD) == expected
train(tf.distribute.get_strategy(), [KerasViz("logs/one")], BUILD)
"""


def column(dynamics: Any, name: str) -> Any:
    return dynamics.values[..., DYNAMICS_COLUMNS.index(name)]


def total(dynamics: Any, name: str) -> Any:
    return dynamics.values[..., STEP_COLUMNS.index(name)]


@pytest.mark.only_on("tensorflow")
@pytest.mark.parametrize(
    ("optimizer", "model"),
    [
        ("plain", "dense"),
        ("scaled", "convolutional"),
        pytest.param("clipped", "dense", marks=pytest.mark.slow),
        pytest.param("accumulating", "dense", marks=pytest.mark.slow),
    ],
)
def test_replicas_of_a_mirrored_strategy(
    optimizer: str, model: str, tmp_path: pathlib.Path, run_script: RunScript
) -> None:
    done = run_script(MIRRORED, optimizer, model, timeout=500)
    if optimizer == "accumulating":
        assert "fails in Keras" in done.stdout
        return
    runs = tb_kerasviz.load(tmp_path / "logs")
    assert runs["two"].status().notices == ()
    assert runs["two"].status().closed
    assert len(list((tmp_path / "logs" / "two" / "kerasviz").iterdir())) == 1
    assert runs["two"].steps("activations") == runs["two"].steps("weights")
    one, two = runs["one"].dynamics(), runs["two"].dynamics()
    assert two.steps.tolist() == list(range(1, 2 * trainings.BATCHES + 1))
    of_one, of_two = runs["one"].step_dynamics(), runs["two"].step_dynamics()
    if model == "convolutional":  # Where each replica normalises by itself.
        assert np.isfinite(two.values).all()
        assert (total(of_two, "loss_scale") == 2.0**15).all()
        return
    # Each has half of the batch: together they have the gradient of all.
    first = slice(0, 1) if optimizer == "clipped" else slice(None)
    for name in ("grad_norm_mean", "nonfinite", "grad_zero_fraction"):
        np.testing.assert_allclose(
            column(two, name)[first], column(one, name)[first], 1e-4, 1e-6
        )
    for name in ("global_norm_max", "loss_mean", "learning_rate"):
        np.testing.assert_allclose(
            total(of_two, name)[first], total(of_one, name)[first], 1e-4
        )
    if optimizer == "clipped":  # Each half by itself, as Keras does.
        clipped, whole = (total(of_two, f"{n}_norm_max") for n in ("clipped", "global"))
        assert (clipped < whole).all()
        assert (clipped <= 0.6 + 1e-6).all()
    else:
        for name in ("update_norm_mean", "weight_norm"):
            np.testing.assert_allclose(column(two, name), column(one, name), 1e-4)


PARALLEL = """
import os
import sys
import keras
import torch
import torch.distributed
import tb_kerasviz
from tb_kerasviz import KerasViz
from tests.backends import trainings

rank = int(os.environ["RANK"])
if "WORLD_SIZE" in os.environ:
    torch.distributed.init_process_group("gloo")

class Parallel(keras.Model):
    def __init__(self, network):
        super().__init__()
        self.network = network
        self.built = True
        if "WORLD_SIZE" in os.environ:
            # Not as an attribute of ours: Keras would take it for a layer.
            wrapped = torch.nn.parallel.DistributedDataParallel(network)
            self.forward_all = lambda x: wrapped(x)
        else:
            self.forward_all = network

    def call(self, x):
        return self.network(x)

    def train_step(self, data):
        x, y = data[:2]
        self.zero_grad()
        y_pred = self.forward_all(x)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        self.optimizer.scale_loss(loss).backward()
        variables = self.trainable_variables
        with torch.no_grad():
            self.optimizer.apply([v.value.grad for v in variables], variables)
        return self.compute_metrics(x, y, y_pred)

keras.utils.set_random_seed(1)
model = Parallel(trainings.dense())
trainings.compiled(model, optimizer=keras.optimizers.SGD(0.1))
x, y = (array[:144] for array in trainings.digits())
if "WORLD_SIZE" in os.environ:
    x, y = x[rank::2], y[rank::2]
    size = 8
else:
    size = 16
log = KerasViz("logs/" + sys.argv[1], probe=x[:2])
model.fit(x, y, batch_size=size, epochs=2, shuffle=False, verbose=0, callbacks=[log])
if "WORLD_SIZE" in os.environ:
    # A loop of one's own.
    with tb_kerasviz.Writer("logs/" + sys.argv[1] + "_loop") as writer:
        loss = keras.ops.mean(
            keras.losses.sparse_categorical_crossentropy(
                torch.from_numpy(y[:8]), model.forward_all(torch.from_numpy(x[:8]))
            )
        )
        model.zero_grad()
        loss.backward()
        grads = [v.value.grad for v in model.trainable_variables]
        writer.write_gradients(1, model, grads)
        writer.write_scalars(1, {"loss": loss})
    torch.distributed.destroy_process_group()
print("done", rank)
"""


@pytest.mark.only_on("torch")
def test_processes_of_distributed_data_parallel(
    tmp_path: pathlib.Path, run_script: RunScript
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
    run_script(PARALLEL, "one", environment={"RANK": "0"})
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        running = [
            pool.submit(run_script, PARALLEL, "two", environment={**shared, "RANK": r})
            for r in "01"
        ]
        assert [
            f"done {r}" in one.result().stdout for r, one in enumerate(running)
        ] == [
            True,
            True,
        ]
    # The first process writes, the other one nothing.
    for directory in (tmp_path / "logs").glob("two*/*"):
        assert len(list(directory.iterdir())) == 1, directory
    runs = tb_kerasviz.load(tmp_path / "logs")
    one, two = runs["one"].dynamics(), runs["two"].dynamics()
    assert runs["two"].status().notices == ()
    assert two.steps.tolist() == one.steps.tolist() == list(range(1, 19))
    for name in ("grad_norm_mean", "update_norm_mean", "weight_norm"):
        np.testing.assert_allclose(column(two, name), column(one, name), 1e-4, 1e-6)
    assert runs["two_loop"].dynamics().steps.tolist() == [1]
    assert runs["two_loop"].scalars("loss").steps.tolist() == [1]
