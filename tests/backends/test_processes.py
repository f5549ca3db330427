"""Trainings in several processes: one of them writes, and none waits for ever.

What takes long in one process, or what only one of them knows, must not let them
do different things where reading a model needs all of them.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import pathlib
import socket
from collections.abc import Mapping

import keras
import numpy as np
import pytest

import tb_kerasviz
from tests.backends import trainings
from tests.backends.conftest import RunScript
from tests.backends.reading import check_first_gradients, column, total


def free_ports(count: int) -> list[str]:
    """Ports of this machine that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [str(one.getsockname()[1]) for one in sockets]


def run_both(
    run_script: RunScript,
    code: str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """Runs a program as two processes, that know their `RANK`.

    Returns:
        What each printed; `done` and its rank among it.
    """
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        running = [
            pool.submit(
                run_script,
                code,
                *arguments,
                environment={**(environment or {}), "RANK": rank},
                # Two that compile and wait for each other, on a busy machine.
                timeout=600,
            )
            for rank in "01"
        ]
        printed = [str(one.result().stdout) for one in running]
    for rank, text in enumerate(printed):
        assert f"done {rank}" in text
    return printed


def check_one_writer(logs: pathlib.Path) -> None:
    """The first process wrote, the other one nothing."""
    directories = [one.parent for one in logs.rglob("*.tfevents.*")]
    assert directories
    assert len(directories) == len(set(directories)), directories


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

x, y = (array[:144] for array in trainings.digits())
if "WORLD_SIZE" in os.environ:
    x, y = x[rank::2], y[rank::2]
    size = 8
else:
    size = 16

def train(*callbacks):
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    model = Parallel(trainings.dense())
    trainings.compiled(model, optimizer=keras.optimizers.SGD(0.1))
    model.fit(
        x, y, size, epochs=2, shuffle=False, verbose=0, callbacks=list(callbacks)
    )
    return model

expected = train()
log = KerasViz("logs/" + sys.argv[1], probe=x[:2], gradient_histograms=True)
model = train(log)
for one, other in zip(expected.get_weights(), model.get_weights(), strict=True):
    assert one.tobytes() == other.tobytes()
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
    run_script(PARALLEL, "one", environment={"RANK": "0"})
    (port,) = free_ports(1)
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
    run_both(run_script, PARALLEL, "two", environment=shared)
    check_one_writer(tmp_path / "logs")
    runs = tb_kerasviz.load(tmp_path / "logs")
    one, two = runs["one"].dynamics(), runs["two"].dynamics()
    assert runs["two"].status().notices == ()
    assert two.steps.tolist() == one.steps.tolist() == list(range(1, 19))
    for name in ("grad_norm_mean", "update_norm_mean", "weight_norm"):
        np.testing.assert_allclose(column(two, name), column(one, name), 1e-4, 1e-6)
    check_first_gradients(runs["one"], runs["two"], alike=True)
    assert runs["two_loop"].dynamics().steps.tolist() == [1]
    assert runs["two_loop"].scalars("loss").steps.tolist() == [1]


JAX = """
import os
import sys
import time

import keras
import jax

rank = int(os.environ["RANK"])
keras.distribution.initialize("127.0.0.1:" + sys.argv[1], 2, rank)
assert jax.process_count() == 2
from tb_kerasviz import KerasViz, Writer
from tests.backends import trainings

x, y = (array[:144] for array in trainings.digits())

def choose(path):
    # Dear captures, and in one of the processes only.
    time.sleep(1.0 if rank == 0 else 0)
    return True

def train(name, distribution, x, y, size):
    keras.backend.clear_session()
    keras.distribution.set_distribution(distribution)
    keras.utils.set_random_seed(1)
    model = trainings.dense(optimizer=keras.optimizers.SGD(0.1), jit_compile=True)
    log = KerasViz("logs/" + name, probe=x[:2], layers=choose, max_overhead=0.01)
    model.fit(x, y, size, epochs=2, shuffle=False, verbose=0, callbacks=[log])
    return model

# Each has its half of every batch.
data = keras.distribution.DataParallel(auto_shard_dataset=False)
train("data", data, x[rank::2], y[rank::2], 8)

# Each has its half of the last layer.
devices = keras.distribution.list_devices()
layout = keras.distribution.LayoutMap(
    keras.distribution.DeviceMesh((1, 2), ["batch", "units"], devices)
)
layout[".*dense_1/kernel"] = (None, "units")
model = train(
    "model",
    keras.distribution.ModelParallel(
        layout_map=layout, batch_dim_name="batch", auto_shard_dataset=False
    ),
    x,
    y,
    16,
)
assert not model.layers[-1].kernel.value.is_fully_replicated

# A loop of one's own.
with Writer("logs/loop") as writer:
    writer.write_scalars(1, {"loss": 0.5})
    writer.write_weights(1, model)
    writer.write_activations(1, model, x[:2])
print("done", rank)
"""


@pytest.mark.slow
@pytest.mark.only_on("jax")
def test_processes_of_jax(tmp_path: pathlib.Path, run_script: RunScript) -> None:
    run_both(run_script, JAX, *free_ports(1))
    check_one_writer(tmp_path / "logs")
    keras.utils.set_random_seed(1)
    model = trainings.dense(optimizer=keras.optimizers.SGD(0.1), jit_compile=True)
    x, y = (array[:144] for array in trainings.digits())
    log = tb_kerasviz.KerasViz(tmp_path / "logs" / "alone", probe=x[:2])
    model.fit(x, y, 16, epochs=2, shuffle=False, verbose=0, callbacks=[log])
    runs = tb_kerasviz.load(tmp_path / "logs")
    alone = runs["alone"]
    for name in ("data", "model"):
        run = runs[name]
        assert run.status().notices == ()
        assert run.status().dropped == {}
        # Of both processes, or else they would wait for each other.
        assert run.steps("weights") == run.steps("activations") == [0, 9, 18]
        one, other = run.dynamics(), alone.dynamics()
        assert one.steps.tolist() == other.steps.tolist() == list(range(1, 19))
        for kind in ("grad_norm_mean", "update_norm_mean", "weight_norm"):
            np.testing.assert_allclose(
                column(one, kind), column(other, kind), 1e-3, 1e-5, err_msg=name
            )
        losses = [total(part.step_dynamics(), "loss_mean") for part in (run, alone)]
        np.testing.assert_allclose(losses[0], losses[1], 1e-3, err_msg=name)
        path = model.layers[-1].path
        np.testing.assert_allclose(
            run.activations(path, 18).maps,
            alone.activations(path, 18).maps,
            atol=1e-2,
        )
    assert runs["loop"].steps("weights") == runs["loop"].steps("activations") == [1]


WORKERS = """
import json
import os
import sys

rank = int(os.environ["RANK"])
workers = ["127.0.0.1:" + port for port in sys.argv[1:]]
os.environ["TF_CONFIG"] = json.dumps(
    {"cluster": {"worker": workers}, "task": {"type": "worker", "index": rank}}
)
import tensorflow as tf

# Before anything else of TensorFlow.
strategy = tf.distribute.MultiWorkerMirroredStrategy()
assert strategy.num_replicas_in_sync == len(workers)
import keras
from tb_kerasviz import KerasViz, Writer
from tests.backends import trainings

x, y = trainings.digits()

def train(*callbacks):
    with strategy.scope():
        keras.utils.set_random_seed(1)
        model = trainings.dense()
    try:
        model.fit(x, y, 16, epochs=2, verbose=0, callbacks=list(callbacks))
    except Exception as error:
        return type(error), str(error)
    return model.get_weights()

without, logged = train(), train(KerasViz("logs/fit", probe=x[:2]))
if len(workers) == 1:
    for one, other in zip(without, logged, strict=True):
        assert one.tobytes() == other.tobytes()
else:
    # Keras cannot do it, and that is all there is to say of it.
    assert without == logged
    assert "PerReplica" in without[1], without
for inside in (True, False):
    # A loop of one's own, which may write inside of the scope or outside of it.
    with Writer(f"logs/loop_{inside}") as writer:
        if inside:
            with strategy.scope():
                writer.write_scalars(1, {"loss": 0.5})
        else:
            writer.write_scalars(1, {"loss": 0.5})
print("done", rank)
"""


@pytest.mark.slow
@pytest.mark.only_on("tensorflow")
def test_workers_of_a_mirrored_strategy(
    tmp_path: pathlib.Path, run_script: RunScript
) -> None:
    run_both(run_script, WORKERS, *free_ports(2))
    check_one_writer(tmp_path / "logs")
    # Keras's `fit` fails before it begins.
    logs = tmp_path / "logs"
    assert sorted(one.name for one in logs.iterdir()) == ["loop_False", "loop_True"]


@pytest.mark.slow
@pytest.mark.only_on("tensorflow")
def test_one_worker_of_a_mirrored_strategy(
    tmp_path: pathlib.Path, run_script: RunScript
) -> None:
    run_script(WORKERS, *free_ports(1), environment={"RANK": "0"})
    run = tb_kerasviz.load(tmp_path / "logs")["fit"]
    assert run.status().notices == ()
    assert run.dynamics().steps.tolist() == list(range(1, 21))
    assert run.steps("activations") == run.steps("weights") == [0, 10, 20]
